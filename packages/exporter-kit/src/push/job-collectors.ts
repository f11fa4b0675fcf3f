import type { Collector } from '../collect/collector.ts';
import type { Logger } from '../collect/context.ts';
import type { Job } from '../collect/job.ts';
import { type Runner, runner } from '../collect/scrape/runner.ts';
import { hasFailed } from '../collect/scrape/verdict.ts';
import { caught } from '../errors/thrown.ts';
import { type Origin, originPart } from './dropped.ts';
import type { Ended } from './run-to-end.ts';

/** Time limit for reading all collectors. */
const READ_MS = 10_000;

/** Results of a job's collectors. */
export interface Readings {
  readonly origins: readonly Origin[];
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
  const origins = outcomes.map(({ collector, samples }, i) =>
    originPart(`collector ${collector.name}`, samples?.columns ?? [], runners[i]!.drops),
  );
  if (signal.aborted) return { origins, failure: { ending: 'aborted', error: caught(signal.reason) } };
  const counted = failed.filter(({ collector }) => !collector.optional);
  if (counted.length === 0) return { origins };
  const why = counted.map(({ collector, reason }) => `collector ${collector.name} failed: ${reason}`);
  return { origins, failure: { ending: 'failed', error: new Error(why.join('; '), { cause: counted[0]!.error }) } };
}
