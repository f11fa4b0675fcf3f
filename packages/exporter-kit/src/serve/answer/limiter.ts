/** Bounds on what runs at the same time; 0 or absent: no bound. */
export interface Limits {
  readonly total?: number;
  /** Of one key, with those that wait. */
  readonly perKey?: number;
}

/** Who enters, and how long it may wait. */
export interface Entrant {
  readonly key: string;
  /** On the clock of `performance.now()`; half as long again, if only the process has no rest. */
  readonly until: number;
  /** Stops waiting. */
  readonly signal: AbortSignal;
}

/** Enters, when another leaves if need be: resolves to the function that leaves again, or the name of the limit reached. */
export type Limiter = (entrant: Entrant) => Promise<(() => void) | keyof Limits>;

// Each that waits costs a connection and a few kilobytes.
const MAX_WAITING = 1000;
// So many keep the process busy while replies are under way.
const FEW = 16;
const LOOK_MS = 2;
// Of the time since the last look, by which the process had rest.
const RESTED = 0.2;

/**
 * Lets in `total` at most, and of them more than a few only while the process has rest, so that those inside wait for
 * others: where the process itself is the bottleneck, two hundred at once would all end at the end, keep their memory
 * through collections of garbage, and miss their deadlines together.
 */
export function limiter({ total = 0, perKey = 0 }: Limits): Limiter {
  const held = new Map<string, number>();
  // In the order of arrival.
  const queue = new Set<() => void>();
  let running = 0;
  let looking: NodeJS.Timeout | undefined;

  function count(key: string, by: 1 | -1): void {
    const now = (held.get(key) ?? 0) + by;
    if (now === 0) held.delete(key);
    else held.set(key, now);
  }

  const isFree = (): boolean => total === 0 || running < total;
  const isOpen = (): boolean => total === 0 || running < Math.min(total, FEW);

  /** Has a look in a moment, and lets in as many as are inside if the process had rest. */
  function look(): void {
    if (looking !== undefined || queue.size === 0 || !isFree()) return;
    const hasRested = rest();
    looking = setTimeout(() => {
      looking = undefined;
      if (hasRested()) {
        for (let more = running; more > 0 && isFree() && queue.size > 0; more--) letIn();
      }
      look();
    }, LOOK_MS);
  }

  function letIn(): void {
    running++;
    const [next] = queue;
    next!();
  }

  /** Resolves to whether there was a place in time. */
  function turn({ until, signal }: Entrant): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isIn: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        queue.delete(go);
        resolve(isIn);
      };
      const go = (): void => end(true);
      const stop = (): void => end(false);
      const patience = Math.max(0, until - performance.now());
      const late = (): void => {
        // There is a place, but no rest: as only a few are inside, each takes little of the time that is left.
        if (isFree()) timer = setTimeout(stop, patience / 2);
        else stop();
      };
      let timer = setTimeout(late, patience);
      signal.addEventListener('abort', stop);
      queue.add(go);
      look();
    });
  }

  function leave(): void {
    running--;
    if (queue.size > 0 && isOpen()) letIn();
    else look();
  }

  return async (entrant) => {
    const { key } = entrant;
    if (perKey > 0 && (held.get(key) ?? 0) >= perKey) return 'perKey';
    if (total > 0 && running + queue.size >= total + MAX_WAITING) return 'total';
    count(key, 1);
    if (isOpen()) running++;
    else if (!(await turn(entrant))) {
      count(key, -1);
      return 'total';
    }
    return () => {
      count(key, -1);
      leave();
    };
  };
}

/** Returns whether the event loop has had rest since. Where that can't be known, as in Bun and Deno, it has. */
function rest(): () => boolean {
  const before = performance.eventLoopUtilization?.();
  return () => before === undefined || performance.eventLoopUtilization(before).utilization < 1 - RESTED;
}
