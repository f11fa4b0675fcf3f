/**
 * Returns what begins a run, in which each key is declared only if the run before had none of it: to declare a family costs
 * more than to write it.
 */
export function declaredBefore<T>(): () => (key: string, declare: () => T) => T {
  let last = new Map<string, T>();
  return () => {
    const [before, now] = [last, new Map<string, T>()];
    last = now;
    return (key, declare) => {
      const metric = before.get(key) ?? declare();
      now.set(key, metric);
      return metric;
    };
  };
}
