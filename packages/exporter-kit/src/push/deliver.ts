import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../collect/context.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { caught } from '../errors/thrown.ts';
import { writeDuration } from '../time/duration.ts';
import { inTime } from '../time/wait.ts';
import { isPermanentFailure } from './permanent-failure.ts';
import type { Delivery, Group, Sink } from './sink.ts';
import type { SpoolOptions } from './spool/folder.ts';

/** Outcome of the delivery to one sink. */
export interface Delivered {
  /** The sink's name. */
  readonly sink: string;
  /** Why the delivery failed; absent on success. */
  readonly error?: unknown;
  /** Whether the spool keeps the undelivered result. */
  readonly kept?: boolean;
}

/** Options of a delivery. */
export interface DeliverOptions {
  readonly log: Logger;
  /** Ends the delivery; what is not delivered by then has failed, or stays in the spool. */
  readonly signal: AbortSignal;
  /** Keeps undelivered results; default: none. */
  readonly spool?: SpoolOptions;
  /** When the run ended, in milliseconds since the epoch. */
  readonly settledMs: number;
  /** Nothing is sent before this resolves; never rejects. */
  readonly after?: Promise<void> | undefined;
}

/** Delivers to one sink, without a spool; never rejects. */
export type DeliverOne = (sink: Sink, result: Delivery, options: DeliverOptions) => Promise<Delivered>;

const deliver: DeliverOne = async (sink, result, { log, signal }) => {
  const facts = { job: result.job, sink: sink.name };
  try {
    await inTime(signal, async () => sink.deliver(result, { log, signal }));
    log.debug({ ...facts, mode: result.mode }, 'delivered');
    return { sink: sink.name };
  } catch (thrown) {
    const error = caught(thrown);
    log.error({ ...facts, err: error }, isPermanentFailure(error) ? 'refused' : 'not delivered');
    return { sink: sink.name, error };
  }
};

/**
 * Delivers a result to each sink, independently of the others. With a spool, the result is on disk before it is sent and
 * until it has arrived, and earlier undelivered results for the same sinks are sent as well.
 *
 * Never rejects: each failure is logged and returned.
 */
export async function deliverTo(
  sinks: readonly Sink[],
  result: Delivery,
  options: DeliverOptions,
): Promise<Delivered[]> {
  const { spool, after } = options;
  if (spool !== undefined) {
    const { deliverKept } = await import('./spool/deliver-kept.ts');
    return deliverKept(sinks, result, { ...options, spool, deliver });
  }
  await after;
  return Promise.all(sinks.map((sink) => deliver(sink, result, options)));
}

/**
 * Removes a group from each sink, all of which have `remove`, and its entries from the spool.
 *
 * Never rejects: each failure is logged and returned.
 */
export async function removeFrom(sinks: readonly Sink[], group: Group, options: DeliverOptions): Promise<Delivered[]> {
  const { log, signal, spool, after } = options;
  await after;
  return Promise.all(
    sinks.map(async (sink) => {
      try {
        await inTime(signal, async () => {
          if (spool !== undefined) await (await import('./spool/folder.ts')).forget(spool.directory, sink.name, group);
          await sink.remove?.(group, { log, signal });
        });
        log.debug({ job: group.job, sink: sink.name }, 'removed');
        return { sink: sink.name };
      } catch (thrown) {
        const error = caught(thrown);
        log.error({ job: group.job, sink: sink.name, err: error }, 'not removed');
        return { sink: sink.name, error };
      }
    }),
  );
}

/** A run's result, and when the run ended. */
type Result = Pick<Delivery, 'snapshot'> & Pick<DeliverOptions, 'settledMs'> & { readonly success: boolean };

/** Default of `pushTimeoutMs`. */
export const PUSH_TIMEOUT_MS: number = 15_000;

/** How a run's result is delivered. */
interface ResultOptions extends Pick<DeliverOptions, 'log' | 'after'> {
  readonly to: readonly Sink[];
  /** Time limit, over all sinks and retries. */
  readonly pushTimeoutMs: number;
  /** Removes the group instead, from sinks that can. */
  readonly removeOnExit?: boolean;
  readonly spool?: string | SpoolOptions;
}

/** Delivers a run's result within the push timeout, or removes its group where that is asked for. Never rejects. */
export async function deliverResult(
  { success, snapshot, settledMs }: Result,
  group: Group,
  { to, pushTimeoutMs, removeOnExit = false, spool, log, after }: ResultOptions,
): Promise<Delivered[]> {
  const leaving = to.filter(({ remove }) => removeOnExit && remove !== undefined);
  const staying = to.filter((sink) => !leaving.includes(sink));
  const delivering = new AbortController();
  const late = (): Error => new Error(`push timeout of ${writeDuration(pushTimeoutMs)} exceeded`);
  const timer = setTimeout(() => delivering.abort(late()), pushTimeoutMs);
  setMaxListeners(0, delivering.signal);
  const how = { log, settledMs, after, signal: delivering.signal, ...spoolOf(spool) };
  const delivered = await deliverTo(staying, { ...group, mode: success ? 'replace' : 'add', snapshot }, how);
  if (leaving.length > 0) delivered.push(...(await removeFrom(leaving, group, how)));
  clearTimeout(timer);
  return delivered;
}

function spoolOf(spool: ResultOptions['spool']): Pick<DeliverOptions, 'spool'> {
  if (spool === undefined) return {};
  return { spool: typeof spool === 'string' ? { directory: spool } : spool };
}

/** How long a push in progress may delay the end of a job. */
const LAST_MS = 2000;

/** Periodic pushes of a running job. */
export interface Progress {
  /** Resolves when no push is in progress any more. */
  stop(): Promise<void>;
}

/**
 * Adds a running job's samples to its group at an interval. Pushes do not overlap: a slow one delays the next. They carry no
 * verdict, and a failure is logged once for each sink.
 *
 * @param written the samples so far; `undefined` if there are none.
 */
export function pushProgress(
  sinks: readonly Sink[],
  group: Group,
  everyMs: number,
  written: () => Snapshot | undefined,
  log: Logger,
): Progress {
  const ending = new AbortController();
  const cutting = new AbortController();
  setMaxListeners(0, cutting.signal);
  const troubled = new Set<Sink>();

  async function push(sink: Sink, snapshot: Snapshot): Promise<void> {
    try {
      const { signal } = cutting;
      await inTime(signal, async () => sink.deliver({ ...group, mode: 'add', snapshot }, { log, signal }));
      troubled.delete(sink);
    } catch (thrown) {
      const err = caught(thrown);
      if (ending.signal.aborted || troubled.has(sink)) return;
      troubled.add(sink);
      log.warn(
        { job: group.job, sink: sink.name, err },
        'progress not delivered; further failures of this sink are not logged',
      );
    }
  }

  const going = (async () => {
    for (;;) {
      // Must not keep a process alive whose job is stuck.
      await sleep(everyMs, undefined, { signal: ending.signal, ref: false }).catch(() => {});
      if (ending.signal.aborted) return;
      const snapshot = written();
      if (snapshot !== undefined) await Promise.all(sinks.map((sink) => push(sink, snapshot)));
    }
  })();

  return {
    async stop() {
      ending.abort();
      const timer = setTimeout(() => cutting.abort(new Error('the job has ended')), LAST_MS);
      await going;
      clearTimeout(timer);
    },
  };
}
