/** Exit codes: 1 for a failure, 64 for wrong usage (EX_USAGE of sysexits). */
export type ExitCode = 1 | 64;

/** An error that the user can fix. Its message says what is wrong and what to do next; it is printed without a stack. */
export class UserError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UserError';
    this.exitCode = exitCode;
  }
}
