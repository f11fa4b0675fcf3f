import { KIT } from '../collect/about.ts';
import { type Logger, silent } from '../collect/context.ts';
import type { Job } from '../collect/job.ts';
import { messageOf, runner } from '../collect/runner.ts';
import { joinParts, type Part, snapshotOf } from '../collect/snapshot.ts';
import { countDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';
import { checkGrouping } from './grouping.ts';
import { jobVerdict } from './job-verdict.ts';
import type { Delivery, Grouping, Sink } from './sink.ts';

/** How a job is run. */
export interface JobOptions {
  /** Labels beside `job` that tell its runs apart; default none. */
  readonly grouping?: Grouping;
  /** Where the result goes; each sink gets it, whatever happens to the others. */
  readonly to: readonly Sink[];
  /** Given to the job's `config.parse()`; default `{}`. */
  readonly settings?: unknown;
  /** Aborts the job; it then counts as failed. */
  readonly signal?: AbortSignal;
  readonly log?: Logger;
  /** How long an aborted job may take to end before it is left behind; default 5000. */
  readonly graceMs?: number;
}

/** How one sink fared. */
export interface Delivered {
  readonly sink: string;
  /** Why it did not get the result. */
  readonly error?: unknown;
}

/** How a job's run ended. */
export interface JobReport {
  readonly success: boolean;
  readonly durationSeconds: number;
  /** What the job threw. */
  readonly error?: unknown;
  readonly delivered: readonly Delivered[];
}

/**
 * Runs a job, delivers its result, and rethrows what the job threw.
 *
 * Success replaces the group: the job's metrics, its collectors' and the verdict. Failure adds only the verdict, so that
 * the last success and the last good result stay where they are. Trouble with a sink is logged and reported, and never
 * hides the job's own error.
 *
 * @example
 * await executeJob(backup, { grouping: { instance: 'db1' }, to: [pushgateway('http://127.0.0.1:9091')] });
 * @throws what the job throws; TypeError for a grouping that clashes with the job's labels, before anything runs.
 */
export async function executeJob(job: Job, options: JobOptions): Promise<JobReport> {
  const report = await settleJob(job, options);
  if (!report.success) throw report.error;
  return report;
}

/** As {@link executeJob}, but with the job's error in the report. */
export async function settleJob(job: Job, options: JobOptions): Promise<JobReport> {
  const {
    grouping = {},
    to,
    settings = {},
    log = silent,
    graceMs = 5000,
    signal = new AbortController().signal,
  } = options;
  checkJobNames(job);
  checkGrouping(job, grouping);
  const config = configOf(job, settings);
  const store = new Store({ title: `job ${job.name}`, metrics: { ...job.metrics } }, countDrops(false));

  const started = performance.now();
  const error = await settled(() => job.run(store.begin(), { signal, log, config }), signal, graceMs);
  const durationSeconds = (performance.now() - started) / 1000;
  store.end();
  const success = error === undefined;
  for (const [reason, first] of store.drops.first) log.warn({ job: job.name, reason, first }, 'samples dropped');

  const parts: Part[] = [part(KIT, jobVerdict().write({ success, durationSeconds, endedMs: Date.now() }).columns, log)];
  if (success) {
    parts.push(part(`job ${job.name}`, store.freeze().columns, log));
    for (const collector of job.collectors) {
      const running = runner(collector, undefined, { log, strict: false }).join(performance.now() + 10_000);
      const { status, reason, samples } = await running.done;
      if (status !== 'ok') log.error({ job: job.name, collector: collector.name, status, reason }, 'collector failed');
      parts.push(part(`collector ${collector.name}`, samples?.columns ?? [], log));
    }
  }
  const snapshot = snapshotOf(joinParts(parts));
  const delivery: Delivery = { job: job.name, grouping, mode: success ? 'replace' : 'add', snapshot };
  const delivered = await Promise.all(to.map((sink) => deliver(sink, delivery, log)));
  return { success, durationSeconds, delivered, ...(success ? {} : { error }) };
}

/** Families no job may declare, because the kit writes them for every job. */
function checkJobNames(job: Job): void {
  const own = new Set(Object.values(jobVerdict().metrics).map(({ name }) => name));
  const taken = Object.values(job.metrics).find(({ name }) => own.has(name));
  if (taken !== undefined) {
    throw new TypeError(`job ${job.name}: ${taken.name} is written by the kit for every job; remove the declaration.`);
  }
}

function configOf(job: Job, settings: unknown): unknown {
  try {
    return job.config?.parse(settings);
  } catch (cause) {
    throw new Error(`job ${job.name} does not accept its settings: ${messageOf(cause)}`, { cause });
  }
}

/** What the job threw, or why it was given up; `undefined` when it ended well. */
async function settled(work: () => void | Promise<void>, signal: AbortSignal, graceMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const given = new Promise<unknown>((resolve) => {
    signal.addEventListener('abort', () => {
      timer = setTimeout(() => resolve(signal.reason), graceMs);
    });
  });
  const ended = (async () => {
    await work();
    return signal.aborted ? signal.reason : undefined;
  })().catch((error: unknown) => error ?? new Error('the job threw nothing'));
  try {
    return await Promise.race([ended, given]);
  } finally {
    clearTimeout(timer);
  }
}

function part(title: string, columns: Part['columns'], log: Logger): Part {
  return { title, columns, conflict: (series, detail) => log.error({ series }, detail) };
}

async function deliver(sink: Sink, delivery: Delivery, log: Logger): Promise<Delivered> {
  try {
    await sink.deliver(delivery, { log, signal: AbortSignal.timeout(30_000) });
    log.debug({ job: delivery.job, sink: sink.name, mode: delivery.mode }, 'delivered');
    return { sink: sink.name };
  } catch (error) {
    log.error({ job: delivery.job, sink: sink.name, err: error }, 'not delivered');
    return { sink: sink.name, error };
  }
}
