import { isDeepStrictEqual } from 'node:util';
import { caught, messageOf } from '../../errors/thrown.ts';
import type { Collector } from '../collector.ts';
import { type Logger, safeLogger, silent } from '../context.ts';
import type { Exporter } from '../exporter.ts';
import { countingPart, joiner } from './join.ts';
import { outcomeLog } from './outcome-log.ts';
import { type Asking, rounds } from './rounds.ts';
import { type Outcome, type Runner, runner } from './runner.ts';
import { joinSelfMetrics, type SelfMetrics, together } from './self-metrics.ts';
import { type Snapshot, type SnapshotFamily, snapshotOf } from './snapshot.ts';
import { verdict, verdictNames } from './verdict.ts';

/** Result of one scrape: a snapshot of all samples, and each collector's outcome. */
export interface Gathered {
  /** Shared by concurrent scrapes with the same selection; each releases it once. */
  readonly snapshot: Snapshot;
  readonly outcomes: readonly Outcome[];
}

/** The part of an exporter that a scrape selects. */
export interface Selection {
  /** Names of the collectors to run; default: all. */
  readonly only?: ReadonlySet<string>;
  /** Names of the families to return; default: all. Collectors that declare none of them are not run. */
  readonly families?: ReadonlySet<string>;
}

/** Options of one scrape. */
export interface Scrape extends Selection, Asking {}

/** Equal for equal selections: scrapes with the same key share a round. */
function selectionKey({ only, families }: Selection): string {
  if (only === undefined && families === undefined) return '';
  return JSON.stringify([only && [...only].sort(), families && [...families].sort()]);
}

/** A started exporter: its collectors with their stores. */
export interface Gatherer {
  readonly exporter: Exporter;
  /** The collectors that run. */
  readonly collectors: readonly Collector[];
  /**
   * Runs the collectors concurrently until the deadline, and joins what they wrote in time. Concurrent scrapes with the same
   * selection share the runs and the snapshot.
   *
   * @throws the signal's reason, or TooManyScrapes; a collector's failure is an outcome, not an error.
   */
  gather(scrape: Scrape): Promise<Gathered>;
  /** Collectors with an abandoned run that has not ended yet. */
  overdue(): readonly Collector[];
  /** Each collector's state. */
  readonly runners: readonly Pick<Runner, 'collector' | 'isOverdue' | 'last' | 'cacheAgeMs'>[];
  /** A collector's runner, if it was made with these settings. */
  runnerOf(collector: Collector, settings: unknown): Runner | undefined;
}

/** Options of {@link gatherer}. */
export interface GathererOptions {
  readonly log?: Logger;
  /** Each collector's settings, by its name, for its `config.parse()`. */
  readonly settings?: { readonly [collector: string]: unknown };
  /** Results of `config.parse()`, for collectors whose settings are parsed already. */
  readonly configs?: ReadonlyMap<Collector, unknown>;
  /** Throw instead of dropping samples; for tests. */
  readonly strict?: boolean;
  /** More families about the exporter itself. */
  readonly selfMetrics?: readonly SelfMetrics<undefined>[];
  /**
   * The gatherer that this one replaces. Collectors with unchanged settings keep their stores, caches and counts, and a run
   * that hangs is still not started twice.
   */
  readonly earlier?: Gatherer;
}

/**
 * Starts an exporter's collectors: creates their stores and parses their settings.
 *
 * @throws Error naming the collector that does not accept its settings.
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
  const tell = outcomeLog(safeLogger(log));
  const join = joiner();
  const share = rounds<Gathered>();

  /** Joins outcomes into a result, and takes over their samples. */
  function compose(outcomes: readonly Outcome[], families: ReadonlySet<string> | undefined): Gathered {
    const parts = outcomes.map(({ collector, samples }) =>
      countingPart(`collector ${collector.name}`, samples?.columns ?? [], drops.get(collector)!),
    );
    // Declared families were checked at the start. They come first, so that a dynamic one in conflict is dropped.
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

/** Each collector's runner: the earlier gatherer's, or a new one. (Not a closure, which would keep the earlier one alive.) */
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

/** Whether the collector can contribute to the selection. */
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

/** @throws Error naming the collector, if it does not accept the settings. */
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
