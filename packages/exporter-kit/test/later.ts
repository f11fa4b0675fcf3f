/** A promise that the test settles. */
export interface Later<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function later<T = void>(): Later<T> {
  let resolve = (_value: T): void => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
