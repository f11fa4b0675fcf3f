import type { JobOptions } from '../push/execute.ts';
import type { Job } from '../push/job.ts';
import type { Sink } from '../push/sink.ts';

/** How {@link runJob} runs a job. Flags override these options; `--push.grouping` adds to the grouping. */
export interface RunJobOptions extends Omit<JobOptions, 'to' | 'settings' | 'collectorSettings' | 'signal' | 'log'> {
  /** Default `0.0.0`. */
  readonly version?: string;
  /** Where the result goes unless flags name other destinations; default: standard output. */
  readonly to?: readonly Sink[];
}

/**
 * Runs a job as a process: reads flags and environment, runs it, pushes its result, logs one line, and exits. Each leaf of
 * the job's config is a flag, and of its collectors' too (`--collector.textfile.directory`).
 *
 * SIGTERM and SIGINT abort the job, as does whatever else would end the process before its result is delivered: an uncaught
 * error, `process.exit()`, an event loop that runs empty. The job has then failed, and that is pushed: 20 s after the signal
 * (`graceMs` and `pushTimeoutMs`) the process has ended; what still hangs is killed after 30 s. A second signal ends it at
 * once. Only a job that blocks the event loop gets no signal.
 *
 * Exit codes: 0 the job succeeded (whether or not its result could be pushed: that is in the log), 1 it failed, 75 it
 * succeeded but a result that is `pushRequired` was not delivered, 64 wrong usage. Never returns.
 *
 * @example
 * await runJob(backup, { grouping: { instance: 'db1' }, to: [pushgateway('http://127.0.0.1:9091')] });
 */
export async function runJob(job: Job, options: RunJobOptions = {}): Promise<never> {
  // Loaded here, since programs that only call executeJob() don't need it.
  const { jobProcess } = await import('./process/job-process.ts');
  return jobProcess(job, options);
}
