import { describe, property } from '../errors/thrown.ts';
/** Where a run's messages go: one line an event, facts first. pino's loggers fit. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** What every run gets beside its writers. */
export interface Context<Config = undefined> {
  /** Aborts when the run's time is up, or when nobody waits for it any more. Hand it to whatever takes a signal. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** What the declaration's `config` made of the operator's settings; `undefined` without one. */
  readonly config: Config;
}

/** Anything with `parse()` turns settings into config; a zod schema fits. It throws for settings it does not accept. */
export interface Parser<Config> {
  parse(settings: unknown): Config;
}

/** The config type a parser yields. */
export type ConfigOf<P> = P extends Parser<infer C> ? C : undefined;

const brand = 'exporter-kit/unsupported';

/**
 * Ends a run as "not here": the machine or version lacks what the collector reads. That is no failure.
 *
 * @example
 * if (!existsSync('/proc/vmstat')) unsupported('no /proc/vmstat');
 */
export function unsupported(reason: string): never {
  throw Object.assign(new Error(reason), { name: 'Unsupported', [brand]: true });
}

/** Whether an error came from {@link unsupported}, of this or another copy of the kit. */
export function isUnsupported(error: unknown): error is Error {
  return property(error, brand) === true;
}

/** A logger for the kit's own lines: what it throws over an odd `err` or by itself costs that line, and nothing else. */
export function careful(log: Logger): Logger {
  const at = (level: keyof Logger) => (facts: object, message: string) => {
    try {
      log[level](facts, message);
    } catch {
      try {
        log[level]('err' in facts ? { ...facts, err: describe(facts.err) } : {}, message);
      } catch {
        // It takes no line at all.
      }
    }
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A logger that says nothing. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
