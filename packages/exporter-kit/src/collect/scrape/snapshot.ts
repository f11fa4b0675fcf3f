import type { Escaping } from '../../metric/escape.ts';
import type { Metric } from '../../metric/metric.ts';
import type { FrozenColumn } from '../store/column.ts';

/** One family, ready to be encoded: what it is, and who wrote series of it. */
export interface SnapshotFamily {
  readonly metric: Metric;
  readonly columns: readonly FrozenColumn[];
  /** Under which escapings OpenMetrics can't have its type; see {@link untypedOf}. */
  readonly untyped: readonly Escaping[];
}

/**
 * All families of one run or scrape, by name. Read it with `samplesOf`, `encodeText` or `encodeOpenMetrics`, and only
 * while you hold it: whoever is given one holds it until its call returns.
 */
export interface Snapshot {
  /** Adds a holder. */
  hold(): void;
  /** To be called once for each holder. */
  release(): void;
}

interface Readable extends Snapshot {
  readonly families: readonly SnapshotFamily[];
}

/** A snapshot with one holder; `released` is called once its last holder has released it. */
export function snapshotOf(families: readonly SnapshotFamily[], released: () => void = () => {}): Snapshot {
  let holders = 1;
  const snapshot: Readable = {
    families,
    hold() {
      holders++;
    },
    release() {
      if (--holders === 0) released();
    },
  };
  return snapshot;
}

/** The families of a snapshot, with their columns: for encoders alone. */
export function familiesOf(snapshot: Snapshot): readonly SnapshotFamily[] {
  return (snapshot as Readable).families;
}
