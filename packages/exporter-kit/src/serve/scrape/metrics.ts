import type { Gatherer } from '../../collect/scrape/gather.ts';
import { TooManyScrapes } from '../../collect/scrape/rounds.ts';
import type { Outcome } from '../../collect/scrape/runner.ts';
import { hasFailed } from '../../collect/scrape/verdict.ts';
import { acceptsGzip, negotiate } from '../../encode/negotiate.ts';
import { isError } from '../../errors/thrown.ts';
import { deadlineOf, type ScrapeTimeouts } from '../answer/deadline.ts';
import { type HttpRequest, type HttpResponse, textResponse } from '../answer/http-message.ts';
import { type Compression, snapshotResponder } from '../answer/render.ts';
import { readSelection, SelectionError } from './selection.ts';

/** How scrapes are answered. */
export interface MetricsOptions extends ScrapeTimeouts, Compression {
  /**
   * `partial` (the default) serves what succeeded; the verdict families report the rest. `strict` fails the scrape if any
   * collector fails, except those marked `optional`. If nothing succeeded, a scrape is answered with 500 under either
   * policy, unless all its collectors are optional.
   */
  readonly policy?: 'partial' | 'strict';
  /**
   * Maximum concurrent collection rounds; identical scrapes share one. Default 40, 0 for no limit. Scrapes beyond it are
   * answered with 503.
   */
  readonly maxRequests?: number;
}

/** Handles `GET /metrics`: selection, deadline, collection, then the format and encoding the client accepts. */
export function metricsHandler(
  gatherer: Gatherer,
  options: MetricsOptions = {},
): (request: HttpRequest) => Promise<HttpResponse> {
  const { policy = 'partial', maxRequests = 40 } = options;
  const render = snapshotResponder(options);
  const limit = maxRequests > 0 ? { maxRounds: maxRequests } : {};

  return async (request) => {
    const { query, signal } = request;
    const deadline = deadlineOf(request.header('x-prometheus-scrape-timeout-seconds'), performance.now(), options);
    try {
      const selection = readSelection(query, gatherer);
      const { snapshot, outcomes, asked } = await gatherer.gather({ deadline, signal, ...limit, ...selection });
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
