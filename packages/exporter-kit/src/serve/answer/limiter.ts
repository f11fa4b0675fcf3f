/** Bounds on what runs at the same time; 0 or absent: no bound. */
export interface Limits {
  readonly total?: number;
  /** Of one key, with those that wait. */
  readonly perKey?: number;
}

/** Who enters, and how long it may wait. */
export interface Entrant {
  readonly key: string;
  /** On the clock of `performance.now()`. */
  readonly until: number;
  /** Stops waiting. */
  readonly signal: AbortSignal;
}

/** Enters, when another leaves if need be: resolves to the function that leaves again, or the name of the limit reached. */
export type Limiter = (entrant: Entrant) => Promise<(() => void) | keyof Limits>;

// Each that waits costs a connection and a few kilobytes.
const MAX_WAITING = 1000;

export function limiter({ total = 0, perKey = 0 }: Limits): Limiter {
  const held = new Map<string, number>();
  // In the order of arrival.
  const queue = new Set<() => void>();
  let running = 0;

  function count(key: string, by: 1 | -1): void {
    const now = (held.get(key) ?? 0) + by;
    if (now === 0) held.delete(key);
    else held.set(key, now);
  }

  /** Resolves to whether another has left in time. */
  function turn({ until, signal }: Entrant): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isFree: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        queue.delete(go);
        resolve(isFree);
      };
      const go = (): void => end(true);
      const stop = (): void => end(false);
      const timer = setTimeout(stop, Math.max(0, until - performance.now()));
      signal.addEventListener('abort', stop);
      queue.add(go);
    });
  }

  return async (entrant) => {
    const { key } = entrant;
    if (perKey > 0 && (held.get(key) ?? 0) >= perKey) return 'perKey';
    if (total > 0 && running >= total && queue.size >= MAX_WAITING) return 'total';
    count(key, 1);
    if (total === 0 || running < total) running++;
    else if (!(await turn(entrant))) {
      count(key, -1);
      return 'total';
    }
    return () => {
      count(key, -1);
      const [next] = queue;
      if (next === undefined) running--;
      // Takes this place.
      else next();
    };
  };
}
