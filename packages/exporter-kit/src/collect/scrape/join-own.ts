import type { Frozen } from '../store/store.ts';
import { KIT } from './self-metrics.ts';
import { joinParts, type Part, type SnapshotFamily } from './snapshot.ts';

/**
 * Joins what the kit writes about a run itself with the run's own parts. Where joining finds conflicts, `write` is called
 * again, so that their count is in the same answer. Release `selfMetrics`.
 */
export function joinWithOwn(
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
