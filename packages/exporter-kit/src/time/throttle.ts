/**
 * Returns a function that is true at most once every `everyMs` for each key. Without `everyMs`, once for each key.
 */
export function throttle(everyMs: number = Infinity): (key?: string) => boolean {
  const last = new Map<string, number>();
  return (key = '') => {
    const now = performance.now();
    if (now - (last.get(key) ?? -Infinity) < everyMs) return false;
    last.set(key, now);
    return true;
  };
}
