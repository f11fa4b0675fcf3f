import type { ProbeLine } from './probe-log.ts';

/** A finished probe. */
export interface RecentProbe {
  /** Counts from 1. */
  readonly id: number;
  /** End time, ISO 8601. */
  readonly at: string;
  readonly module: string;
  /** Without credentials, at most 500 characters. */
  readonly target: string;
  readonly success: boolean;
  readonly durationSeconds: number;
  /** Why it failed. */
  readonly reason?: string;
  readonly log: readonly ProbeLine[];
}

/** The latest finished probes. */
export interface RecentProbes {
  add(probe: Omit<RecentProbe, 'id'>): void;
  /** Newest first. */
  list(): RecentProbe[];
}

/** Keeps `limit` probes, plus as many earlier failed ones. */
export function recentProbes(limit: number): RecentProbes {
  let count = 0;
  const last: RecentProbe[] = [];
  const failed: RecentProbe[] = [];
  return {
    add(probe) {
      last.push({ ...probe, id: ++count });
      const oldest = last.length > limit ? last.shift() : undefined;
      if (oldest === undefined || oldest.success) return;
      failed.push(oldest);
      if (failed.length > limit) failed.shift();
    },
    list: () => [...failed, ...last].reverse(),
  };
}
