import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { codeOf, messageOf } from '../../errors/thrown.ts';
import { type Logger, safeLogger, silent } from '../context.ts';
import { pack, unpack } from './errors.ts';
import type { ModuleExport } from './module.ts';
import type { FromThread, ToThread } from './protocol.ts';

/** A collector's thread, as seen from the main thread. */
export interface Thread {
  /** Whether it has ended, or is being terminated. */
  readonly over: boolean;
  /** Starts a run. */
  call(config: unknown, log: Logger): Call;
  /** Terminates it as soon as it runs JavaScript; its runs end with it. */
  kill(): void;
}

/** One run in a thread. */
export interface Call {
  /** The samples, once it has succeeded; the caller closes the port. */
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

/** What a thread runs, and its limits. */
export interface ThreadSpec {
  readonly collector: string;
  readonly source: ModuleExport;
  readonly maxOldGenerationSizeMb: number | undefined;
}

const program = new URL('./thread-worker.js', import.meta.url);

/**
 * Starts a thread. It keeps the process alive only during a run.
 *
 * @throws Error if a bundle lacks the thread's program.
 */
export function startThread({ collector, source, maxOldGenerationSizeMb }: ThreadSpec): Thread {
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let over = false;
  let killed = false;
  let lastLog: Logger | undefined;
  let uncaught: { readonly error: unknown } | undefined;
  if (!existsSync(program)) {
    const bundled = 'if this program was bundled, make it an entry, as the page "Bundling" of the documents says';
    throw new Error(`inThread: there is no ${fileURLToPath(program)}; ${bundled}.`);
  }
  const worker = new Worker(program, {
    name: `collector ${collector}`,
    workerData: source,
    ...(maxOldGenerationSizeMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb } }),
  });
  worker.unref();
  worker.on('message', (message: FromThread) => {
    const { log = lastLog, end } = waiting.get(message.run) ?? {};
    if (message.type === 'log') {
      const facts = Object.fromEntries(message.facts.map(([key, fact]) => [key, unpack(fact)]));
      if (log !== undefined) safeLogger(log)[message.level](facts, message.message);
    } else end?.(message.error === undefined ? {} : { error: unpack(message.error) });
  });
  worker.on('error', (error) => {
    // Anything can be thrown, such as null.
    uncaught = { error };
  });
  worker.on('exit', (code) => {
    over = true;
    const why = killed ? 'was terminated because another run in it ignored its signal.' : deathOf(uncaught, code);
    const cause = uncaught === undefined ? {} : { cause: uncaught.error };
    const error = new Error(`collector ${collector}: its thread ${why}`, cause);
    if (waiting.size === 0 && !killed)
      safeLogger(lastLog ?? silent).error({ collector, err: error }, 'thread died between runs');
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
  if (uncaught === undefined) return `exited with code ${code}; a collector must return or throw instead.`;
  if (codeOf(uncaught.error) !== 'ERR_WORKER_OUT_OF_MEMORY')
    return `died of an uncaught exception: ${messageOf(uncaught.error)}`;
  return 'ran out of memory; keep less in memory at once, or raise maxOldGenerationSizeMb.';
}
