import type { Job } from '../collect/job.ts';
import type { Grouping, Sink } from '../push/sink.ts';

/** How {@link runJob} runs a job. */
export interface RunJobOptions {
  /** Default `0.0.0`. */
  readonly version?: string;
  /** Labels beside `job` that tell its runs apart; `--push.grouping` adds to them. */
  readonly grouping?: Grouping;
  /** Where the result goes unless a flag names another place; default: standard output. */
  readonly to?: readonly Sink[];
}

/**
 * Runs a job as a process: reads flags and environment, runs it, pushes its result, logs one line, and exits. Each leaf of
 * the job's config is a flag. SIGTERM and SIGINT abort the job, which then counts as failed.
 *
 * Exit codes: 0 the job succeeded (whether or not its result could be pushed: that is in the log), 1 it failed,
 * 64 wrong usage. Never returns.
 *
 * @example
 * await runJob(backup, { grouping: { instance: 'db1' }, to: [pushgateway('http://127.0.0.1:9091')] });
 */
export async function runJob(job: Job, options: RunJobOptions = {}): Promise<never> {
  // As in run(): of no use to those who only call executeJob().
  const { jobProcess } = await import('./job-process.ts');
  return jobProcess(job, options);
}
