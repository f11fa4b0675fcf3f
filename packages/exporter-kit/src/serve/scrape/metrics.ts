import { setImmediate } from 'node:timers/promises';
import { type Gatherer, selectionKey } from '../../collect/scrape/gather.ts';
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
   * policy, unless all its collectors are optional.
   */
  readonly policy?: 'partial' | 'strict';
  /**
   * Maximum concurrent collection rounds; identical scrapes share one. Default 40, 0 for no limit. Scrapes beyond it are
   * answered with 503.
   */
  readonly maxRequests?: number;
}

// Each waiting scrape costs a connection and a few kilobytes.
const MAX_WAITING = 1000;

/** Handles `GET /metrics`: selection, deadline, limit, collection, then the format and encoding the client accepts. */
export function metricsHandler(
  gatherer: Gatherer,
  options: MetricsOptions = {},
): (request: HttpRequest) => Promise<HttpResponse> {
  const { policy = 'partial', maxRequests = 40 } = options;
  const render = snapshotResponder(options);
  const enter = limiter(maxRequests > 0 ? { keys: maxRequests, total: MAX_WAITING } : {});
  const endOfBurst = bursts();

  return async (request) => {
    const { query, signal } = request;
    const deadline = deadlineOf(request.header('x-prometheus-scrape-timeout-seconds'), performance.now(), options);
    try {
      const selection = readSelection(query, gatherer);
      const key = selectionKey(selection);
      // Held while collecting, not while the client reads.
      const leave = enter(key);
      if (typeof leave === 'string') {
        return textResponse(503, 'too many concurrent scrapes; try again in a second\n', { 'retry-after': '1' });
      }
      try {
        await endOfBurst();
        const { snapshot, outcomes } = await gatherer.gather({ deadline, signal, key, ...selection });
        const failure = failureOf(outcomes, policy);
        if (failure !== undefined) {
          snapshot.release();
          return textResponse(500, failure);
        }
        const gzip = acceptsGzip(request.header('accept-encoding'));
        return await render(snapshot, negotiate(request.header('accept')), gzip, signal);
      } finally {
        leave();
      }
    } catch (error) {
      if (isError(error) && error instanceof SelectionError) return textResponse(400, `${error.message}\n`);
      throw error;
    }
  };
}

const MAX_BURST_MS = 100;

/**
 * Returns a function that waits until a burst of requests is over, that is until the event loop brings no more of them.
 * Node accepts one connection a turn, so that otherwise, with collectors that wait for nothing, no two would share a round.
 */
function bursts(): () => Promise<void> {
  let arrived = 0;
  let over: Promise<void> | undefined;

  async function quiet(): Promise<void> {
    const latest = performance.now() + MAX_BURST_MS;
    // This only ends the current turn.
    await setImmediate();
    for (let seen = 0; seen < arrived && performance.now() < latest; ) {
      seen = arrived;
      await setImmediate();
    }
    over = undefined;
    arrived = 0;
  }

  return () => {
    arrived++;
    over ??= quiet();
    return over;
  };
}

/** Why the scrape fails, naming collectors only; the reasons are in the log. */
function failureOf(outcomes: readonly Outcome[], policy: MetricsOptions['policy']): string | undefined {
  const failed = outcomes.filter(hasFailed);
  if (failed.length === 0) return undefined;
  const judged = outcomes.filter(({ collector }) => !collector.auxiliary);
  const allFailed = judged.every(hasFailed) && judged.some(({ collector }) => !collector.optional);
  const counted = allFailed ? failed : failed.filter(({ collector }) => !collector.optional);
  if (!allFailed && (policy === 'partial' || counted.length === 0)) return undefined;
  return `collectors failed: ${counted.map(({ collector }) => collector.name).join(', ')}; see the log\n`;
}
