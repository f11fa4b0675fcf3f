import { getHeapSpaceStatistics, getHeapStatistics, type HeapInfo, type HeapSpaceInfo } from 'node:v8';
import { type Delays, startDelays, takeDelays } from './event-loop.ts';
import { countGarbageCollections, type GcCounts } from './garbage-collections.ts';
import { maxOpenFiles } from './procfs.ts';

/** What has to be started, or loaded, to observe a process. */
export interface Observers {
  /** In Unix time. */
  readonly startTime: number;
  readonly maxFiles: number | undefined;
  readonly garbage: GcCounts;
  /** Event loop delays since the previous call; `undefined` before the first one has been measured. */
  takeDelays(): Delays | undefined;
  heap(): HeapInfo;
  heapSpaces(): HeapSpaceInfo[];
}

/** Starts to observe this process. Ends when what it returns is no longer referenced. */
export function startObservers(): Observers {
  const delays = startDelays();
  const garbage = countGarbageCollections();
  const observers: Observers = {
    startTime: Math.round(Date.now() / 1000 - process.uptime()),
    maxFiles: maxOpenFiles(),
    garbage,
    takeDelays: () => takeDelays(delays),
    heap: getHeapStatistics,
    heapSpaces: getHeapSpaceStatistics,
  };
  unreferenced.register(observers, () => {
    delays.disable();
    garbage.stop();
  });
  return observers;
}

// Node keeps running observers alive, and nobody says that a collector is no longer used.
const unreferenced = new FinalizationRegistry<() => void>((stop) => stop());
