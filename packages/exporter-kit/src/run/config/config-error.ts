import { isError, messageOf } from '../../errors/thrown.ts';
import { FlagError, UsageError } from '../usage-error.ts';

/** An invalid configuration, with all its problems, one line each. */
export class ConfigError extends UsageError {
  override readonly name: string = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

/** The problems that an error tells of, one line each. */
export function problemsOf(error: unknown): readonly string[] {
  return isError(error) && error instanceof ConfigError ? error.problems : [messageOf(error).replaceAll('\n', ' ')];
}

/** Collects the problems of several attempts, so that all can be fixed at once. */
export interface Attempts {
  try<T>(attempt: () => T): T | undefined;
  note(problems: readonly string[]): void;
  /** @throws ConfigError if there was any problem. */
  end(): void;
}

/** @param nameOf names a flag in messages, by the origin of its value. */
export function attempts(nameOf: (flag: string) => string): Attempts {
  // Several targets may inherit one problem.
  const problems = new Set<string>();
  const note = (more: readonly string[]): void => {
    for (const one of more) problems.add(one);
  };
  return {
    note,
    try(attempt) {
      try {
        return attempt();
      } catch (error) {
        const isFlags = isError(error) && error instanceof FlagError;
        note(isFlags ? [`${nameOf(error.flag)}: ${error.why}`] : problemsOf(error));
        return undefined;
      }
    },
    end() {
      if (problems.size > 0) throw new ConfigError([...problems]);
    },
  };
}
