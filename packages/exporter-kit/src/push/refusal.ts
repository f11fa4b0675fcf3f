import { causes, property } from '../errors/thrown.ts';
/**
 * An error of a sink that will not take this very result, however often it is asked: no retry helps, and keeping it for
 * later does not either.
 */
export function refusal(message: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(message, options), { refused: true });
}

/** Whether an error, or what caused it, is a {@link refusal}. */
export function isRefusal(error: unknown): boolean {
  for (const at of causes(error)) if (property(at, 'refused') === true) return true;
  return false;
}
