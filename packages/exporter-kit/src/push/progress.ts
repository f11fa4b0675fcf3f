import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../collect/context.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { caught } from '../errors/thrown.ts';
import { inTime } from '../time/wait.ts';
import type { Group, Sink } from './sink.ts';

/** How long a push under way may hold up the end of a job. */
const LAST_MS = 2000;

/** What a job is doing, on its way to the sinks. */
export interface Progress {
  /** Resolves when nothing of it is under way any more: what comes after it comes last. */
  stop(): Promise<void>;
}

/**
 * Adds what a job has written so far to its group, every so often. One push at a time; where one takes longer than the
 * interval, the next is that much later. It says nothing of how the job ends, and trouble is logged once for each sink.
 *
 * @param written what there is so far; `undefined` for nothing.
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
      log.warn({ job: group.job, sink: sink.name, err }, 'progress not delivered; further trouble there is not told');
    }
  }

  const going = (async () => {
    for (;;) {
      // Not to keep a process alive whose job waits for what can never come.
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
