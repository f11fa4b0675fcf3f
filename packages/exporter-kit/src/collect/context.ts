import { describe, property } from '../errors/thrown.ts';
/** A structured logger: facts first, then the message. pino's loggers have this type. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** A logger that knows which levels it writes, like those of pino and winston: scrapes make no lines that it would drop. */
export interface LevelledLogger extends Logger {
  isLevelEnabled(level: string): boolean;
}

/** What every run gets besides its writers. */
export interface Context<Config = undefined> {
  /** Aborts at the run's deadline, or when no client is waiting for it. Pass it to everything that takes a signal. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** The settings, as parsed by the declaration's `config`; `undefined` without one. */
  readonly config: Config;
}

/** Parses settings, such as a zod schema; throws if it does not accept them. */
export interface Parser<Config> {
  parse(settings: unknown): Config;
}

/** The type that a parser returns. */
export type ConfigOf<P> = P extends Parser<infer C> ? C : undefined;

const brand = 'exporter-kit/unsupported';

/**
 * Ends a run as unsupported: this host or version lacks what the collector reads. Not a failure.
 *
 * @example
 * if (!existsSync('/proc/vmstat')) unsupported('no /proc/vmstat');
 */
export function unsupported(reason: string): never {
  // Thrown at each scrape, and nobody reads where: a stack would cost more than most collectors.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(reason);
  Error.stackTraceLimit = stackTraceLimit;
  throw Object.assign(error, { name: 'Unsupported', [brand]: true });
}

/** Whether an error was thrown by {@link unsupported}, of this or another copy of the kit. */
export function isUnsupported(error: unknown): error is Error {
  return property(error, brand) === true;
}

/** A logger that never throws: if the given one does, such as for an odd `err`, only that line is lost. */
export function safeLogger(log: Logger): Logger {
  const at = (level: keyof Logger) => (facts: object, message: string) => {
    try {
      log[level](facts, message);
    } catch {
      try {
        log[level]('err' in facts ? { ...facts, err: describe(facts.err) } : {}, message);
      } catch {
        // The line is lost.
      }
    }
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A logger that discards everything. */
export const silent: LevelledLogger = { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false };
