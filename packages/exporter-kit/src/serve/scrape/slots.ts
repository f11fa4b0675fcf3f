import type { Selection } from './selection.ts';

/** Room for so many rounds of collection. */
export interface Slots {
  /** A place in the round of those who select the same; the function that gives it back, or `undefined` when all is full. */
  enter(selection: Selection): (() => void) | undefined;
}

// Each waits with a connection and a few kilobytes.
const MOST_WAITING = 1000;

/** Counts rounds, not those who share them: a burst of the same costs one. 0 is no limit, on those who wait neither. */
export function slots(most: number): Slots {
  const rounds = new Map<string, number>();
  let waiting = 0;
  return {
    enter({ only, families }) {
      const key = JSON.stringify([only && [...only].sort(), families && [...families].sort()]);
      const sharing = rounds.get(key) ?? 0;
      if (most > 0 && (waiting >= MOST_WAITING || (sharing === 0 && rounds.size >= most))) return undefined;
      rounds.set(key, sharing + 1);
      waiting++;
      return () => {
        waiting--;
        const left = rounds.get(key)! - 1;
        if (left === 0) rounds.delete(key);
        else rounds.set(key, left);
      };
    },
  };
}
