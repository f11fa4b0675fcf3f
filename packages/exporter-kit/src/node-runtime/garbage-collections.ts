import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import type { HistogramValue } from '../metric/metric.ts';
import { type GcKind, gcBuckets, gcKinds } from './gc-kinds.ts';

const kindOf = new Map<number, GcKind>([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  // With V8's flag --minor-ms; Node has no constant for it.
  [2, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

interface GcEntry extends PerformanceEntry {
  readonly detail: { readonly kind: number };
}

/** Garbage collections of this thread, counted since the start. */
export interface GcCounts {
  /** By kind, those of this very moment included. */
  read(): ReadonlyMap<GcKind, HistogramValue>;
  stop(): void;
}

/** Starts to count garbage collections; it does not keep the process alive. */
export function countGarbageCollections(): GcCounts {
  const counted = new Map(gcKinds.map((kind) => [kind, { counts: new Array(gcBuckets.length + 1).fill(0), sum: 0 }]));
  const add = (entries: readonly PerformanceEntry[]): void => {
    for (const { detail, duration } of entries as readonly GcEntry[]) {
      const one = counted.get(kindOf.get(detail.kind)!);
      if (one === undefined) continue;
      const seconds = duration / 1000;
      const bucket = gcBuckets.findIndex((bound) => seconds <= bound);
      one.counts[bucket === -1 ? gcBuckets.length : bucket] += 1;
      one.sum += seconds;
    }
  };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  return {
    read() {
      add(observer.takeRecords());
      return counted;
    },
    stop: () => observer.disconnect(),
  };
}
