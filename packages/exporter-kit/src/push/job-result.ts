import type { Collector } from '../collect/collector.ts';
import type { Logger } from '../collect/context.ts';
import type { Job } from '../collect/job.ts';
import { type CountingPart, countingPart } from '../collect/scrape/join.ts';
import { type Runner, runner } from '../collect/scrape/runner.ts';
import { hasFailed } from '../collect/scrape/verdict.ts';
import { countDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';
import { caught } from '../errors/thrown.ts';
import type { Ended } from './run-to-end.ts';

/** Time limit for reading all collectors. */
const READ_MS = 10_000;

// Stores of finished runs. A job that runs again in the same process finds its series encoded already.
const idle = new WeakMap<Job, Store>();

/** A store for the exclusive use of one run. */
export function takeStore(job: Job): Store {
  const kept = idle.get(job);
  idle.delete(job);
  if (kept === undefined) {
    return new Store({ title: `job ${job.name}`, metrics: { ...job.metrics }, overwriting: true }, countDrops(false));
  }
  kept.drops.counts.clear();
  kept.drops.first.clear();
  return kept;
}

/** Returns a store for the next run, once nothing reads or writes it. */
export function giveStore(job: Job, store: Store): void {
  idle.set(job, store);
}

/** Results of a job's collectors. */
export interface Readings {
  readonly parts: readonly CountingPart[];
  /** Set if a required collector failed. */
  readonly failure?: Pick<Ended, 'ending' | 'error'>;
}

/** Makes the runners of a job's collectors, before the job does its work. `configs` has what each one's parser returned. */
export function runnersOf(job: Job, configs: ReadonlyMap<Collector, unknown>, log: Logger): Runner[] {
  return job.collectors.map((one) => runner(one, configs.get(one), { log, strict: false }));
}

/**
 * Reads all collectors concurrently. One that fails fails the job, unless it is `optional`: an incomplete result must not
 * replace a complete one. `unsupported` is not a failure.
 */
export async function readCollectors(
  job: Job,
  runners: readonly Runner[],
  signal: AbortSignal,
  log: Logger,
): Promise<Readings> {
  const deadline = performance.now() + READ_MS;
  const joined = runners.map((one) => one.join(deadline));
  const leave = (): void => {
    for (const one of joined) one.leave();
  };
  signal.addEventListener('abort', leave);
  if (signal.aborted) leave();
  const outcomes = await Promise.all(joined.map(({ done }) => done));
  signal.removeEventListener('abort', leave);

  const failed = outcomes.filter(hasFailed);
  for (const { collector, status, reason } of failed) {
    const facts = { job: job.name, collector: collector.name, status, reason };
    if (collector.optional) log.warn(facts, 'optional collector failed; the result is delivered without it');
    else log.error(facts, 'collector failed');
  }
  const parts = outcomes.map(({ collector, samples }, i) =>
    countingPart(`collector ${collector.name}`, samples?.columns ?? [], runners[i]!.drops),
  );
  if (signal.aborted) return { parts, failure: { ending: 'aborted', error: caught(signal.reason) } };
  const counted = failed.filter(({ collector }) => !collector.optional);
  if (counted.length === 0) return { parts };
  const why = counted.map(({ collector, reason }) => `collector ${collector.name} failed: ${reason}`);
  return { parts, failure: { ending: 'failed', error: new Error(why.join('; '), { cause: counted[0]!.error }) } };
}

/** Number of samples dropped from a result. */
export function countDropped(parts: readonly CountingPart[]): number {
  let dropped = 0;
  for (const { drops } of parts) for (const count of drops.counts.values()) dropped += count;
  return dropped;
}

/** Logs one line for each part and reason: how many samples were dropped, and the first. */
export function logDropped(job: string, parts: readonly CountingPart[], log: Logger): void {
  for (const { title, drops } of parts) {
    for (const [reason, first] of drops.first) {
      log.warn({ job, from: title, reason, count: drops.counts.get(reason), first }, 'samples dropped');
    }
  }
}
