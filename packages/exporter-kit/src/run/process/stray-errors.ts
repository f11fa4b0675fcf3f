import type { Logger } from '../../collect/context.ts';
import { codeOf, describe, isError, stackOf } from '../../errors/thrown.ts';

// More than this within a minute is no accident: something is broken that a new process may not have.
const MOST_A_MINUTE = 100;
const FATAL = new Set(['ERR_INTERNAL_ASSERTION', 'ERR_OUT_OF_MEMORY', 'ERR_MEMORY_ALLOCATION_FAILED']);

/**
 * Lets the process outlive errors that nobody caught: a rejection or a throw in a callback that a collector has left
 * behind. Each is logged with its stack, the same again only at the 10th, 100th … time. What Node itself calls a broken
 * state, and a flood of them, ends the process with 1 for its supervisor to start anew.
 *
 * Which collector it was, only the stack tells: an AsyncLocalStorage would know, and make a scrape that awaits much cost
 * half as much again (measured under Node 20).
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
        'ending: nobody caught it',
      );
      end(1);
      return;
    }
    const what = describe(error).replace(/\d+/g, '0').slice(0, 500);
    if (!counts.has(what) && counts.size >= MOST_A_MINUTE) counts.clear();
    const times = (counts.get(what) ?? 0) + 1;
    counts.set(what, times);
    if (!Number.isInteger(Math.log10(times))) return;
    log.error({ origin, err: error, stack, times }, 'nobody caught it; a collector left it behind, see its stack');
  });
}
