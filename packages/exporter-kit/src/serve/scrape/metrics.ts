import type { Gatherer } from '../../collect/scrape/gather.ts';
import type { Outcome } from '../../collect/scrape/runner.ts';
import { hasFailed } from '../../collect/scrape/verdict.ts';
import { acceptsGzip, negotiate } from '../../encode/negotiate.ts';
import { isError } from '../../errors/thrown.ts';
import { deadlineOf, type Patience } from '../answer/deadline.ts';
import { type Answer, type Asked, plain } from '../answer/http-message.ts';
import { type Compression, renderer } from '../answer/render.ts';
import { bursts } from './bursts.ts';
import { readSelection, SelectionError } from './selection.ts';
import { slots } from './slots.ts';

/** How scrapes are answered. */
export interface MetricsOptions extends Patience, Compression {
  /**
   * `partial` (the default): what succeeded is served, and the verdict families tell the rest. `strict`: one failure fails
   * the scrape, but for those of collectors marked `optional`. Either way, a scrape of which nothing succeeded is a 500,
   * unless all of it is optional.
   */
  readonly policy?: 'partial' | 'strict';
  /**
   * The most rounds of collection at the same time; default 40, 0 for no limit. Who would start one more gets a 503. Scrapes
   * that select the same share a round.
   */
  readonly maxRequests?: number;
}

/** Makes the function that answers scrapes: of what they select, until their deadline, as they accept it. */
export function metricsHandler(gatherer: Gatherer, options: MetricsOptions = {}): (asked: Asked) => Promise<Answer> {
  const { policy = 'partial', maxRequests = 40 } = options;
  const render = renderer(options);
  const together = bursts();
  const gathering = slots(maxRequests);

  return async (asked) => {
    let leave: (() => void) | undefined;
    try {
      const deadline = deadlineOf(asked.header('x-prometheus-scrape-timeout-seconds'), performance.now(), options);
      const selection = readSelection(asked.query, gatherer);
      // Held while it gathers, not while its reader reads.
      leave = gathering.enter(selection);
      if (leave === undefined)
        return plain(503, 'too many scrapes are under way; try again in a second\n', { 'retry-after': '1' });
      await together();
      const { snapshot, outcomes } = await gatherer.gather({ deadline, signal: asked.signal, ...selection });
      const failure = failureOf(outcomes, policy);
      if (failure !== undefined) {
        snapshot.release();
        return plain(500, failure);
      }
      const zip = acceptsGzip(asked.header('accept-encoding'));
      return await render(snapshot, negotiate(asked.header('accept')), zip, asked.signal);
    } catch (error) {
      if (isError(error) && error instanceof SelectionError) return plain(400, `${error.message}\n`);
      throw error;
    } finally {
      leave?.();
    }
  };
}

/** Why a scrape is no answer, naming collectors and no more: reasons go to the log. */
function failureOf(outcomes: readonly Outcome[], policy: MetricsOptions['policy']): string | undefined {
  const failed = outcomes.filter(hasFailed);
  if (failed.length === 0) return undefined;
  const judged = outcomes.filter(({ collector }) => !collector.auxiliary);
  const allFailed = judged.every(hasFailed) && judged.some(({ collector }) => !collector.optional);
  const counted = allFailed ? failed : failed.filter(({ collector }) => !collector.optional);
  if (!allFailed && (policy === 'partial' || counted.length === 0)) return undefined;
  return `collectors failed: ${counted.map(({ collector }) => collector.name).join(', ')}; the log says why\n`;
}
