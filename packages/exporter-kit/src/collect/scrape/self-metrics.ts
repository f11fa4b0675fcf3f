import { countDrops } from '../store/drops.ts';
import { Store, type StoreSnapshot } from '../store/store.ts';
import type { Metrics, Writers } from '../writers.ts';
import { joinParts, type Part } from './join.ts';
import type { SnapshotFamily } from './snapshot.ts';

/** Families about the exporter itself, written for each response. */
export interface SelfMetrics<Facts> {
  readonly metrics: Metrics;
  /** Writes all of them. The caller releases the result. */
  write(facts: Facts): StoreSnapshot;
}

/** Declares families about the exporter itself, with the function that writes them. */
export function selfMetrics<const M extends Metrics, Facts>(
  metrics: M,
  fill: (writers: Writers<M>, facts: Facts) => void,
): SelfMetrics<Facts> {
  // Created at the first write: documents need only the declarations.
  let store: Store | undefined;
  return {
    metrics,
    write(facts) {
      store ??= new Store({ title: KIT, metrics }, countDrops(true));
      fill(store.begin() as unknown as Writers<M>, facts);
      return store.snapshot();
    },
  };
}

/** Several results as one, held and released together. */
export function together(all: readonly StoreSnapshot[]): StoreSnapshot {
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
 * Joins a run's parts with the families about it. If parts are in conflict, `write` is called again, so that the same
 * response counts the dropped samples. Release `selfMetrics`.
 */
export function joinSelfMetrics(
  write: () => StoreSnapshot,
  parts: readonly Part[],
  join: (parts: readonly Part[]) => SnapshotFamily[] = joinParts,
): { readonly families: SnapshotFamily[]; readonly selfMetrics: StoreSnapshot } {
  let conflicts = 0;
  const first = write();
  const counted = parts.map((part) => ({
    ...part,
    conflict(series: number, detail: string): void {
      conflicts++;
      part.conflict(series, detail);
    },
  }));
  const families = join([itself(first), ...counted]);
  if (conflicts === 0) return { families, selfMetrics: first };
  first.release();
  const again = write();
  return { families: join([itself(again), ...parts.map((part) => ({ ...part, conflict() {} }))]), selfMetrics: again };
}

const itself = ({ columns }: StoreSnapshot): Part => ({ title: KIT, columns, trusted: true, conflict() {} });

/** Names the origin of the kit's own families in messages. */
export const KIT = 'the kit itself';
