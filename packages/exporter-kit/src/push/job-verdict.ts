import { countDrops } from '../collect/drops.ts';
import { type Frozen, Store } from '../collect/store.ts';
import type { Writers } from '../collect/writers.ts';
import { gauge } from '../metric/declare.ts';
import type { Gauge } from '../metric/metric.ts';

type Plain = Gauge<readonly [value: number]>;

/** The families every job writes about itself, so that one alert covers all jobs. */
export interface JobMetrics {
  readonly [key: string]: Plain;
  readonly success: Plain;
  readonly duration: Plain;
  readonly completion: Plain;
  readonly lastSuccess: Plain;
}

export const jobMetrics: JobMetrics = {
  success: gauge({ name: 'job_success', help: 'Whether the last run succeeded.' }),
  duration: gauge({ name: 'job_duration_seconds', help: 'Time the last run took.', unit: 'seconds' }),
  completion: gauge({
    name: 'job_last_completion_timestamp_seconds',
    help: 'When the last run ended, however it ended.',
    unit: 'seconds',
  }),
  lastSuccess: gauge({
    name: 'job_last_success_timestamp_seconds',
    help: 'When a run last ended well.',
    unit: 'seconds',
  }),
};

/** The verdict on one run. A failed run says nothing of the last success, so that what stands at the gateway survives. */
export function jobVerdict(success: boolean, durationSeconds: number, endedMs: number): Frozen {
  const store = new Store({ title: 'the kit itself', metrics: jobMetrics }, countDrops(true));
  const write = store.begin() as unknown as Writers<JobMetrics>;
  write.success.set(success ? 1 : 0);
  write.duration.set(durationSeconds);
  write.completion.set(endedMs / 1000);
  if (success) write.lastSuccess.set(endedMs / 1000);
  return store.freeze();
}
