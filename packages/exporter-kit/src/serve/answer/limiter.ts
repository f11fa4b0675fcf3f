/** Bounds on what runs at the same time; 0 or absent: no bound. */
export interface Limits {
  readonly total?: number;
  readonly perKey?: number;
}

/** Enters under a key: returns the function that leaves again, or the name of the limit that is reached. */
export type Limiter = (key: string) => (() => void) | keyof Limits;

export function limiter({ total = 0, perKey = 0 }: Limits): Limiter {
  const running = new Map<string, number>();
  let all = 0;
  return (key) => {
    const same = running.get(key) ?? 0;
    if (total > 0 && all >= total) return 'total';
    if (perKey > 0 && same >= perKey) return 'perKey';
    all++;
    running.set(key, same + 1);
    return () => {
      all--;
      const left = running.get(key)! - 1;
      if (left === 0) running.delete(key);
      else running.set(key, left);
    };
  };
}
