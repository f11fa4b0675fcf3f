import type { Collector } from '../collect/collector.ts';
import { type Logger, silent } from '../collect/context.ts';
import { runner } from '../collect/scrape/runner.ts';
import { isError } from '../errors/thrown.ts';
import { readBack, type Scraped } from './read-back.ts';

/** How {@link scrape} runs a collector. */
export interface ScrapeOptions {
  /** Given to the collector's `config.parse()`; default `{}`. */
  readonly config?: unknown;
  /** When `signal` aborts; default 5000. */
  readonly timeoutMs?: number;
  readonly log?: Logger;
}

/**
 * Runs a collector once, as a scrape would, and reads back what it wrote. What a scrape would drop and count (a series
 * twice, a wrong label) throws here, at the call that wrote it.
 *
 * @example
 * const { value } = await scrape(queues(fakeBroker));
 * expect(value('queue_depth', { queue: 'a' })).toBe(3);
 * @throws what the collector throws; Error when it overruns `timeoutMs` or ends with `unsupported()`, named so.
 */
export async function scrape(collector: Collector, options: ScrapeOptions = {}): Promise<Scraped> {
  const { config = {}, timeoutMs = 5000, log = silent } = options;
  const live = runner(collector, collector.config?.parse(config), { log, strict: true });
  const outcome = await live.join(performance.now() + timeoutMs).done;
  const { samples, error, reason } = outcome;
  if (samples === undefined) {
    // What is no Error is told of: a promise that was thrown could not even be caught with `.catch()`.
    throw isError(error) ? error : new Error(`collector ${collector.name}: ${reason}`, { cause: error });
  }
  return readBack(samples, `collector ${collector.name}`);
}
