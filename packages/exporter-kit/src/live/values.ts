/** The labels of a metric without any. */
export function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** More than what the order of some thousand additions can make of a sum, relative to it. */
export const ROUNDING: number = 1e-12;

/** The sum of two finite numbers, or `a` if it is beyond the largest one: Infinity would never become a number again. */
export function finiteSum(a: number, b: number): number {
  const sum = a + b;
  return sum - sum === 0 ? sum : a;
}

/** Runs `work`, then `end`: at once, or when the promise that it returns is settled. Returns what `work` does. */
export function andThen<T>(work: () => T, end: () => void): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    end();
    throw error;
  }
  if (!isPromise(result)) {
    end();
    return result;
  }
  return result.then(
    (value) => {
      end();
      return value;
    },
    (error: unknown) => {
      end();
      throw error;
    },
  ) as T;
}

/** What can't be read is no promise: the work is done, and its result belongs to the caller. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
  } catch {
    return false;
  }
}
