import type { LiveFamily } from './family.ts';
import { SET } from './gauges.ts';
import type { GivenLabels } from './rows/spellings.ts';

// With a prototype, so that a loop over labels stays fast.
const none: GivenLabels = Object.freeze({});

/** A stateset's instrument; without labels, `set` has the state alone. */
export class States {
  readonly #family: LiveFamily;

  constructor(family: LiveFamily) {
    this.#family = family;
  }

  set(...args: readonly unknown[]): void {
    const { metric, rows, cells, refused } = this.#family;
    const labels = args.length > 1 ? (args[0] as GivenLabels) : none;
    const state = metric.states.indexOf(args.at(-1) as string);
    if (state < 0) {
      const why = `set takes one of its states ${metric.states.join(', ')}.`;
      refused.sample(labels as never, 'invalid_value', why);
      return;
    }
    const row = rows.find(labels);
    if (row < 0) return;
    cells.chunks[row >> 6]![row & 63] = state;
    this.#family.touched[row] = SET;
  }

  remove(labels: GivenLabels): void {
    this.#family.remove(labels);
  }
}

/** An info's instrument. */
export class Infos {
  readonly #family: LiveFamily;

  constructor(family: LiveFamily) {
    this.#family = family;
  }

  set(labels: GivenLabels = none): void {
    const family = this.#family;
    const row = family.rows.find(labels);
    if (row < 0) return;
    family.cells.chunks[row >> 6]![row & 63] = 1;
    family.touched[row] = SET;
  }

  remove(labels: GivenLabels): void {
    this.#family.remove(labels);
  }
}
