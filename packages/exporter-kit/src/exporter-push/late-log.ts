import type { Logger } from '../collect/context.ts';
import { type LogOptions, makeLogger } from '../run/process/log.ts';

/** A logger that is loaded with its first line: loading takes longer than pushing a result. */
export interface LateLog {
  readonly log: Logger;
  /** Waits until all lines are written. */
  written(): Promise<void>;
}

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** Creates one; nothing is loaded yet. Lines are written a little later, in order. */
export function lateLog(options: LogOptions): LateLog {
  let made: Promise<Logger> | undefined;
  let written: Promise<void> = Promise.resolve();
  const least = levels.indexOf(options.level);
  const writer = (level: (typeof levels)[number]) => (facts: object, message: string) => {
    if (levels.indexOf(level) < least) return;
    made ??= makeLogger(options);
    const logger = made;
    written = written.then(async () => (await logger)[level](facts, message));
  };
  const log = { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
  return { log, written: () => written };
}
