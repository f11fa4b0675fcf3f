import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** Event loop delays in seconds, since the previous reading. */
export interface Delays {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly stddev: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** Starts to measure how late Node's event loop is; it does not keep the process alive. */
export function startDelays(): IntervalHistogram {
  const delays = monitorEventLoopDelay();
  delays.enable();
  return delays;
}

/** Reads and resets the delays; `undefined` before the first measurement. Node does not record the one under way. */
export function takeDelays(delays: IntervalHistogram): Delays | undefined {
  if (delays.count === 0) return undefined;
  const taken = {
    min: delays.min / 1e9,
    max: delays.max / 1e9,
    mean: delays.mean / 1e9,
    stddev: delays.stddev / 1e9,
    p50: delays.percentile(50) / 1e9,
    p90: delays.percentile(90) / 1e9,
    p99: delays.percentile(99) / 1e9,
  };
  delays.reset();
  return taken;
}
