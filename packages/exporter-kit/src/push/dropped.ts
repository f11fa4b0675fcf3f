import type { Logger } from '../collect/context.ts';
import type { Part } from '../collect/scrape/snapshot.ts';
import { type Drops, drop } from '../collect/store/drops.ts';

/** Part of a job's result, and the samples dropped from it. */
export interface Origin extends Part {
  readonly drops: Drops;
}

/** Columns as part of a result; conflicting series are counted as dropped. */
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

/** Number of samples dropped from a result. */
export function countDropped(origins: readonly Origin[]): number {
  let dropped = 0;
  for (const { drops } of origins) for (const count of drops.counts.values()) dropped += count;
  return dropped;
}

/** Logs one line for each origin and reason: how many samples were dropped, and the first. */
export function logDropped(job: string, origins: readonly Origin[], log: Logger): void {
  for (const { title, drops } of origins) {
    for (const [reason, first] of drops.first) {
      log.warn({ job, from: title, reason, count: drops.counts.get(reason), first }, 'samples dropped');
    }
  }
}
