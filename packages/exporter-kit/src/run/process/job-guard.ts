import type { Logger } from '../../collect/context.ts';
import { isError } from '../../errors/thrown.ts';
import { askedToEnd, endByForceAfter } from './process.ts';

/** Keeps a process alive while its job runs and its result is delivered. */
export interface JobGuard {
  /** Aborts, with the reason, when the job can't go on. */
  readonly signal: AbortSignal;
  /** To be called when the job has ended; errors from then on don't change its result. */
  over(): void;
  /** Whether there was an error since then. */
  readonly troubled: boolean;
  /** Restores `process.exit()`. */
  release(): void;
}

/**
 * Keeps a process alive through what would end it before its job's result is out. Each of these aborts the job instead:
 * SIGTERM and SIGINT, an uncaught error, `process.exit()`, and an event loop that runs empty. A second signal
 * ends the process at once; so does the first one after `graceMs`, whatever is still running.
 */
export function guardJob(log: Logger, graceMs: number): JobGuard {
  const exit = process.exit.bind(process);
  const aborting = new AbortController();
  let over = false;
  let troubled = false;

  void askedToEnd(exit).then((signal) => {
    aborting.abort(new Error(`ended by ${signal}`));
    setTimeout(() => {
      log.error({ signal, seconds: graceMs / 1000 }, 'exiting by force: grace period exceeded');
      void endByForceAfter(1000).finally(() => exit(1));
    }, graceMs).unref();
  });

  const strayed = (error: unknown, message: string): void => {
    if (!over) {
      log.debug({ err: error }, message);
      aborting.abort(new Error(message, { cause: error }));
    } else {
      troubled = true;
      log.error({ err: error }, 'error after the job had ended; its result stands');
    }
  };
  process.on('uncaughtException', (error: unknown, origin) => {
    if (isError(error) && error instanceof ExitCall) return;
    const rejection = origin === 'unhandledRejection';
    strayed(error, rejection ? 'unhandled promise rejection' : 'uncaught exception');
  });
  process.on('beforeExit', () => {
    if (!over) aborting.abort(new Error('event loop ran empty while the job was still pending'));
  });
  process.exit = (code) => {
    const call = new ExitCall(`process.exit(${code ?? ''})`);
    strayed(call, `the job called ${call.message}, which would have lost its result; return from run(), or throw`);
    // Callers don't expect it to return.
    throw call;
  };
  // The reader of our output may be gone; the result is delivered elsewhere.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

  return {
    signal: aborting.signal,
    over() {
      over = true;
    },
    get troubled() {
      return troubled;
    },
    release() {
      process.exit = exit;
    },
  };
}

class ExitCall extends Error {}
