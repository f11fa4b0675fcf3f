import { deepStrictEqual } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collector, SourceCollector } from '../collect/collector.ts';
import { isUnsupported, silent } from '../collect/context.ts';
import type { Sample } from '../collect/families.ts';
import { type Outcome, type Runner, runner } from '../collect/scrape/runner.ts';
import { isError, messageOf } from '../errors/thrown.ts';
import { type FakedCollector, withFake } from './faked-collector.ts';
import { lint } from './lint.ts';
import { readBack, type Scraped } from './scrape.ts';

/** A collector with a working, a failing and a hanging source. Each rule makes its own; `onTestFinished` works in these functions. */
export interface CollectorUnderTest<Client = unknown, Reading = unknown> {
  /** With a source that works and does not change. */
  good(): Subject<Client, Reading> | Promise<Subject<Client, Reading>>;
  /** With a source that fails; `none` if no source can fail. */
  readonly failing: 'none' | (() => Subject<Client, Reading> | Promise<Subject<Client, Reading>>);
  /** With a source that never responds; `none` if the collector waits for nothing. */
  readonly hanging: 'none' | (() => HangingSource<Client, Reading> | Promise<HangingSource<Client, Reading>>);
  /** Passed to the collector's `config.parse()`; default `{}`. */
  readonly config?: unknown;
  /** Maximum number of series with the good source; default 1000. */
  readonly maxSeries?: number;
  /** Families that are not linted because others chose their names, such as `/^node_/`. */
  readonly foreign?: RegExp;
}

/** A collector, or one of a source with a fake of its client. */
export type Subject<Client = unknown, Reading = unknown> = Collector | FakedCollector<Client, Reading>;

/** A collector whose source never responds. */
export interface HangingSource<Client = unknown, Reading = unknown>
  extends Omit<FakedCollector<Client, Reading>, 'collector' | 'client'> {
  readonly collector: Collector | SourceCollector<Client, Reading>;
  readonly client?: NoInfer<Client>;
  /** Resolves when the source has been released: the connection is closed, the program has ended. */
  readonly released?: Promise<unknown>;
}

/** One rule for every collector. */
export interface CollectorRule {
  readonly title: string;
  /**
   * Resolves if the collector obeys the rule.
   *
   * @throws Error saying what is wrong.
   */
  check(): Promise<void>;
}

/**
 * The rules for a collector that is shared with others: clean names, valid labels, the same series on each run, no state
 * between exporters, failures with a reason, and an end at the deadline.
 *
 * @example
 * it.each(collectorConformance({
 *   good: () => queues(answering),
 *   failing: () => queues(broken),
 *   hanging: () => ({ collector: queues(silent), released: hungUp }),
 * }))('$title', ({ check }) => check());
 * @example
 * collectorConformance({ good: () => ({ collector: slowlog, client: fake }), failing: 'none', hanging: 'none' });
 */
export function collectorConformance<Client, Reading>(
  subject: CollectorUnderTest<Client, Reading>,
): readonly CollectorRule[] {
  const { failing, hanging } = subject;
  const checks: { [title: string]: () => Promise<void> } = {};
  for (const [title, rule] of Object.entries(rules)) checks[title] = () => rule(subject);
  if (failing !== 'none') checks['fails when its source fails, and says why'] = () => fails(failing, subject);
  if (hanging !== 'none') checks['releases a hanging source at its deadline'] = () => releases(hanging, subject);
  return Object.entries(checks).map(([title, check]) => ({ title, check }));
}

type Rule = (subject: CollectorUnderTest) => Promise<void>;
type Source<K extends 'failing' | 'hanging'> = Exclude<CollectorUnderTest[K], 'none'>;

/** The deadline with the hanging source, and the time to release it afterwards. */
const TIMEOUT_MS = 100;
const RELEASE_MS = 5000;

const rules: { readonly [title: string]: Rule } = {
  async 'writes series from a good source'(subject) {
    const { series } = await goodRun(subject);
    const { maxSeries = 1000 } = subject;
    if (series.length === 0) throw new Error('it wrote no series, which looks the same as a broken collector.');
    if (series.length > maxSeries) {
      throw new Error(
        `it wrote ${series.length} series, more than ${maxSeries}; limit its label values, or raise maxSeries.`,
      );
    }
  },

  async 'passes the linter'(subject) {
    const { scraped } = await goodRun(subject);
    const findings = lint(scraped.text).filter(({ metric }) => subject.foreign?.test(metric) !== true);
    deepStrictEqual(findings, [], 'the linter found problems');
  },

  async 'has valid label names, and none that Prometheus sets'(subject) {
    const { series } = await goodRun(subject);
    for (const { name, labels } of series) {
      for (const label of Object.keys(labels)) {
        if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label))
          throw new Error(`${name}: the label ${JSON.stringify(label)} needs quotes; use letters, digits and _.`);
        if (label !== 'job' && label !== 'instance') continue;
        throw new Error(`${name}: the label "${label}" is set by Prometheus; rename it.`);
      }
    }
  },

  async 'writes the same series on each run'(subject) {
    const live = start(withFake(await subject.good()), subject);
    const [one, two] = [await finished(live), await finished(live)];
    deepStrictEqual(keys(two), keys(one), 'the second run wrote other series, though the source has not changed');
  },

  async 'serves two exporters at once'(subject) {
    const collector = withFake(await subject.good());
    const lives = [start(collector, subject), start(collector, subject)];
    const [one, two] = await Promise.all(lives.map(finished));
    deepStrictEqual(keys(two!), keys(one!), 'two concurrent runs of one collector wrote different series');
  },
};

async function fails(failing: Source<'failing'>, subject: CollectorUnderTest): Promise<void> {
  const { status, error } = await outcome(start(withFake(await failing()), subject), 5000);
  if (status !== 'failed') {
    throw new Error(
      `the run ended as "${status}"; it must throw when its source fails, so that no partial result is served.`,
    );
  }
  if (!isError(error) || messageOf(error).trim() === '') {
    throw new Error(`it threw ${JSON.stringify(messageOf(error))}, not an Error with a message.`, { cause: error });
  }
}

async function releases(hanging: Source<'hanging'>, subject: CollectorUnderTest): Promise<void> {
  const given = await hanging();
  const { released = Promise.resolve() } = given;
  const watched = watch(
    withFake('client' in given || 'reading' in given ? (given as FakedCollector) : given.collector),
  );
  const { status } = await outcome(start(watched.collector, subject), TIMEOUT_MS);
  // A collector may notice at once that its source would hang, and fail.
  if (status !== 'timeout' && status !== 'failed') throw new Error(`the run ended as "${status}".`);
  await within(watched.ended(), 'its function is still running; pass `signal` to whatever it awaits.');
  await within(released, 'its source is not released; close connections and end programs when `signal` aborts.');
}

function start(collector: Collector, { config = {} }: CollectorUnderTest): Runner {
  return runner(collector, collector.config?.parse(config), { log: silent, strict: true });
}

const outcome = (live: Runner, ms: number): Promise<Outcome> => live.join(performance.now() + ms).done;

async function finished(live: Runner): Promise<Scraped> {
  const { collector, samples, error, status, reason } = await outcome(live, 5000);
  if (samples !== undefined) return readBack(samples, `collector ${collector.name}`);
  const hint = isUnsupported(error) ? '; the good source must be available' : '';
  throw new Error(`with the good source, the run ended as "${status}": ${reason}${hint}`, { cause: error });
}

async function goodRun(subject: CollectorUnderTest): Promise<{ scraped: Scraped; series: readonly Sample[] }> {
  const scraped = await finished(start(withFake(await subject.good()), subject));
  return { scraped, series: [...scraped.families.values()].flatMap(({ samples }) => samples) };
}

/** All series, sorted. */
const keys = ({ families }: Scraped): string[] =>
  [...families.values()]
    .flatMap(({ samples }) => samples.map(({ name, labels }) => `${name} ${JSON.stringify(Object.entries(labels))}`))
    .sort();

/** The same collector, and the real end of its function: a run is abandoned before that. */
function watch(collector: Collector): { collector: Collector; ended(): Promise<unknown> } {
  let call: Promise<void> | undefined;
  return {
    collector: {
      ...collector,
      collect(writers, context) {
        call = (async () => collector.collect(writers, context))();
        return call;
      },
    },
    ended: async () => call?.catch(() => undefined),
  };
}

async function within(done: Promise<unknown>, otherwise: string): Promise<void> {
  const late = new AbortController();
  const limit = sleep(RELEASE_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${RELEASE_MS / 1000} s after the deadline, ${otherwise}`);
  });
  try {
    await Promise.race([done, limit]);
  } finally {
    late.abort();
    await limit.catch(() => undefined);
  }
}
