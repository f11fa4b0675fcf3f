import { deepStrictEqual } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collector } from '../collect/collector.ts';
import { isUnsupported, silent } from '../collect/context.ts';
import type { Sample } from '../collect/families.ts';
import { type Outcome, type Runner, runner } from '../collect/scrape/runner.ts';
import { isError, messageOf } from '../errors/thrown.ts';
import { lint } from './lint.ts';
import { readBack, type Scraped } from './read-back.ts';

/** A collector, over sources of all sorts. Each is made anew for each rule, in which `onTestFinished` may be called. */
export interface CollectorUnderTest {
  /** Over a source that answers, and the same each time. */
  good(): Collector | Promise<Collector>;
  /** Over one that fails; `none` for what has no source that could. */
  readonly failing: 'none' | (() => Collector | Promise<Collector>);
  /** Over one that never answers; `none` for what waits for nothing. */
  readonly hanging: 'none' | (() => HangingSource | Promise<HangingSource>);
  /** Given to the collector's `config.parse()`; default `{}`. */
  readonly config?: unknown;
  /** The most series that are all right for the good source; default 1000. */
  readonly maxSeries?: number;
  /** Families whose names are somebody else's, such as `/^node_/`; the linter is not asked about them. */
  readonly foreign?: RegExp;
}

/** A collector whose source never answers. */
export interface HangingSource {
  readonly collector: Collector;
  /** When the source has seen it go: the connection is closed, the program has ended. */
  readonly released?: Promise<unknown>;
}

/** One rule that every collector keeps. */
export interface CollectorRule {
  readonly title: string;
  /**
   * Resolves when the collector keeps it.
   *
   * @throws Error that tells what is otherwise.
   */
  check(): Promise<void>;
}

/**
 * What is asked of a collector that others shall share: clean names, legal labels, the same series at each run, no state
 * between exporters, a failure that says why, and an end when its time is up.
 *
 * @example
 * it.each(collectorConformance({
 *   good: () => queues(answering),
 *   failing: () => queues(broken),
 *   hanging: () => ({ collector: queues(silent), released: hungUp }),
 * }))('$title', ({ check }) => check());
 */
export function collectorConformance(subject: CollectorUnderTest): readonly CollectorRule[] {
  const { failing, hanging } = subject;
  const asked: { [title: string]: () => Promise<void> } = {};
  for (const [title, rule] of Object.entries(rules)) asked[title] = () => rule(subject);
  if (failing !== 'none') asked['fails with its source, and says why'] = () => fails(failing, subject);
  if (hanging !== 'none') asked['lets go of a source that hangs, when its time is up'] = () => letsGo(hanging, subject);
  return Object.entries(asked).map(([title, check]) => ({ title, check }));
}

type Rule = (subject: CollectorUnderTest) => Promise<void>;
type Source<K extends 'failing' | 'hanging'> = Exclude<CollectorUnderTest[K], 'none'>;

/** How long the hanging source may hang, and how long it then may take until all is let go. */
const TIMEOUT_MS = 100;
const RELEASE_MS = 5000;

const rules: { readonly [title: string]: Rule } = {
  async 'writes what a good source says'(subject) {
    const { series } = await goodRun(subject);
    const { maxSeries = 1000 } = subject;
    if (series.length === 0)
      throw new Error('it wrote nothing; what says nothing can not be told from what is broken.');
    if (series.length > maxSeries) {
      throw new Error(
        `it wrote ${series.length} series, more than ${maxSeries}; bound its labels, or raise maxSeries.`,
      );
    }
  },

  async 'is what the linter accepts'(subject) {
    const { scraped } = await goodRun(subject);
    const findings = lint(scraped.text).filter(({ metric }) => subject.foreign?.test(metric) !== true);
    deepStrictEqual(findings, [], 'the linter says');
  },

  async 'has legal labels, and none that Prometheus sets'(subject) {
    const { series } = await goodRun(subject);
    for (const { name, labels } of series) {
      for (const label of Object.keys(labels)) {
        if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) throw new Error(`${name}: ${JSON.stringify(label)} needs quotes.`);
        if (label !== 'job' && label !== 'instance') continue;
        throw new Error(`${name}: Prometheus sets the label "${label}" itself; choose another.`);
      }
    }
  },

  async 'has the same series at each run'(subject) {
    const live = start(await subject.good(), subject);
    const [one, two] = [await finished(live), await finished(live)];
    deepStrictEqual(keys(two), keys(one), 'the second run of a source that has not changed wrote other series');
  },

  async 'serves two exporters at once'(subject) {
    const collector = await subject.good();
    const lives = [start(collector, subject), start(collector, subject)];
    const [one, two] = await Promise.all(lives.map(finished));
    deepStrictEqual(keys(two!), keys(one!), 'two runs of one collector at the same time wrote different series');
  },
};

async function fails(failing: Source<'failing'>, subject: CollectorUnderTest): Promise<void> {
  const { status, error } = await outcome(start(await failing(), subject), 5000);
  if (status !== 'failed') {
    throw new Error(
      `the run ended as "${status}"; a source that fails must make it throw, so that half is not served.`,
    );
  }
  if (!isError(error) || messageOf(error).trim() === '') {
    throw new Error(`it threw ${JSON.stringify(messageOf(error))}; throw an Error with a message.`, { cause: error });
  }
}

async function letsGo(hanging: Source<'hanging'>, subject: CollectorUnderTest): Promise<void> {
  const { collector, released = Promise.resolve() } = await hanging();
  const watched = watch(collector);
  const { status } = await outcome(start(watched.collector, subject), TIMEOUT_MS);
  // A collector that sees at once that its source would hang may refuse it.
  if (status !== 'timeout' && status !== 'failed') throw new Error(`the run ended as "${status}".`);
  await within(watched.ended(), 'its function has not ended; hand `signal` to whatever it waits for.');
  await within(released, 'its source has not seen it go; close connections and end programs when `signal` aborts.');
}

function start(collector: Collector, { config = {} }: CollectorUnderTest): Runner {
  return runner(collector, collector.config?.parse(config), { log: silent, strict: true });
}

const outcome = (live: Runner, ms: number): Promise<Outcome> => live.join(performance.now() + ms).done;

async function finished(live: Runner): Promise<Scraped> {
  const { collector, samples, error, status, reason } = await outcome(live, 5000);
  if (samples !== undefined) return readBack(samples, `collector ${collector.name}`);
  const hint = isUnsupported(error) ? '; a good source is one that is there' : '';
  throw new Error(`over the good source, the run ended as "${status}": ${reason}${hint}`, { cause: error });
}

async function goodRun(subject: CollectorUnderTest): Promise<{ scraped: Scraped; series: readonly Sample[] }> {
  const scraped = await finished(start(await subject.good(), subject));
  return { scraped, series: [...scraped.families.values()].flatMap(({ samples }) => samples) };
}

/** Every series, in any order. */
const keys = ({ families }: Scraped): string[] =>
  [...families.values()]
    .flatMap(({ samples }) => samples.map(({ name, labels }) => `${name} ${JSON.stringify(Object.entries(labels))}`))
    .sort();

/** The same collector, and when its function has really ended: a run is given up before that. */
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
    throw new Error(`${RELEASE_MS / 1000} s after its time was up, ${otherwise}`);
  });
  try {
    await Promise.race([done, limit]);
  } finally {
    late.abort();
    await limit.catch(() => undefined);
  }
}
