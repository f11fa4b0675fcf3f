import type { Gathered, Gatherer, Scrape } from '../../collect/scrape/gather.ts';
import { TooManyScrapes } from '../../collect/scrape/rounds.ts';
import type { Outcome } from '../../collect/scrape/runner.ts';
import { hasFailed } from '../../collect/scrape/verdict.ts';
import { acceptsGzip, negotiate } from '../../encode/negotiate.ts';
import { isError } from '../../errors/thrown.ts';
import { deadlineOf, type ScrapeTimeouts } from '../answer/deadline.ts';
import { type HttpRequest, type HttpResponse, textResponse } from '../answer/http-message.ts';
import { limiter } from '../answer/limiter.ts';
import { type Compression, snapshotResponder } from '../answer/render.ts';
import { readSelection, SelectionError } from './selection.ts';

/** How scrapes are answered. */
export interface MetricsOptions extends ScrapeTimeouts, Compression {
  /**
   * `partial` (the default) serves what succeeded; the verdict families report the rest. `strict` fails the scrape if any
   * collector fails, except those marked `optional`. If nothing succeeded, a scrape is answered with 500 under either
   * policy, unless all its collectors are optional. A source that is down fails no scrape: its `up` is 0.
   */
  readonly policy?: 'partial' | 'strict';
  /**
   * Maximum concurrent collection rounds; identical scrapes share one. Default 40, 0 for no limit. Scrapes beyond it are
   * answered with 503. Scrapes of single targets (`target[]`) count as probes instead.
   */
  readonly maxRequests?: number;
  /** Maximum concurrent scrapes of single targets; default 200, 0 for no limit. Others wait, for half of their timeout. */
  readonly maxProbes?: number;
}

/** Handles `GET /metrics`: selection, deadline, collection, then the format and encoding the client accepts. */
export function metricsHandler(
  gatherer: Gatherer,
  options: MetricsOptions = {},
): (request: HttpRequest) => Promise<HttpResponse> {
  const { policy = 'partial', maxRequests = 40, maxProbes = 200 } = options;
  const render = snapshotResponder(options);
  const limit = maxRequests > 0 ? { maxRounds: maxRequests } : {};
  const enter = limiter({ total: maxProbes });

  async function gather(scrape: Scrape & { readonly signal: AbortSignal }): Promise<Gathered> {
    const { targets, deadline, signal } = scrape;
    if (targets === undefined) return gatherer.gather({ ...scrape, ...limit });
    // A scrape that starts later would be short of time, and blame the target.
    const leave = await enter({ key: '', until: (performance.now() + deadline) / 2, signal });
    if (typeof leave === 'string') throw new TooManyScrapes();
    try {
      return await gatherer.gather(scrape);
    } finally {
      leave();
    }
  }

  return async (request) => {
    const { query, signal } = request;
    const deadline = deadlineOf(request.header('x-prometheus-scrape-timeout-seconds'), performance.now(), options);
    try {
      const { snapshot, outcomes, asked } = await gather({ deadline, signal, ...readSelection(query, gatherer) });
      const failure = failureOf(outcomes, policy, asked.length > 0);
      if (failure !== undefined) {
        snapshot.release();
        return textResponse(500, failure);
      }
      const gzip = acceptsGzip(request.header('accept-encoding'));
      return await render(snapshot, negotiate(request.header('accept')), gzip, signal);
    } catch (error) {
      if (!isError(error)) throw error;
      if (error instanceof SelectionError) return textResponse(400, `${error.message}\n`);
      if (error instanceof TooManyScrapes) return textResponse(503, `${error.message}\n`, { 'retry-after': '1' });
      throw error;
    }
  };
}

/**
 * Why the scrape fails, naming collectors only; the reasons are in the log. A source that is down fails no scrape, and an
 * answer that says whether sources are up is worth serving.
 */
function failureOf(
  outcomes: readonly Outcome[],
  policy: MetricsOptions['policy'],
  hasSources: boolean,
): string | undefined {
  const failed = outcomes.filter((one) => hasFailed(one) && one.status !== 'down');
  if (failed.length === 0) return undefined;
  const judged = outcomes.filter(({ collector }) => !collector.auxiliary);
  const allFailed = !hasSources && judged.every(hasFailed) && judged.some(({ collector }) => !collector.optional);
  const counted = allFailed ? failed : failed.filter(({ collector }) => !collector.optional);
  if (!allFailed && (policy === 'partial' || counted.length === 0)) return undefined;
  return `collectors failed: ${counted.map(({ collector }) => collector.name).join(', ')}; see the log\n`;
}
