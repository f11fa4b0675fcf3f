import { getHeapStatistics, setFlagsFromString } from 'node:v8';

// Between two looks at how large the process is.
const LOOK_MS = 10_000;
// An exporter of one server is smaller. V8 collects it more often: 4 MB less for an eighth more CPU time. It does without
// baseline code, between bytecode and optimized code: 1 MB less for no CPU time that could be measured.
const TINY_BYTES = 32 * 2 ** 20;
// V8 lets the young generation of a busy process grow to three times 16 MiB or more.
const SMALL_BYTES = 64 * 2 ** 20;

/**
 * Keeps the memory of a small process small: the young generation does not grow, and the old one is collected when it has
 * grown by a fifth. Measured with postgres-exporter and redis-exporter, scraped back to back: 84 and 78 MB instead of 123 and
 * 158, for up to a half more CPU time a scrape.
 *
 * Ends for good as soon as more than 64 MiB are in use. Does nothing if the user has set such a flag of V8.
 */
export function keepHeapSmall(): void {
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (/semi[-_]space|optimize[-_]for[-_]size|heap[-_]growing/.test(given)) return;
  setGrowth(1, 20);
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--no-sparkplug');
  const looking = setInterval(() => {
    const { used_heap_size: used } = getHeapStatistics();
    if (used >= TINY_BYTES) {
      setFlagsFromString('--no-optimize-for-size');
      setFlagsFromString('--sparkplug');
    }
    if (used < SMALL_BYTES) return;
    setGrowth(2, 0); // V8's defaults
    clearInterval(looking);
  }, LOOK_MS).unref();
}

/**
 * @param young factor by which the young generation grows.
 * @param old by how many percent of what is live the old one grows until it is collected; 0 leaves that to V8.
 */
function setGrowth(young: number, old: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${young}`);
  setFlagsFromString(`--heap-growing-percent=${old}`);
}
