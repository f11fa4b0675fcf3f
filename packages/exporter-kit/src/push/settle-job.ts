import { safeLogger, silent } from '../collect/context.ts';
import { configOf as collectorConfig } from '../collect/scrape/runners.ts';
import { resolveTargets, sourcesOf } from '../collect/source/targets.ts';
import { caught, messageOf } from '../errors/thrown.ts';
import { LONGEST_TIMER_MS } from '../time/duration.ts';
import { deliverResult, PUSH_TIMEOUT_MS, pushProgress } from './deliver.ts';
import type { JobOptions, JobReport } from './execute.ts';
import { checkGrouping } from './group.ts';
import type { Job } from './job.ts';
import { type JobConfigs, jobResult } from './job-result.ts';
import { GRACE_MS, runToEnd } from './run-to-end.ts';

/** As `executeJob`, but with the job's error in the report. `parsed` goes before the settings in the options. */
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
