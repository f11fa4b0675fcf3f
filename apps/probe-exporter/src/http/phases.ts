/** The phases of a request, as blackbox_exporter tells them. */
export const phases = ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const;

export type Phase = (typeof phases)[number];

/** Adds up how long each phase took, over all redirects. */
export interface Stopwatch {
  /** Ends the phase that is under way, if any, and begins another. */
  begin(phase: Phase): void;
  end(): void;
  add(phase: Phase, seconds: number): void;
  seconds(phase: Phase): number;
}

/** Makes one. A phase that a failure ended counts nothing, as there. */
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
