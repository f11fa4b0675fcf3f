/** Why a sample was dropped. */
export type DropReason =
  | 'duplicate'
  | 'invalid_value'
  | 'invalid_label'
  | 'missing_label'
  | 'extra_label'
  | 'long_label'
  | 'over_budget'
  | 'family_conflict'
  | 'late'
  /** Counted in the series "__overflow__" instead, because a live family has `maxSeries` others. */
  | 'folded'
  /** The count was kept, without its exemplar. */
  | 'invalid_exemplar'
  /** Told by another thread or process, but of other declarations, or not in the form that it should have. */
  | 'foreign'
  /** Only in OpenMetrics, which forbids the value. */
  | 'openmetrics';

/** Counts of dropped samples by reason, since the start. */
export interface Drops {
  /** Throw instead, so that a test fails where the mistake is. */
  readonly strict: boolean;
  counts: ReadonlyMap<DropReason, number>;
  /** The first dropped sample for each reason, for the log. */
  first: ReadonlyMap<DropReason, string>;
  /** Counts over several runs. */
  readonly total?: Drops;
  /** The first family that OpenMetrics has without its type, for the log: none of its samples is dropped. */
  untyped?: string;
}

// Of whoever has dropped nothing: with thousands of targets, two maps for each of their collectors take 8 kB a target.
const NONE = new Map<DropReason, never>();

/** New counts; drops are counted in `total` as well. */
export function countDrops(strict: boolean, total?: Drops): Drops {
  return { strict, counts: NONE, first: NONE, ...(total === undefined ? {} : { total }) };
}

/** Starts counting again. */
export function forgetDrops(drops: Drops): void {
  drops.counts = NONE;
  drops.first = NONE;
}

/** Counts a dropped sample, or throws. `detail` names the series and what to do. */
export function drop(drops: Drops, reason: DropReason, detail: () => string): void {
  // A late write is not a mistake in the function: its deadline was over.
  if (drops.strict && reason !== 'late') throw new TypeError(detail());
  countDropped(drops, reason, 1, detail);
}

/** Counts dropped samples. */
export function countDropped(drops: Drops, reason: DropReason, samples: number, detail: () => string): void {
  for (let at: Drops | undefined = drops; at !== undefined; at = at.total) {
    if (at.counts === NONE) {
      at.counts = new Map();
      at.first = new Map();
    }
    const [counts, first] = [at.counts, at.first] as [Map<DropReason, number>, Map<DropReason, string>];
    counts.set(reason, (counts.get(reason) ?? 0) + samples);
    if (!first.has(reason)) first.set(reason, drops.first.get(reason) ?? detail());
  }
}
