import type { Logger } from '../collect/context.ts';
import type { DropReason, Drops } from '../collect/store/drops.ts';

/** Samples of one probe's answer that could not be written, all for one reason. */
export interface Dropped {
  readonly reason: DropReason;
  readonly count: number;
  /** What was wrong with the first of them. */
  readonly first: string;
}

/** @param mask takes secrets out of a text. */
export function droppedOf({ counts, first }: Drops, mask: (text: string) => string): Dropped[] {
  return [...counts].map(([reason, count]) => ({ reason, count, first: mask(first.get(reason) ?? '') }));
}

/** Makes the function that logs dropped samples, once for each probe and reason: the counter says how many there are. */
export function dropsLog(log: Logger): (probe: string, dropped: readonly Dropped[]) => void {
  const told = new Set<string>();
  return (probe, dropped) => {
    for (const { reason, first } of dropped) {
      const key = `${probe} ${reason}`;
      if (told.has(key)) continue;
      told.add(key);
      log.warn({ probe, reason, first }, 'samples dropped');
    }
  };
}
