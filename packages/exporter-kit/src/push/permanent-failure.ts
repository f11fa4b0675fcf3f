import { causes, property } from '../errors/thrown.ts';

// Registered, so that a sink built on another copy of the kit is understood.
const PERMANENT: symbol = Symbol.for('exporter-kit/permanent-failure');

/**
 * An error for a result that a sink will never accept: retrying or spooling will not help.
 *
 * @example
 * if (status === 400) throw permanentFailure(`answered 400: ${text}`);
 */
export function permanentFailure(message: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(message, options), { [PERMANENT]: true });
}

/** Whether an error is a {@link permanentFailure}, or caused by one. */
export function isPermanentFailure(error: unknown): boolean {
  for (const cause of causes(error)) if (property(cause, PERMANENT) === true) return true;
  return false;
}
