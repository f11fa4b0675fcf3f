/** The user's mistake on the command line, in the environment or in settings: one line to print, no stack. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** Exit code for wrong usage, as sysexits.h has it. */
export const EXIT_USAGE = 64;
