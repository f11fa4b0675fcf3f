/** Resolves at the first of some signals; the next one ends the process at once. */
export function firstSignal(...signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const hear = (signal: NodeJS.Signals): void => {
      for (const each of signals) process.off(each, hear);
      resolve(signal);
    };
    for (const each of signals) process.on(each, hear);
  });
}
