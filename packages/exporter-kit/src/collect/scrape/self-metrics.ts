import { countDrops } from '../store/drops.ts';
import { type Frozen, Store } from '../store/store.ts';
import type { Metrics, Writers } from '../writers.ts';
import { joinParts, type Part } from './join.ts';
import type { SnapshotFamily } from './snapshot.ts';

/** Families that the kit writes about itself, once per response. */
export interface SelfMetrics<Facts> {
  readonly metrics: Metrics;
  /** Writes all of them. The caller releases the result. */
  write(facts: Facts): Frozen;
}

/** Declares such families, and the function that fills them. */
export function selfMetrics<const M extends Metrics, Facts>(
  metrics: M,
  fill: (writers: Writers<M>, facts: Facts) => void,
): SelfMetrics<Facts> {
  // Made at the first write: documents need the declarations alone.
  let store: Store | undefined;
  return {
    metrics,
    write(facts) {
      store ??= new Store({ title: KIT, metrics }, countDrops(true));
      fill(store.begin() as unknown as Writers<M>, facts);
      return store.freeze();
    },
  };
}

/** Several that are released at once. */
export function together(all: readonly Frozen[]): Frozen {
  return {
    columns: all.flatMap(({ columns }) => columns),
    hold() {
      for (const one of all) one.hold();
    },
    release() {
      for (const one of all) one.release();
    },
  };
}

/**
 * Joins what the kit writes about a run itself with the run's own parts. Where joining finds conflicts, `write` is called
 * again, so that their count is in the same answer. Release `selfMetrics`.
 */
export function joinSelfMetrics(
  write: () => Frozen,
  parts: readonly Part[],
  join: (parts: readonly Part[]) => SnapshotFamily[] = joinParts,
): { readonly families: SnapshotFamily[]; readonly selfMetrics: Frozen } {
  let conflicts = 0;
  const first = write();
  const told = parts.map((part) => ({
    ...part,
    conflict(series: number, detail: string): void {
      conflicts++;
      part.conflict(series, detail);
    },
  }));
  const families = join([itself(first), ...told]);
  if (conflicts === 0) return { families, selfMetrics: first };
  first.release();
  const again = write();
  return { families: join([itself(again), ...parts.map((part) => ({ ...part, conflict() {} }))]), selfMetrics: again };
}

const itself = ({ columns }: Frozen): Part => ({ title: KIT, columns, conflict() {} });

/** How messages name what the kit itself writes. */
export const KIT = 'the kit itself';
