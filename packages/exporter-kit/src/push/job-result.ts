import type { Collector } from '../collect/collector.ts';
import type { Logger } from '../collect/context.ts';
import { newNames } from '../collect/new-names.ts';
import { systemResolve } from '../collect/resolve.ts';
import type { TargetAnswer } from '../collect/scrape/join-when-up.ts';
import { clientOf, type Plan, rounds } from '../collect/scrape/rounds.ts';
import type { Outcome } from '../collect/scrape/runner.ts';
import { runnersOf } from '../collect/scrape/runners.ts';
import { sourceLog } from '../collect/scrape/scrape-log.ts';
import { hasFailed, joinSelfMetrics, type SelfMetrics, selfMetrics, together } from '../collect/scrape/self-metrics.ts';
import {
  type CountingPart,
  countingPart,
  type Part,
  type Snapshot,
  snapshotOf,
  snapshotOfParts,
} from '../collect/scrape/snapshot.ts';
import { targetLabels, upMetrics } from '../collect/scrape/source-metrics.ts';
import { sourceSet } from '../collect/source/source-set.ts';
import type { ResolvedTargets } from '../collect/source/targets.ts';
import { countDrops, forgetDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';
import { caught } from '../errors/thrown.ts';
import { gauge } from '../metric/declare.ts';
import { underBothNames } from '../metric/renamed.ts';
import { above, below } from '../metric/views.ts';
import type { Job } from './job.ts';
import { jobCounts } from './job-writers.ts';
import type { Ended } from './run-to-end.ts';

/** Time limit for reading all collectors. */
const READ_MS = 10_000;

// Stores of finished runs. A job that runs again in the same process finds its series encoded already.
const idle = new WeakMap<Job, Store>();

/** What the parsers of a job, of its collectors and of their sources returned. */
export interface JobConfigs {
  readonly own: unknown;
  readonly collectors: ReadonlyMap<Collector, unknown>;
  readonly targets: ResolvedTargets;
}

/** What one run of a job has to deliver. */
export interface JobResult {
  /** For the job's work. */
  readonly writers: object;
  /** What the work has written so far; `undefined` for nothing. */
  soFar(): Snapshot | undefined;
  /**
   * Ends the writing, and adds what the collectors find if the work succeeded, and the verdict. A failed run is left with its
   * verdict alone, so that the last result stays in place.
   */
  settle(worked: Ended, signal: AbortSignal): Promise<Settled>;
  /** Resolves once the clients of sources are closed. */
  closed(): Promise<void>;
  /** To be called once nothing reads or writes it any more: the job's next run can use its store. */
  recycle(): void;
}

/** How a run ended, with its collectors considered, and what is to be delivered. Release the snapshot. */
export interface Settled extends Ended {
  readonly success: boolean;
  readonly settledMs: number;
  readonly snapshot: Snapshot;
}

/**
 * The result of a run that is about to start. Its sources are opened when the work has succeeded.
 *
 * @throws TypeError naming a family that the kit writes for every job.
 */
export function jobResult(
  job: Job,
  { collectors: configs, targets }: Pick<JobConfigs, 'collectors' | 'targets'>,
  log: Logger,
): JobResult {
  const store = takeStore(job);
  const counts = jobCounts(job.metrics, store.begin());
  const renamed = newNames({ metrics: job.metrics, families: 'declared' });
  const part = (written: Part['columns']): CountingPart => {
    const columns = counts.in(written);
    return countingPart(`job ${job.name}`, renamed?.(columns) ?? columns, store.drops);
  };
  const sources = sourceSet(targets, { log, resolve: systemResolve });
  const runners = runnersOf(job.collectors, sources, { log, configs });
  const ups = Array.from(targets, ([source, theirs]) => upMetrics(source, targetLabels(source, theirs)));
  let closing: Promise<void> | undefined;
  return {
    writers: counts.writers,
    async settle(worked, signal) {
      store.end();
      const own = store.snapshot();
      const { parts, answers, failure }: Readings =
        worked.ending === 'succeeded' && runners.length > 0
          ? await readCollectors(job, { runners, targets: sources.targets }, signal, log)
          : { parts: [], answers: [] };
      closing = sources.retire();
      const ended: Ended = { ...worked, ...failure };
      const success = ended.ending === 'succeeded';
      const all = [part(own.columns), ...parts];
      const settledMs = Date.now();
      const facts = { success, durationSeconds: ended.durationSeconds, endedMs: settledMs };
      const { families, selfMetrics: verdict } = joinSelfMetrics(
        () =>
          together([
            jobVerdict().write({ ...facts, dropped: success ? countDropped(all) : 0 }),
            ...(success ? ups.map((up) => up.write(answers)) : []),
          ]),
        success ? all : [],
      );
      logDropped(job.name, all, log);
      const snapshot = snapshotOf(families, () => {
        verdict.release();
        own.release();
      });
      return { ...ended, success, settledMs, snapshot };
    },
    soFar() {
      const columns = store.peek();
      return columns.length === 0 ? undefined : snapshotOfParts([part(columns)]);
    },
    closed: () => closing ?? sources.retire(),
    recycle() {
      idle.set(job, store);
    },
  };
}

/** A store for the exclusive use of one run. */
function takeStore(job: Job): Store {
  const kept = idle.get(job);
  idle.delete(job);
  if (kept === undefined) {
    checkJobNames(job);
    return new Store({ title: `job ${job.name}`, metrics: { ...job.metrics }, overwriting: true }, countDrops(false));
  }
  forgetDrops(kept.drops);
  return kept;
}

/** Results of a job's collectors. */
interface Readings {
  readonly parts: readonly CountingPart[];
  readonly answers: readonly TargetAnswer[];
  /** Set if a required collector failed. */
  readonly failure?: Pick<Ended, 'ending' | 'error'>;
}

/**
 * Reads all collectors concurrently. One that fails fails the job, unless it is `optional`: an incomplete result must not
 * replace a complete one. `unsupported` is not a failure; nor is a source that is down, as its `up` says so.
 */
async function readCollectors(
  job: Job,
  plan: Pick<Plan<never>, 'runners' | 'targets'>,
  signal: AbortSignal,
  log: Logger,
): Promise<Readings> {
  const drops = new Map(plan.runners.map((one) => [one.collector, one.drops]));
  let read: { readonly outcomes: readonly Outcome[]; readonly answers: readonly TargetAnswer[] };
  try {
    const share = rounds<typeof read>();
    read = await share('', { deadline: performance.now() + READ_MS, client: clientOf(signal) }, () => ({
      ...plan,
      natives: true,
      compose: (outcomes, answers) => ({ outcomes, answers }),
      hold() {},
    }));
  } catch (error) {
    return { parts: [], answers: [], failure: { ending: 'aborted', error: caught(error) } };
  }
  const { outcomes, answers } = read;
  sourceLog(log)(answers);
  const failed = outcomes.filter((one) => hasFailed(one) && one.status !== 'down');
  for (const { collector, status, reason } of failed) {
    const facts = { job: job.name, collector: collector.name, ...collector.constLabels, status, reason };
    if (collector.optional) log.warn(facts, 'optional collector failed; the result is delivered without it');
    else log.error(facts, 'collector failed');
  }
  const parts = outcomes.map(({ collector, samples }) =>
    countingPart(`collector ${collector.name}`, samples?.columns ?? [], drops.get(collector)!),
  );
  const counted = failed.filter(({ collector }) => !collector.optional);
  if (counted.length === 0) return { parts, answers };
  const why = counted.map(({ collector, reason }) => `collector ${collector.name} failed: ${reason}`);
  const error = new Error(why.join('; '), { cause: counted[0]!.error });
  return { parts, answers, failure: { ending: 'failed', error } };
}

/** Number of samples dropped from a result. */
function countDropped(parts: readonly CountingPart[]): number {
  let dropped = 0;
  for (const { drops } of parts)
    for (const [reason, count] of drops.counts) if (reason !== 'invalid_exemplar') dropped += count;
  return dropped;
}

/** Logs one line for each part and reason: how many samples were dropped, and the first. */
function logDropped(job: string, parts: readonly CountingPart[], log: Logger): void {
  for (const { title, drops } of parts) {
    for (const [reason, first] of drops.first) {
      log.warn({ job, from: title, reason, count: drops.counts.get(reason), first }, 'samples dropped');
    }
  }
}

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
      success: gauge({
        name: 'job_success',
        help: 'Whether the last run succeeded.',
        alert: { name: 'JobFailed', when: below(1), for: '2m', summary: 'Last run of the job failed.' },
      }),
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
        alert: {
          name: 'JobSamplesDropped',
          when: above(0),
          for: '2m',
          summary: "Samples of the job's result are dropped.",
        },
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
  const taken = Object.values(job.metrics)
    .flatMap(underBothNames)
    .find(({ name }) => own.has(name));
  if (taken !== undefined) {
    throw new TypeError(`job ${job.name}: ${taken.name} is written by the kit for every job; remove the declaration.`);
  }
}
