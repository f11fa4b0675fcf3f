import type { Logger } from '../../collect/context.ts';
import { describe, stackOf } from '../../errors/thrown.ts';

/** How a program logs. */
export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'logfmt' | 'json';
}

/** A logger whose level can be changed. */
export interface LevelLogger extends Logger {
  level: string;
}

/**
 * A pino logger on standard error, one line an event. Errors are written as their message; at level debug, with stack.
 *
 * @param mask removes secrets from a line.
 */
export async function makeLogger(
  { level, format }: LogOptions,
  mask = (line: string): string => line,
): Promise<LevelLogger> {
  const { pino } = await import('pino');
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => (logger.level === 'debug' ? stackOf(error) : describe(error)) },
  };
  // Synchronous, so that nothing is lost at exit.
  const stderr = pino.destination({ fd: 2, sync: true });
  const written = format === 'json' ? mask : (line: string) => logfmt(mask(line));
  const logger: LevelLogger = pino(options, { write: (line: string) => void stderr.write(written(line)) });
  return logger;
}

/** One line of pino's JSON as logfmt, in the order of Go's slog: time, level, msg, then the fields. */
export function logfmt(json: string): string {
  const { time, level, msg, ...facts } = JSON.parse(json) as Record<string, unknown>;
  const pairs = Object.entries({ time, level, msg, ...facts }).map(([key, value]) => `${key}=${quoted(value)}`);
  return `${pairs.join(' ')}\n`;
}

function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=\\]+$/.test(text ?? '') ? text : JSON.stringify(text ?? '');
}
