/// <reference types="node" preserve="true" />
import type { Collector } from '../collector.ts';
import type { Context } from '../context.ts';
import type { ThreadLimits } from './collect.ts';

/** Which collector {@link inThread} runs, and the limits of its thread. */
export interface ThreadOptions extends ThreadLimits {
  /** Name of the export; default `default`. */
  readonly name?: string;
  /** Argument of an export that is a function returning the collector, called in both threads: plain values. */
  readonly data?: unknown;
}

/**
 * Runs a collector in a thread of its own: it can compute for seconds, loop forever, exit or crash, and only its own samples
 * are lost.
 *
 * The module is imported in the main thread too, for the collector's declaration; only `collect` runs in the thread, which
 * starts at the first run, is reused, and does not keep the process alive while idle. `signal`, `config` (plain values),
 * `log`, `unsupported()` and errors work as usual; samples are sent when the run has succeeded. A run that continues for
 * `graceMs` after its signal has aborted is terminated with its thread, and the next run gets a new one. All exporters that
 * share the collector share its thread. In TypeScript, name the compiled file.
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
 * @throws TypeError if the module does not export a collector with that name, or `data` is not plain; Error if the module
 * can't be loaded.
 */
export async function inThread(module: URL | string, options: ThreadOptions = {}): Promise<Collector> {
  const { name = 'default', data, ...limits } = options;
  if (!URL.canParse(String(module))) {
    throw new TypeError(
      `inThread: ${JSON.stringify(module)} is not a URL; write new URL(${JSON.stringify(module)}, import.meta.url).`,
    );
  }
  // Loaded on demand: most exporters have no threads.
  const { checkData, loadCollector } = await import('./module.ts');
  const { threadCollect } = await import('./collect.ts');
  checkData(data);
  const source = { href: new URL(module).href, name, data };
  const collector = await loadCollector(source);
  const collect = threadCollect(collector, source, limits);
  return { ...collector, collect: (writers: unknown, context: Context<unknown>) => collect(writers, context) };
}
