/** Exit codes: 1, it could not be done; 64, the command line is at fault (EX_USAGE of sysexits). */
export type ExitCode = 1 | 64;

/** Something the user can put right. Its message says who, what, and what to do next; it is shown without a stack. */
export class Refusal extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Refusal';
    this.exitCode = exitCode;
  }
}
