import type { Collector } from '../collector.ts';
import type { Context } from '../context.ts';
import type { ThreadLimits } from './collect.ts';

/** How {@link inThread} finds a collector, and what its thread may take. */
export interface ThreadOptions extends ThreadLimits {
  /** Of the export; default `default`. */
  readonly name?: string;
  /** Given to the export when it is a function that makes the collector, in the thread and here: plain values. */
  readonly data?: unknown;
}

/**
 * Runs a collector in a thread of its own: it may compute for seconds, loop for ever, exit or crash, and that costs nothing
 * but its own samples.
 *
 * The module is imported here too, for what the collector declares; only its `collect` runs in the thread, which starts at
 * the first run, stays for the next ones, and keeps no process alive while it is idle. `signal`, `config` (plain values),
 * `log`, `unsupported()` and errors work as they do elsewhere; samples are handed over when the run has succeeded. A run
 * that goes on for `graceMs` after its signal has aborted is ended with its thread, and the next run gets a new one. All
 * exporters that share the collector share its thread. In TypeScript, name the compiled file.
 *
 * @example
 * // heavy.js
 * import { collector, gauge } from 'exporter-kit';
 *
 * export default collector({
 *   name: 'primes',
 *   metrics: { primes: gauge({ name: 'primes_found', help: 'Primes below a million.' }) },
 *   collect({ primes }) {
 *     let found = 0;
 *     for (let n = 2, d; n < 1e6; n++) {
 *       for (d = 2; d * d <= n && n % d !== 0; d++);
 *       if (d * d > n) found++;
 *     }
 *     primes.set(found);
 *   },
 * });
 * // main.js
 * import { exporter, run } from 'exporter-kit';
 * import { inThread } from 'exporter-kit/thread';
 *
 * const heavy = await inThread(new URL('./heavy.js', import.meta.url));
 * await run(exporter({ name: 'primes_exporter', collectors: [heavy] }), { port: 9418 });
 * @throws TypeError when the module has no collector under that name, or `data` holds more than plain values; Error when
 * it can't be loaded.
 */
export async function inThread(module: URL | string, options: ThreadOptions = {}): Promise<Collector> {
  const { name = 'default', data, ...limits } = options;
  if (!URL.canParse(String(module))) {
    throw new TypeError(
      `inThread: ${JSON.stringify(module)} is not a URL; write new URL(${JSON.stringify(module)}, import.meta.url).`,
    );
  }
  // Loaded when used: most exporters have no threads.
  const { checkData, loadCollector } = await import('./module.ts');
  const { threadCollect } = await import('./collect.ts');
  checkData(data);
  const source = { href: new URL(module).href, name, data };
  const collector = await loadCollector(source);
  const collect = threadCollect(collector, source, limits);
  return { ...collector, collect: (writers: unknown, context: Context<unknown>) => collect(writers, context) };
}
