let count = 0;

/** Counts a call until it settles, also where nobody waits for it any longer. Returns it. */
export function underWay<T>(call: Promise<T>): Promise<T> {
  count++;
  const settled = (): void => {
    count--;
  };
  call.then(settled, settled);
  return call;
}

/** Whether a job or a delivery goes on; at the end of a process: although it was given up. */
export const isUnderWay = (): boolean => count > 0;
