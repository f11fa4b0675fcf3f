import type { Collector } from '../collector.ts';
import { startThread, type Thread } from './host.ts';
import { type ModuleExport, notPlain } from './module.ts';
import { replay } from './write-batches.ts';

/** What a thread may take. */
export interface ThreadLimits {
  /**
   * Most megabytes of the thread's heap (its old generation); default: what Node gives a thread. A thread that grows beyond
   * dies alone. But one object that is itself too big for what is left (an array of millions, made at once) ends the whole
   * process, and Node offers no remedy; buffers don't count.
   */
  readonly maxOldGenerationSizeMb?: number;
  /** How long a run may go on after its signal has aborted, before its thread is ended; default 100. */
  readonly graceMs?: number;
}

/** Makes the `collect` of a collector whose thread starts at the first run, and again when it died. */
export function threadCollect(
  collector: Collector,
  source: ModuleExport,
  { maxOldGenerationSizeMb, graceMs = 100 }: ThreadLimits,
): Collector['collect'] {
  const spec = { collector: collector.name, source, maxOldGenerationSizeMb };
  let thread: Thread | undefined;
  // Settles when all runs that were given up have ended or died. Until then none is started: it might join a stuck one,
  // and a thread that can't be ended (blocked in a system call) must not get a second beside it at each scrape.
  let clear: Promise<unknown> = Promise.resolve();

  return async (writers, { signal, log, config }) => {
    checkConfig(collector.name, config);
    await unlessAborted(signal, clear, () => {
      log.warn({ collector: collector.name }, 'not run: its thread is not rid of an earlier run yet');
    });
    if (thread === undefined || thread.over) thread = startThread(spec);
    const on = thread;
    const call = on.call(config, log);
    const giveUp = (): void => {
      call.abort(signal.reason);
      const timer = setTimeout(() => {
        log.warn(
          { collector: collector.name },
          'thread ended, as its run did not heed the signal; the next starts another',
        );
        on.kill();
      }, graceMs);
      clear = Promise.all([clear, call.ended.then(() => clearTimeout(timer))]);
    };
    try {
      const { error } = await unlessAborted(signal, call.ended, giveUp);
      if (error !== undefined) throw error;
      await replay(call.samples, collector, writers, signal);
    } finally {
      call.samples.close();
    }
  };
}

function checkConfig(collector: string, config: unknown): void {
  const found = notPlain(config, 'config');
  if (found === undefined) return;
  throw new TypeError(
    `collector ${collector}: ${found}, which can't be handed to its thread; let its config parse to plain values, and make the rest in collect().`,
  );
}

/** What the promise comes to; but the signal's reason as soon as it aborts, after `aborted` was called. */
async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>, aborted: () => void): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      aborted();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
