import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { codeOf, messageOf } from '../../errors/thrown.ts';
import { careful, type Logger, silent } from '../context.ts';
import { pack, unpack } from './errors.ts';
import type { ModuleExport } from './module.ts';
import type { FromThread, ToThread } from './protocol.ts';

/** A collector's thread, seen from the main one. */
export interface Thread {
  /** Whether it is gone, or told to go. */
  readonly over: boolean;
  /** Starts a run in it. */
  call(config: unknown, log: Logger): Call;
  /** Ends it as soon as it runs JavaScript; its runs end when it is gone. */
  kill(): void;
}

/** One run in a thread. */
export interface Call {
  /** What it wrote, once it has ended well; whoever called closes it. */
  readonly samples: MessagePort;
  readonly ended: Promise<Ended>;
  /** Aborts the run's own signal. */
  abort(reason: unknown): void;
}

type Ended = { readonly error?: unknown };

interface Waiting {
  readonly log: Logger;
  end(ended: Ended): void;
}

/** What a thread may take, beside what it runs. */
export interface ThreadSpec {
  readonly collector: string;
  readonly source: ModuleExport;
  readonly maxOldGenerationSizeMb: number | undefined;
}

/** Starts a thread. It keeps the process alive while it has a run. */
export function startThread({ collector, source, maxOldGenerationSizeMb }: ThreadSpec): Thread {
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let over = false;
  let killed = false;
  let lastLog: Logger | undefined;
  let uncaught: { readonly error: unknown } | undefined;
  const worker = new Worker(new URL('./thread-worker.js', import.meta.url), {
    name: `collector ${collector}`,
    workerData: source,
    ...(maxOldGenerationSizeMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb } }),
  });
  worker.unref();
  worker.on('message', (message: FromThread) => {
    const { log = lastLog, end } = waiting.get(message.run) ?? {};
    if (message.type === 'log') {
      const facts = Object.fromEntries(message.facts.map(([key, fact]) => [key, unpack(fact)]));
      if (log !== undefined) careful(log)[message.level](facts, message.message);
    } else end?.(message.error === undefined ? {} : { error: unpack(message.error) });
  });
  worker.on('error', (error) => {
    // Whatever was thrown: null, for one.
    uncaught = { error };
  });
  worker.on('exit', (code) => {
    over = true;
    const why = killed ? 'was ended, as another run in it did not heed its signal.' : deathOf(uncaught, code);
    const cause = uncaught === undefined ? {} : { cause: uncaught.error };
    const error = new Error(`collector ${collector}: its thread ${why}`, cause);
    if (waiting.size === 0 && !killed)
      careful(lastLog ?? silent).error({ collector, err: error }, 'thread died between runs');
    for (const { end } of waiting.values()) end({ error });
  });

  return {
    get over() {
      return over;
    },
    call(config, log) {
      const id = calls++;
      const { port1, port2 } = new MessageChannel();
      const post = (message: ToThread, ports?: MessagePort[]): void => worker.postMessage(message, ports);
      post({ type: 'run', run: id, config, samples: port2 }, [port2]);
      worker.ref();
      lastLog = log;
      const ended = new Promise<Ended>((resolve) => {
        const end = (how: Ended): void => {
          waiting.delete(id);
          if (waiting.size === 0) worker.unref();
          resolve(how);
        };
        waiting.set(id, { log, end });
      });
      return { samples: port1, ended, abort: (reason) => post({ type: 'abort', run: id, reason: pack(reason) }) };
    },
    kill() {
      over = true;
      killed = true;
      void worker.terminate();
    },
  };
}

function deathOf(uncaught: { readonly error: unknown } | undefined, code: number): string {
  if (uncaught === undefined) return `has ended itself with exit code ${code}; a collector returns or throws.`;
  if (codeOf(uncaught.error) !== 'ERR_WORKER_OUT_OF_MEMORY')
    return `died of an error that nobody caught: ${messageOf(uncaught.error)}`;
  return 'ran out of memory; let it hold less at once, or raise maxOldGenerationSizeMb.';
}
