/** Why an expression may have no series, or an engine no answer. */
export interface Exception {
  /** Of the expression. */
  readonly of: RegExp;
  readonly because: string;
}

/** The reason why this expression is excepted; `undefined` if it is not. */
export const reasonFor = (expr: string, exceptions: readonly Exception[]): string | undefined =>
  exceptions.find(({ of }) => of.test(expr))?.because;
