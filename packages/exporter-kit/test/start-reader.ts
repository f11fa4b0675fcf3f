import { expect } from 'vitest';
import type { FrozenFamily } from '../src/collect/store/frozen.ts';

/** A row as it is read. */
export interface Row {
  /** A counter's number; a histogram's buckets and sum. */
  readonly numbers: readonly number[];
  readonly start: number | undefined;
}

/** Exposed rows by the values of their labels. */
export function rowsOf({ ids, vals, cells, starts, labelsOf }: FrozenFamily): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (let row = 0; row < ids.length; row++) {
    if (ids[row] === 0) continue;
    rows.set(labelsOf(row).join(), {
      numbers: [...vals.subarray(row * cells, (row + 1) * cells)],
      start: starts?.[row],
    });
  }
  return rows;
}

/** A reader that honours start timestamps: what it believes to have happened. */
export class Reader {
  readonly #last = new Map<string, Row>();
  #lastAt = 0;
  readonly sums = new Map<string, number[]>();

  read(rows: ReadonlyMap<string, Row>): void {
    for (const [key, row] of rows) {
      const before = this.#last.get(key);
      const sum = this.sums.get(key) ?? row.numbers.map(() => 0);
      const goesOn = before !== undefined && before.start === row.start;
      if (before !== undefined && !goesOn) expect(row.start).toBeGreaterThanOrEqual(this.#lastAt);
      this.sums.set(
        key,
        sum.map((part, i) => {
          const more = row.numbers[i]! - (goesOn ? before.numbers[i]! : 0);
          expect(more).toBeGreaterThanOrEqual(0);
          return part + more;
        }),
      );
      this.#last.set(key, row);
    }
    this.#lastAt = Date.now();
  }
}
