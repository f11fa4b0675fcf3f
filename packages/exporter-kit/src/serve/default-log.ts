import type { Logger } from '../collect/context.ts';
import { describe } from '../errors/thrown.ts';

/** Without a logger: warnings and errors as logfmt lines on standard error. */
export const defaultLog: Logger = { debug() {}, info() {}, warn: line('warn'), error: line('error') };

function line(level: string): Logger['warn'] {
  return (facts, message) => {
    const pairs = Object.entries({ time: new Date().toISOString(), level, msg: message, ...facts }).map(
      ([key, value]) => `${key}=${JSON.stringify(key === 'err' ? describe(value) : value)}`,
    );
    process.stderr.write(`${pairs.join(' ')}\n`);
  };
}
