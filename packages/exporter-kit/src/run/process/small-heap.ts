import { getHeapStatistics, setFlagsFromString } from 'node:v8';

// Between two looks at how large and busy the process is.
const LOOK_MS = 10_000;
// V8 lets the young generation of a busy process grow to three times 16 MiB or more.
const SMALL_BYTES = 64 * 2 ** 20;
const BUSY = 0.5;

/**
 * Keeps the memory of a small process small: the young generation does not grow, and the old one is collected when it has
 * grown by a tenth. While the event loop is busy for less than half of the time, V8 also favours size over speed: what it has
 * compiled and learnt is dropped early, which costs little CPU time where there is little to do, and up to half where there
 * is much.
 *
 * Ends for good as soon as more than 64 MiB are in use. Does nothing if the user has set such a flag of V8.
 */
export function keepHeapSmall(): void {
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (/semi[-_]space|optimize[-_]for[-_]size|heap[-_]growing/.test(given)) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=10');
  setFlagsFromString('--optimize-for-size');
  let last = performance.eventLoopUtilization();
  const looking = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(last);
    last = performance.eventLoopUtilization();
    const isSmall = getHeapStatistics().used_heap_size < SMALL_BYTES;
    setFlagsFromString(isSmall && utilization < BUSY ? '--optimize-for-size' : '--no-optimize-for-size');
    if (isSmall) return;
    // V8's defaults.
    setFlagsFromString('--semi-space-growth-factor=2');
    setFlagsFromString('--heap-growing-percent=0');
    clearInterval(looking);
  }, LOOK_MS).unref();
}
