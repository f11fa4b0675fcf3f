import type { Logger } from '../collect/context.ts';
import type { SourceSettings } from '../collect/source/targets.ts';
import { messageOf } from '../errors/thrown.ts';
import type { Delivered } from './deliver.ts';
import type { Job } from './job.ts';
import type { Ending } from './run-to-end.ts';
import type { Grouping, Sink } from './sink.ts';
import type { SpoolOptions } from './spool/folder.ts';

/** How a job is run. */
export interface JobOptions {
  /** Labels beside `job` that tell its runs apart; default none. */
  readonly grouping?: Grouping;
  /** Sinks that get the result, independently of each other. */
  readonly to: readonly Sink[];
  /** Given to the job's `config.parse()`; default `{}`. */
  readonly settings?: unknown;
  /** Given to each collector's `config.parse()`, by the collector's name; default `{}`. */
  readonly collectorSettings?: { readonly [collector: string]: unknown };
  /** Settings of the collectors' sources by their names, as for `serve`; default: one target with default settings. */
  readonly sources?: SourceSettings;
  /** Aborts the job; it then counts as failed. */
  readonly signal?: AbortSignal;
  readonly log?: Logger;
  /** Time limit of the job; it is then aborted and counts as failed. Default: none. */
  readonly timeoutMs?: number;
  /** Time an aborted job gets to finish before it is abandoned; default 5000. */
  readonly graceMs?: number;
  /** Time limit for delivery, over all sinks and retries; default 15 000. */
  readonly pushTimeoutMs?: number;
  /** Whether a failed delivery fails the run even if the job succeeded; default `false`. */
  readonly pushRequired?: boolean;
  /**
   * Interval at which the job's samples so far are added to its group; default: only the final result is delivered. A
   * failed run then leaves what it had written, instead of the last good result.
   */
  readonly progressEveryMs?: number;
  /** Folder, or folder and limits, that keeps undelivered results for a later run; default: none. */
  readonly spool?: string | SpoolOptions;
  /** Removes the group when the run ends, whatever its outcome, instead of delivering; sinks that can't remove get the result. */
  readonly removeOnExit?: boolean;
}

/** How a job's run ended. */
export interface JobReport {
  readonly success: boolean;
  /** `timed out` after `timeoutMs`, `aborted` by `signal`, `failed` by itself or because one of its collectors did. */
  readonly ending: Ending;
  readonly durationSeconds: number;
  /** What the job threw, why it was aborted, or which collector failed. */
  readonly error?: unknown;
  /** Whether its work is still running because it ignored its `signal`. */
  readonly leftBehind: boolean;
  readonly delivered: readonly Delivered[];
  /** Number of sinks that did not get the result. */
  readonly notDelivered: number;
}

/**
 * Runs a job, delivers its result, and rethrows what the job threw.
 *
 * Success replaces the group: the job's metrics, its collectors' and the verdict. Failure, of the job or of a collector that
 * is not `optional`, adds only the verdict, so that the last success and the last good result stay. A sink's failure is
 * logged and reported, and never hides the job's own error.
 *
 * Once aborted, it is over after `graceMs` and `pushTimeoutMs` at the latest.
 *
 * @example
 * await executeJob(backup, { grouping: { instance: 'db1' }, to: [pushgateway('http://127.0.0.1:9091')] });
 * @throws what the job throws, or why it was aborted; with `pushRequired`, Error when a sink did not take the result of a
 * job that succeeded; TypeError for a grouping that clashes with the job's labels, before anything runs.
 */
export async function executeJob(job: Job, options: JobOptions): Promise<JobReport> {
  // Loaded here, since programs that are scraped run no jobs.
  const { settleJob } = await import('./settle-job.ts');
  const report = await settleJob(job, options);
  if (!report.success) throw report.error;
  const lost = report.delivered.find(({ error }) => error !== undefined);
  if (options.pushRequired && lost !== undefined) {
    const why = `job ${job.name} succeeded, but its result was not delivered: ${messageOf(lost.error)}`;
    throw new Error(why, { cause: lost.error });
  }
  return report;
}
