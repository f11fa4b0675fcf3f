/** Why a sample was not taken. */
export type DropReason =
  | 'duplicate'
  | 'invalid_value'
  | 'invalid_label'
  | 'missing_label'
  | 'extra_label'
  | 'long_label'
  | 'over_budget'
  | 'family_conflict'
  | 'late';

/** Counts what was dropped, by reason, since the start; under test a drop throws instead, so that it is seen where it happens. */
export interface Drops {
  readonly strict: boolean;
  readonly counts: Map<DropReason, number>;
  /** What was first dropped for each reason, for the log. */
  readonly first: Map<DropReason, string>;
  /** Counts the same, over several runs. */
  readonly total?: Drops;
}

/** Starts counting; what is dropped is counted in `total` as well. */
export function countDrops(strict: boolean, total?: Drops): Drops {
  return { strict, counts: new Map(), first: new Map(), ...(total === undefined ? {} : { total }) };
}

/** Counts one drop, or throws it. `detail` names the series and what to do. */
export function drop(drops: Drops, reason: DropReason, detail: () => string): void {
  // A late write is no mistake of the function's: its time was up.
  if (drops.strict && reason !== 'late') throw new TypeError(detail());
  for (let at: Drops | undefined = drops; at !== undefined; at = at.total) {
    at.counts.set(reason, (at.counts.get(reason) ?? 0) + 1);
    if (!at.first.has(reason)) at.first.set(reason, drops.first.get(reason) ?? detail());
  }
}
