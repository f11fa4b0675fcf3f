/** A mistake on the command line, in the environment or in settings; printed as one line without a stack. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** An invalid value of one flag, whatever its origin. */
export class FlagError extends UsageError {
  override readonly name: string = 'FlagError';
  readonly flag: string;
  readonly why: string;

  constructor(flag: string, why: string, options?: ErrorOptions) {
    super(`--${flag}: ${why}`, options);
    this.flag = flag;
    this.why = why;
  }
}

/** Exit code for wrong usage: EX_USAGE of sysexits.h. */
export const EXIT_USAGE = 64;

/** Exit code for a result whose delivery was required and failed: EX_TEMPFAIL of sysexits.h. */
export const EXIT_NOT_DELIVERED = 75;
