/** How many probes may be under way. */
export interface ProbeLimits {
  /** Altogether; default 200, 0 for no limit. */
  readonly maxProbes?: number;
  /** Of one target; default 8, 0 for no limit. */
  readonly maxProbesPerTarget?: number;
}

/** Lets so many probes run. */
export interface Places {
  /** Takes a place and gives the function that frees it again; or says why there is none. */
  take(target: string): (() => void) | string;
}

/** Makes the places. */
export function places({ maxProbes = 200, maxProbesPerTarget = 8 }: ProbeLimits): Places {
  const perTarget = new Map<string, number>();
  let running = 0;
  return {
    take(target) {
      const same = perTarget.get(target) ?? 0;
      if (maxProbes > 0 && running >= maxProbes) return `${maxProbes} probes are under way`;
      if (maxProbesPerTarget > 0 && same >= maxProbesPerTarget) return `${same} probes of this target are under way`;
      running++;
      perTarget.set(target, same + 1);
      return () => {
        running--;
        const left = perTarget.get(target)! - 1;
        if (left === 0) perTarget.delete(target);
        else perTarget.set(target, left);
      };
    },
  };
}
