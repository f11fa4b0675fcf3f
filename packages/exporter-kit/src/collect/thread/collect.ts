import type { Collector } from '../collector.ts';
import { startThread, type Thread } from './host.ts';
import { type ModuleExport, notPlain } from './module.ts';
import { writeBatches } from './write-batches.ts';

/** Limits of a thread. */
export interface ThreadLimits {
  /**
   * Maximum size of the thread's heap (its old generation) in MiB; default: Node's. A thread that exceeds it dies alone. But a
   * single object too large for the remaining heap, such as an array of millions, ends the whole process, and Node offers no
   * remedy. Buffers do not count.
   */
  readonly maxOldGenerationSizeMb?: number;
  /** Time for a run to end after its signal has aborted, before its thread is terminated; default 100. */
  readonly graceMs?: number;
}

/** The `collect` of a collector in a thread, which starts at the first run, and again after it has died. */
export function threadCollect(
  collector: Collector,
  source: ModuleExport,
  { maxOldGenerationSizeMb, graceMs = 100 }: ThreadLimits,
): Collector['collect'] {
  const spec = { collector: collector.name, source, maxOldGenerationSizeMb };
  let thread: Thread | undefined;
  // Settles when all abandoned runs have ended or died. Until then none is started: it could share a thread with one that
  // hangs, and a thread that can't be terminated (blocked in a system call) must not get another beside it at each scrape.
  let clear: Promise<unknown> = Promise.resolve();

  return async (writers, { signal, log, config }) => {
    checkConfig(collector.name, config);
    await unlessAborted(signal, clear, () => {
      log.warn({ collector: collector.name }, 'skipped: thread still busy with an abandoned run');
    });
    if (thread === undefined || thread.over) thread = startThread(spec);
    const on = thread;
    const call = on.call(config, log);
    const giveUp = (): void => {
      call.abort(signal.reason);
      const timer = setTimeout(() => {
        log.warn(
          { collector: collector.name },
          'thread terminated because its run ignored the signal; the next run starts another',
        );
        on.kill();
      }, graceMs);
      clear = Promise.all([clear, call.ended.then(() => clearTimeout(timer))]);
    };
    try {
      const { error } = await unlessAborted(signal, call.ended, giveUp);
      if (error !== undefined) throw error;
      await writeBatches(call.samples, collector, writers, signal);
    } finally {
      call.samples.close();
    }
  };
}

function checkConfig(collector: string, config: unknown): void {
  const found = notPlain(config, 'config');
  if (found === undefined) return;
  throw new TypeError(
    `collector ${collector}: ${found}, which can't be sent to its thread; let config.parse() return plain values, and create the rest in collect().`,
  );
}

/** The result of the promise; when the signal aborts, calls `aborted` and rejects with its reason. */
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
