import type { Logger } from '../collect/context.ts';
import type { Part } from '../collect/scrape/snapshot.ts';
import { type Drops, drop } from '../collect/store/drops.ts';

/** Where samples of a job's result come from, and what was dropped of them. */
export interface Origin extends Part {
  readonly drops: Drops;
}

/** Its columns as a part of the result; what has to stay outside is counted as dropped. */
export function originPart(title: string, columns: Part['columns'], drops: Drops): Origin {
  return {
    title,
    columns,
    drops,
    conflict(series, detail) {
      for (let i = 0; i < series; i++) drop(drops, 'family_conflict', () => detail);
    },
  };
}

/** How many samples were dropped of a result. */
export function droppedOf(origins: readonly Origin[]): number {
  let dropped = 0;
  for (const { drops } of origins) for (const count of drops.counts.values()) dropped += count;
  return dropped;
}

/** Says once for each origin and reason how many were dropped, and which was the first. */
export function tellDropped(job: string, origins: readonly Origin[], log: Logger): void {
  for (const { title, drops } of origins) {
    for (const [reason, first] of drops.first) {
      log.warn({ job, from: title, reason, count: drops.counts.get(reason), first }, 'samples dropped');
    }
  }
}
