import { type Logger, safeLogger, silent } from '../collect/context.ts';
import type { Job } from '../collect/job.ts';
import { configOf as collectorConfig } from '../collect/scrape/runners.ts';
import { resolveTargets, type SourceSettings, sourcesOf } from '../collect/source/targets.ts';
import { caught, messageOf } from '../errors/thrown.ts';
import { LONGEST_TIMER_MS } from '../time/duration.ts';
import { type Delivered, deliverResult, pushProgress } from './deliver.ts';
import { checkGrouping } from './group.ts';
import { type JobConfigs, jobResult } from './job-result.ts';
import { type Ending, runToEnd } from './run-to-end.ts';
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

export const GRACE_MS: number = 5000;
export const PUSH_TIMEOUT_MS: number = 15_000;

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
  const report = await settleJob(job, options);
  if (!report.success) throw report.error;
  const lost = report.delivered.find(({ error }) => error !== undefined);
  if (options.pushRequired && lost !== undefined) {
    const why = `job ${job.name} succeeded, but its result was not delivered: ${messageOf(lost.error)}`;
    throw new Error(why, { cause: lost.error });
  }
  return report;
}

/** As {@link executeJob}, but with the job's error in the report. `parsed` goes before the settings in the options. */
export async function settleJob(job: Job, options: JobOptions, parsed?: JobConfigs): Promise<JobReport> {
  const { to, signal = new AbortController().signal } = options;
  const grouping = { ...options.grouping };
  const log = safeLogger(options.log ?? silent);
  const { timeoutMs, graceMs = GRACE_MS, pushTimeoutMs = PUSH_TIMEOUT_MS, progressEveryMs } = options;
  checkTimes(job, { timeoutMs, graceMs, pushTimeoutMs, progressEveryMs });
  const configs = parsed ?? parseConfigs(job, options);
  checkGrouping(job, grouping);
  const group = { job: job.name, grouping };
  const result = jobResult(job, configs, options.log ?? silent);
  const progress =
    progressEveryMs === undefined ? undefined : pushProgress(to, group, progressEveryMs, result.soFar, log);
  const work = async (aborted: AbortSignal): Promise<void> =>
    job.run(result.writers, { signal: aborted, log: options.log ?? silent, config: configs.own });
  const worked = await runToEnd(work, { signal, timeoutMs, graceMs });
  const after = progress?.stop();
  const settled = await result.settle(worked, signal);
  const { snapshot, settledMs, ...report } = settled;
  const delivered = await deliverResult(settled, group, { ...options, pushTimeoutMs, log, after });
  const notDelivered = delivered.filter(({ error }) => error !== undefined).length;
  snapshot.release();
  await result.closed();
  // An abandoned sink may still be reading.
  if (notDelivered === 0 && !settled.leftBehind && progress === undefined) result.recycle();
  return { ...report, delivered, notDelivered };
}

function checkTimes(job: Job, times: { readonly [option: string]: number | undefined }): void {
  for (const [option, ms] of Object.entries(times)) {
    const least = option === 'graceMs' ? 0 : 1;
    if (ms === undefined || (ms >= least && ms <= LONGEST_TIMER_MS)) continue;
    throw new TypeError(`job ${job.name}: ${option} is ${ms}; give milliseconds, from ${least} to 24 days.`);
  }
}

/** @throws Error when the job or a collector does not accept its settings; it names which. */
function parseConfigs(job: Job, { settings = {}, collectorSettings = {}, sources }: JobOptions): JobConfigs {
  let own: unknown;
  try {
    own = job.config?.parse(settings);
  } catch (cause) {
    throw new Error(`job ${job.name} does not accept its settings: ${messageOf(cause)}`, { cause: caught(cause) });
  }
  const collectors = job.collectors.map((one) => [one, collectorConfig(one, collectorSettings[one.name])] as const);
  return { own, collectors: new Map(collectors), targets: resolveTargets(sourcesOf(job.collectors), sources) };
}
