import { isError, messageOf } from '../../errors/thrown.ts';
import { FlagError, UsageError } from '../usage-error.ts';

/** A configuration that can't be used, with everything that is wrong with it, one line each. */
export class ConfigError extends UsageError {
  override readonly name: string = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

/** What is wrong, one line each. */
export function problemsOf(error: unknown): readonly string[] {
  return isError(error) && error instanceof ConfigError ? error.problems : [messageOf(error).replaceAll('\n', ' ')];
}

/** Tries several things, and throws at the end if any of them failed: who mends a configuration wants to know all. */
export interface Attempts {
  try<T>(attempt: () => T): T | undefined;
  note(problems: readonly string[]): void;
  /** @throws ConfigError */
  end(): void;
}

/** @param nameOf how messages name a flag: by where its value comes from. */
export function attempts(nameOf: (flag: string) => string): Attempts {
  const problems: string[] = [];
  return {
    try(attempt) {
      try {
        return attempt();
      } catch (error) {
        problems.push(
          ...(isError(error) && error instanceof FlagError
            ? [`${nameOf(error.flag)}: ${error.why}`]
            : problemsOf(error)),
        );
        return undefined;
      }
    },
    note: (more) => void problems.push(...more),
    end() {
      if (problems.length > 0) throw new ConfigError(problems);
    },
  };
}
