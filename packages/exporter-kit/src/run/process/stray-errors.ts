import type { Logger } from '../../collect/context.ts';
import { codeOf, describe, isError, stackOf } from '../../errors/thrown.ts';

// More than this within a minute means that something is broken that a restart may repair.
const MOST_A_MINUTE = 100;
const FATAL = new Set(['ERR_INTERNAL_ASSERTION', 'ERR_OUT_OF_MEMORY', 'ERR_MEMORY_ALLOCATION_FAILED']);

/**
 * Keeps the process alive through uncaught errors: a rejection or a throw in a callback that a collector left behind. Each
 * is logged with its stack, repeated ones only at the 10th, 100th … time. Errors that mean a broken Node, and a flood of
 * errors, end the process with 1, for its supervisor to restart it.
 *
 * Only the stack tells which collector it was: an AsyncLocalStorage would make a scrape with many awaits 50 % slower (measured
 * under Node 20).
 */
export function surviveStrayErrors(log: Logger, end: (code: number) => void = process.exit): void {
  const counts = new Map<string, number>();
  let minute = 0;
  let thisMinute = 0;
  process.on('uncaughtException', (error: unknown, origin) => {
    const now = Math.floor(performance.now() / 60_000);
    thisMinute = now === minute ? thisMinute + 1 : 1;
    minute = now;
    const stack = isError(error) ? stackOf(error) : undefined;
    const flood = thisMinute > MOST_A_MINUTE;
    if (flood || FATAL.has(codeOf(error) ?? '')) {
      log.error(
        { origin, err: error, stack, ...(flood ? { within_a_minute: thisMinute } : {}) },
        'exiting: uncaught exception',
      );
      end(1);
      return;
    }
    const what = describe(error).replace(/\d+/g, '0').slice(0, 500);
    if (!counts.has(what) && counts.size >= MOST_A_MINUTE) counts.clear();
    const times = (counts.get(what) ?? 0) + 1;
    counts.set(what, times);
    if (!Number.isInteger(Math.log10(times))) return;
    log.error(
      { origin, err: error, stack, times },
      'uncaught exception in code that a collector left behind; see its stack',
    );
  });
}
