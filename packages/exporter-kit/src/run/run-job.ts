import type { Job } from '../collect/job.ts';
import type { JobOptions } from '../push/execute.ts';
import type { Sink } from '../push/sink.ts';

/** How {@link runJob} runs a job. Flags go before what is said here; `--push.grouping` adds to the grouping. */
export interface RunJobOptions extends Omit<JobOptions, 'to' | 'settings' | 'collectorSettings' | 'signal' | 'log'> {
  /** Default `0.0.0`. */
  readonly version?: string;
  /** Where the result goes unless a flag names another place; default: standard output. */
  readonly to?: readonly Sink[];
}

/**
 * Runs a job as a process: reads flags and environment, runs it, pushes its result, logs one line, and exits. Each leaf of
 * the job's config is a flag, and of its collectors' too (`--collector.textfile.directory`).
 *
 * SIGTERM and SIGINT abort the job, as does whatever else would end the process with the result still in it: an error that
 * nobody caught, `process.exit()`, a wait for what can never come. The job has then failed, and that is pushed: 20 s after
 * the signal (`graceMs` and `pushTimeoutMs`) the process has ended, and what still hangs is ended by force after 30. A
 * second signal ends it at once. Only a job that never lets go of the event loop hears no signal.
 *
 * Exit codes: 0 the job succeeded (whether or not its result could be pushed: that is in the log), 1 it failed, 75 it
 * succeeded but a result that is `pushRequired` was not delivered, 64 wrong usage. Never returns.
 *
 * @example
 * await runJob(backup, { grouping: { instance: 'db1' }, to: [pushgateway('http://127.0.0.1:9091')] });
 */
export async function runJob(job: Job, options: RunJobOptions = {}): Promise<never> {
  // As in run(): of no use to those who only call executeJob().
  const { jobProcess } = await import('./process/job-process.ts');
  return jobProcess(job, options);
}
