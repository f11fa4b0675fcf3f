import type { Job } from '../collect/job.ts';
import { type SelfMetrics, selfMetrics } from '../collect/scrape/self-metrics.ts';
import { gauge } from '../metric/declare.ts';

/** How a job's run ended. */
export interface JobFacts {
  readonly success: boolean;
  readonly durationSeconds: number;
  /** Milliseconds since the epoch. */
  readonly endedMs: number;
  /** Samples of the result that could not be written; written only if above 0. */
  readonly dropped?: number;
}

let verdict: SelfMetrics<JobFacts> | undefined;

/**
 * The families that every job writes about itself, so that one alert covers all jobs. A failed run does not write the last
 * success, so that the value at the gateway survives.
 */
export function jobVerdict(): SelfMetrics<JobFacts> {
  verdict ??= selfMetrics(
    {
      success: gauge({ name: 'job_success', help: 'Whether the last run succeeded.' }),
      duration: gauge({ name: 'job_duration_seconds', help: 'Duration of the last run.', unit: 'seconds' }),
      completion: gauge({
        name: 'job_last_completion_timestamp_seconds',
        help: 'Time the last run ended, successful or not.',
        unit: 'seconds',
      }),
      lastSuccess: gauge({
        name: 'job_last_success_timestamp_seconds',
        help: 'Time of the last successful run.',
        unit: 'seconds',
      }),
      dropped: gauge({
        name: 'job_dropped_samples',
        help: 'Samples missing from this result because they could not be written.',
      }),
    },
    (write, { success, durationSeconds, endedMs, dropped = 0 }) => {
      write.success.set(success ? 1 : 0);
      write.duration.set(durationSeconds);
      write.completion.set(endedMs / 1000);
      if (success) write.lastSuccess.set(endedMs / 1000);
      if (dropped > 0) write.dropped.set(dropped);
    },
  );
  return verdict;
}

/**
 * Rejects families that a job must not declare because the kit writes them for every job.
 *
 * @throws TypeError naming the family.
 */
export function checkJobNames(job: Job): void {
  const own = new Set(Object.values(jobVerdict().metrics).map(({ name }) => name));
  const taken = Object.values(job.metrics).find(({ name }) => own.has(name));
  if (taken !== undefined) {
    throw new TypeError(`job ${job.name}: ${taken.name} is written by the kit for every job; remove the declaration.`);
  }
}
