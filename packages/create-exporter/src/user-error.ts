/** Exit codes: 1, it could not be done; 64, invalid command line (EX_USAGE of sysexits). */
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
