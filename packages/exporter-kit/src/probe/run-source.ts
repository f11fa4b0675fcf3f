import type { Logger } from '../collect/context.ts';
import { blockedDestination, type Guard, isBlockedDestination, placeOfTarget } from '../collect/destination.ts';
import type { Gathered } from '../collect/scrape/gather.ts';
import { clientOf } from '../collect/scrape/rounds.ts';
import { hasFailed } from '../collect/scrape/self-metrics.ts';
import { snapshotOf } from '../collect/scrape/snapshot.ts';
import { messageOf } from '../errors/thrown.ts';
import type { SourceModule } from './modules.ts';
import type { OpenTargets } from './open-targets.ts';
import type { ProbeResult } from './probe-result.ts';
import type { ProbedSettings } from './source-target.ts';

/** Parameters of one probe of a source. */
export interface SourceRun {
  /** As the request names it. */
  readonly target: string;
  readonly settings: ProbedSettings;
  readonly guard: Guard;
  /** Whether only targets whose host is known may be probed. */
  readonly onlyKnown: boolean;
  readonly log: Logger;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Aborts when the client disconnects. */
  readonly gone: AbortSignal;
}

type Found = Omit<ProbeResult, 'dropped' | 'over'>;

/**
 * Runs a module's collectors for one target.
 *
 * @throws the reason of `gone`.
 */
export async function runSource(targets: OpenTargets, module: SourceModule, run: SourceRun): Promise<Found> {
  const { settings, guard, log, deadline, gone } = run;
  const started = performance.now();
  const refused = (error: unknown): Found => ({
    status: 'refused',
    durationMs: performance.now() - started,
    reason: messageOf(error),
    snapshot: snapshotOf([]),
  });
  try {
    await judge(run);
  } catch (error) {
    return refused(error);
  }
  gone.throwIfAborted();
  const target = targets.use(module, settings, guard, log);
  try {
    const gathered = await target.gatherer.gather({ deadline, client: clientOf(gone) });
    const error = target.begun ? undefined : blockedBy(gathered);
    if (error !== undefined) {
      gathered.snapshot.release();
      return refused(error);
    }
    const reason = failureOf(gathered);
    const durationMs = performance.now() - started;
    return {
      status: reason === undefined ? 'ok' : 'failed',
      durationMs,
      ...(reason && { reason }),
      snapshot: gathered.snapshot,
    };
  } finally {
    target.release();
  }
}

/** Judges the target before anything is sent; what it resolves to later is judged again. */
async function judge({ target, guard, onlyKnown, deadline, gone }: SourceRun): Promise<void> {
  const place = placeOfTarget(target);
  if (place === undefined) {
    if (onlyKnown) throw blockedDestination('its host is not known, so no rule allows it');
    return;
  }
  const late = new AbortController();
  const stop = (): void => late.abort();
  const timer = setTimeout(stop, Math.max(0, deadline - performance.now()));
  gone.addEventListener('abort', stop);
  try {
    await guard(late.signal).judge(place);
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', stop);
  }
}

/** Why the target could not be opened, if it leads where it may not. A client that is open has been let through. */
function blockedBy({ answers: [one] }: Gathered): unknown {
  if (one === undefined || one.answer.up || !isBlockedDestination(one.answer.error)) return undefined;
  return one.answer.stage === 'open' || one.target.source.open === undefined ? one.answer.error : undefined;
}

function failureOf({ answers: [one], outcomes }: Gathered): string | undefined {
  if (one === undefined) return 'the target was not asked';
  const { answer } = one;
  if (!answer.up) return `${answer.stage}: ${answer.reason}`;
  const failed = outcomes.find(hasFailed);
  return failed && `collector ${failed.collector.name}: ${failed.reason ?? failed.status}`;
}
