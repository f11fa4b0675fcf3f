import { isDeepStrictEqual } from 'node:util';
import { caught, messageOf } from '../../errors/thrown.ts';
import type { Collector } from '../collector.ts';
import { careful, type Logger, silent } from '../context.ts';
import type { Exporter } from '../exporter.ts';
import { countingPart, joiner } from './join.ts';
import { outcomeLog } from './outcome-log.ts';
import { type Asking, rounds } from './rounds.ts';
import { type Outcome, type Runner, runner } from './runner.ts';
import { joinSelfMetrics, type SelfMetrics, together } from './self-metrics.ts';
import { type Snapshot, type SnapshotFamily, snapshotOf } from './snapshot.ts';
import { verdict, verdictNames } from './verdict.ts';

/** One answer: what the collectors found, and how each of them fared. */
export interface Gathered {
  /** Shared by those who asked for the same at the same time; each of them releases it once. */
  readonly snapshot: Snapshot;
  readonly outcomes: readonly Outcome[];
}

/** Which part of an exporter a scrape is about. */
export interface Selection {
  /** Names of the collectors to run; default: all. */
  readonly only?: ReadonlySet<string>;
  /** Names of the families to answer; default: all. Collectors that declare none of them are not run. */
  readonly families?: ReadonlySet<string>;
}

/** Options of one scrape. */
export interface Scrape extends Selection, Asking {}

/** The same text for equal selections: scrapes with the same key share a round. */
function selectionKey({ only, families }: Selection): string {
  if (only === undefined && families === undefined) return '';
  return JSON.stringify([only && [...only].sort(), families && [...families].sort()]);
}

/** A live exporter: its collectors with their stores. */
export interface Gatherer {
  readonly exporter: Exporter;
  /** The collectors that run. */
  readonly collectors: readonly Collector[];
  /**
   * Runs the collectors at once, each until the deadline, and joins what they found in time. Those who want the same at the
   * same time share one run and one snapshot.
   *
   * @throws the signal's reason, or TooManyScrapes; nothing for a collector's sake.
   */
  gather(scrape: Scrape): Promise<Gathered>;
  /** Collectors with a call that goes on past its deadline. */
  overdue(): readonly Collector[];
  /** How each collector fared last. */
  readonly runners: readonly Pick<Runner, 'collector' | 'isOverdue' | 'last' | 'cacheAgeMs'>[];
  /** The runner of a collector, if it has these settings. */
  runnerOf(collector: Collector, settings: unknown): Runner | undefined;
}

/** What {@link gatherer} takes beside the collectors. */
export interface GathererOptions {
  readonly log?: Logger;
  /** Settings of each collector by its name, for its `config.parse()`. */
  readonly settings?: { readonly [collector: string]: unknown };
  /** What `config.parse()` has made of them already, of the collectors in here. */
  readonly configs?: ReadonlyMap<Collector, unknown>;
  /** Throw where samples would be dropped; for tests. */
  readonly strict?: boolean;
  /** More families about the exporter itself. */
  readonly selfMetrics?: readonly SelfMetrics<undefined>[];
  /**
   * Whose place it takes. Collectors that are the same, under the same settings, keep their stores, caches and counts; and
   * of a call that hangs, there is still no second one.
   */
  readonly earlier?: Gatherer;
}

/**
 * Brings collectors to life under an exporter's name: makes their stores and reads their settings.
 *
 * @throws Error when a collector refuses its settings; it names the collector.
 */
export function gatherer(
  exporter: Exporter,
  collectors: readonly Collector[],
  options: GathererOptions = {},
): Gatherer {
  const { log = silent, settings = {}, selfMetrics: others = [] } = options;
  const runners = runnersOf(collectors, options);
  const drops = new Map(runners.map((one) => [one.collector, one.drops]));
  const judge = verdict(exporter);
  const verdicts = verdictNames(judge);
  const tell = outcomeLog(careful(log));
  const join = joiner();
  const share = rounds<Gathered>();

  /** Joins outcomes into an answer, and takes over their samples. */
  function compose(outcomes: readonly Outcome[], families: ReadonlySet<string> | undefined): Gathered {
    const parts = outcomes.map(({ collector, samples }) =>
      countingPart(`collector ${collector.name}`, samples?.columns ?? [], drops.get(collector)!),
    );
    // Declared families were checked at the start: they come first, so that it is the dynamic one that gives way.
    const declared = parts.filter((_, i) => outcomes[i]!.collector.families === 'declared');
    const dynamic = parts.filter((_, i) => outcomes[i]!.collector.families === 'dynamic');
    const { families: all, selfMetrics } = joinSelfMetrics(
      () => together([judge.write({ outcomes, runners }), ...others.map((other) => other.write(undefined))]),
      [...declared, ...dynamic],
      join,
    );
    tell(outcomes, runners);
    return {
      outcomes,
      snapshot: snapshotOf(families === undefined ? all : all.filter((family) => isWanted(family, families)), () => {
        selfMetrics.release();
        for (const { samples } of outcomes) samples?.release();
      }),
    };
  }

  return {
    exporter,
    collectors,
    runners,
    runnerOf: (collector, theirs) =>
      isDeepStrictEqual(theirs, settings[collector.name])
        ? runners.find((one) => one.collector === collector)
        : undefined,
    overdue: () => runners.filter((one) => one.isOverdue()).map(({ collector }) => collector),
    gather(scrape) {
      const { only, families } = scrape;
      return share(selectionKey(scrape), scrape, () => ({
        runners: runners.filter(({ collector }) => contributes(collector, only, families, verdicts)),
        compose: (outcomes) => compose(outcomes, families),
        hold: ({ snapshot }) => snapshot.hold(),
      }));
    },
  };
}

/** Makes a runner for each collector, or takes over the earlier gatherer's. (Elsewhere, a closure would keep that alive.) */
function runnersOf(
  collectors: readonly Collector[],
  { log = silent, settings = {}, configs, strict = false, earlier }: GathererOptions,
): Runner[] {
  return collectors.map((collector) => {
    const theirs = settings[collector.name];
    const known = earlier?.runnerOf(collector, theirs);
    if (known !== undefined) return known;
    const config = configs?.has(collector) ? configs.get(collector) : configOf(collector, theirs);
    return runner(collector, config, { log, strict });
  });
}

/** Whether running the collector can add to the answer. */
function contributes(
  collector: Collector,
  only: ReadonlySet<string> | undefined,
  families: ReadonlySet<string> | undefined,
  verdicts: readonly string[],
): boolean {
  if (only !== undefined && !only.has(collector.name)) return false;
  if (families === undefined || collector.families === 'dynamic') return true;
  if (verdicts.some((name) => families.has(name))) return true;
  return Object.values(collector.metrics).some(({ name }) => families.has(collector.prefix + name));
}

const isWanted = ({ metric }: SnapshotFamily, families: ReadonlySet<string>): boolean => families.has(metric.name);

/** @throws Error when the collector refuses the settings; it names the collector. */
export function configOf(collector: Collector, settings: unknown = {}): unknown {
  if (collector.config === undefined) return undefined;
  try {
    return collector.config.parse(settings);
  } catch (cause) {
    throw new Error(`collector ${collector.name} does not accept its settings: ${messageOf(cause)}`, {
      cause: caught(cause),
    });
  }
}
