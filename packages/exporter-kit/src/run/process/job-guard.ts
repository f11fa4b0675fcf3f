import type { Logger } from '../../collect/context.ts';
import { isError } from '../../errors/thrown.ts';
import { askedToEnd, endByForceAfter } from './process.ts';

/** Watches over a process while its job runs, and while the result is on its way. */
export interface JobGuard {
  /** Aborts when the job can't go on: with why. */
  readonly signal: AbortSignal;
  /** The job has ended; what goes wrong from now on can't change its result. */
  over(): void;
  /** Whether something went wrong since then. */
  readonly troubled: boolean;
  /** Gives `process.exit()` back. */
  release(): void;
}

/**
 * Keeps a process alive through what would end it before its job's result is out. Each of these aborts the job instead:
 * SIGTERM and SIGINT, an error that nobody caught, `process.exit()`, and a wait for what can never come. A second signal
 * ends the process at once; so does the first, `mostMs` later, whatever still goes on.
 */
export function guardJob(log: Logger, mostMs: number): JobGuard {
  const exit = process.exit.bind(process);
  const aborting = new AbortController();
  let over = false;
  let troubled = false;

  void askedToEnd(exit).then((signal) => {
    aborting.abort(new Error(`ended by ${signal}`));
    setTimeout(() => {
      log.error({ signal, seconds: mostMs / 1000 }, 'ending by force: there is no more time');
      void endByForceAfter(1000).finally(() => exit(1));
    }, mostMs).unref();
  });

  const strayed = (error: unknown, message: string): void => {
    if (!over) {
      log.debug({ err: error }, message);
      aborting.abort(new Error(message, { cause: error }));
    } else {
      troubled = true;
      log.error({ err: error }, 'something went wrong after the job had ended; its result stands');
    }
  };
  process.on('uncaughtException', (error: unknown, origin) => {
    if (isError(error) && error instanceof ExitCall) return;
    const rejection = origin === 'unhandledRejection';
    strayed(
      error,
      rejection ? 'a promise was rejected and nobody heeded it' : 'an error was thrown and nobody caught it',
    );
  });
  process.on('beforeExit', () => {
    if (!over) aborting.abort(new Error('it waits for something that can never come: nothing is left to wake it'));
  });
  process.exit = (code) => {
    const call = new ExitCall(`process.exit(${code ?? ''})`);
    strayed(call, `the job called ${call.message}, which would have lost its result; return from run(), or throw`);
    // Whoever calls it does not expect to come back.
    throw call;
  };
  // Who reads our output may leave; the result has other ways.
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
