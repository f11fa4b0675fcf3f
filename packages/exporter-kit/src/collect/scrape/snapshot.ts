import type { Escaping } from '../../metric/escape.ts';
import type { Metric } from '../../metric/metric.ts';
import type { SnapshotColumn } from '../store/snapshot-column.ts';

/** One family, ready to be encoded. */
export interface SnapshotFamily {
  readonly metric: Metric;
  readonly columns: readonly SnapshotColumn[];
  /** Escapings under which it has no type in OpenMetrics; see `untypedInOpenMetrics`. */
  readonly untyped: readonly Escaping[];
}

/**
 * All families of one run or scrape, sorted by name. Read it with `samplesOf`, `encodeText` or `encodeOpenMetrics`, and only
 * while you hold it: a function that gets one holds it until it returns.
 */
export interface Snapshot {
  /** Adds a holder. */
  hold(): void;
  /** Removes a holder; to be called once for each. */
  release(): void;
}

interface Readable extends Snapshot {
  readonly families: readonly SnapshotFamily[];
}

/** A snapshot with one holder; `released` is called once the last holder has released it. */
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

/** A snapshot's families with their columns, for encoders. */
export function familiesOf(snapshot: Snapshot): readonly SnapshotFamily[] {
  return (snapshot as Readable).families;
}
