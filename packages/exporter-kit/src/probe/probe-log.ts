import type { Logger } from '../collect/context.ts';
import { isError, messageOf, textOf } from '../errors/thrown.ts';

/** One line of a probe's log. */
export interface ProbeLine {
  /** Milliseconds since the probe began. */
  readonly atMs: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Message and facts on one line. */
  readonly text: string;
}

// Bounds the memory of recent probes.
const MOST_LINES = 100;
const MOST_CHARACTERS = 500;

/**
 * A logger that keeps a probe's lines. They also go to the exporter's log, at `debug`: a target that is down is not the
 * exporter's problem.
 *
 * @param about facts added to each line in the exporter's log
 * @param mask removes secrets from a text
 */
export function probeLog(
  log: Logger,
  about: object,
  mask: (text: string) => string,
): { readonly log: Logger; readonly lines: readonly ProbeLine[] } {
  const lines: ProbeLine[] = [];
  const started = performance.now();
  const at =
    (level: ProbeLine['level']) =>
    (facts: object, message: string): void => {
      if (lines.length === MOST_LINES) return;
      const text = mask([message, ...Object.entries(facts).map(said)].join(' ')).slice(0, MOST_CHARACTERS);
      lines.push({ atMs: performance.now() - started, level, text });
      log.debug(about, text);
    };
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

function said([key, value]: [string, unknown]): string {
  if (isError(value)) return `${key}=${JSON.stringify(messageOf(value))}`;
  if (typeof value === 'number' || typeof value === 'boolean') return `${key}=${value}`;
  return `${key}=${jsonOf(value)}`;
}

function jsonOf(value: unknown): string {
  try {
    if (typeof value === 'object') return JSON.stringify(value);
  } catch {
    // A cycle, a bigint, or a getter that throws.
  }
  return JSON.stringify(textOf(value));
}
