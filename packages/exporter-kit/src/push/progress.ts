import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../collect/context.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { caught } from '../errors/thrown.ts';
import { inTime } from '../time/wait.ts';
import type { Group, Sink } from './sink.ts';

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
