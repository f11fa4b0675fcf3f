/** The phases of a request, as in blackbox_exporter. */
export const phases = ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const;

export type Phase = (typeof phases)[number];

/** Sums the duration of each phase over all redirects. */
export interface Stopwatch {
  /** Ends the current phase, if any, and begins another. */
  begin(phase: Phase): void;
  end(): void;
  add(phase: Phase, seconds: number): void;
  seconds(phase: Phase): number;
}

/** A phase that a failure ended does not count, as in blackbox_exporter. */
export function stopwatch(): Stopwatch {
  const sums = new Map<Phase, number>();
  let running: { readonly phase: Phase; readonly since: number } | undefined;
  const add = (phase: Phase, seconds: number): void => void sums.set(phase, (sums.get(phase) ?? 0) + seconds);
  const end = (): void => {
    if (running !== undefined) add(running.phase, (performance.now() - running.since) / 1000);
    running = undefined;
  };
  return {
    add,
    end,
    begin(phase) {
      end();
      running = { phase, since: performance.now() };
    },
    seconds: (phase) => sums.get(phase) ?? 0,
  };
}
