import { isDeepStrictEqual } from 'node:util';
import { type LiveTarget, liveTarget } from './live-target.ts';
import type { SourceOptions } from './opener.ts';
import { selectedBy } from './shard.ts';
import type { ResolvedTargets, Target } from './targets.ts';

/** All targets of an exporter under one configuration. */
export interface SourceSet {
  readonly targets: readonly LiveTarget[];
  /** By `selectedBy`; sources may have targets of the same name. */
  readonly byName: ReadonlyMap<string, readonly LiveTarget[]>;
  /** Targets that earlier sets had and that are not closed yet. */
  readonly closing: Set<Promise<void>>;
  /** Closes the targets that `next` has not taken over; without it, all. Resolves when nothing is open any more. */
  retire(next?: SourceSet): Promise<void>;
}

/** Takes over targets of `earlier` that are the same: the same source value, and equal names and settings. */
export function sourceSet(resolved: ResolvedTargets, options: SourceOptions, earlier?: SourceSet): SourceSet {
  const targets = takeOver(resolved, options, earlier?.targets ?? []);
  const closing = earlier?.closing ?? new Set<Promise<void>>();
  return {
    targets,
    byName: groupedBy(targets, ({ source, target }) => selectedBy(source, target)),
    closing,
    async retire(next) {
      const kept = new Set(next?.targets);
      for (const target of targets) {
        if (kept.has(target)) continue;
        const closed = target.retire().finally(() => closing.delete(closed));
        closing.add(closed);
      }
      await Promise.all(closing);
    },
  };
}

// Not in a closure of the set, which would keep all earlier sets alive.
function takeOver(
  resolved: ResolvedTargets,
  options: SourceOptions,
  earlier: readonly LiveTarget[],
): readonly LiveTarget[] {
  return [...resolved].flatMap(([source, theirs]) =>
    theirs.map(
      (target) =>
        earlier.find((one) => one.source === source && isSame(one.target, target)) ??
        liveTarget(source, target, options),
    ),
  );
}

const isSame = (a: Target, b: Target): boolean => a.name === b.name && isDeepStrictEqual(a.settings, b.settings);

/** Groups in the order of their first members. (`Map.groupBy` needs Node 21.) */
export function groupedBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
