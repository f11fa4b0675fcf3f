/**
 * Returns a function that tells whether something is due: true at first, and again `everyMs` after it last was, counted for
 * each key on its own. Without `everyMs`, once for each key.
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
