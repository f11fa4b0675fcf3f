import { isDeepStrictEqual } from 'node:util';
import { underBothNames } from '../../metric/renamed.ts';
import type { Collector } from '../collector.ts';
import { type LevelledLogger, type Logger, safeLogger, silent } from '../context.ts';
import type { Resolve } from '../destination.ts';
import type { Exporter } from '../exporter.ts';
import { systemResolve } from '../resolve.ts';
import type { LiveTarget } from '../source/live-target.ts';
import type { Source } from '../source/source.ts';
import { groupedBy, type SourceSet, sourceSet } from '../source/source-set.ts';
import { type ResolvedTargets, resolveTargets, sourcesOf } from '../source/targets.ts';
import type { Metrics } from '../writers.ts';
import type { TargetAnswer } from './join-when-up.ts';
import { type Asking, type Plan, rounds } from './rounds.ts';
import type { Outcome, Runner } from './runner.ts';
import { type RunnersOptions, runnersOf } from './runners.ts';
import { outcomeLog, type SourceLog, sourceLog } from './scrape-log.ts';
import { joinSelfMetrics, type SelfMetrics, together, verdict, verdictNames } from './self-metrics.ts';
import {
  type CountingPart,
  countingPart,
  joiner,
  type Part,
  type Snapshot,
  type SnapshotFamily,
  snapshotOf,
} from './snapshot.ts';
import { sourceVerdict, targetLabels, upMetrics } from './source-metrics.ts';

/** Result of one scrape: a snapshot of all samples, and each collector's outcome. */
export interface Gathered {
  /** Shared by concurrent scrapes with the same selection; each releases it once. */
  readonly snapshot: Snapshot;
  readonly outcomes: readonly Outcome[];
  /** Targets of sources that took part. */
  readonly answers: readonly TargetAnswer[];
}

/** The part of an exporter that a scrape selects. */
export interface Selection {
  /** Names of the collectors to run; default: all. */
  readonly only?: ReadonlySet<string>;
  /** Names of the families to return; default: all. Collectors that declare none of them are not run. */
  readonly families?: ReadonlySet<string>;
  /** Targets to read, by `selectedBy`; default: all. With it, collectors without a source are not run. */
  readonly targets?: ReadonlySet<string>;
}

/** Options of one scrape. */
export interface Scrape extends Selection, Asking {
  /** Whether native histograms are asked for, which only some formats have; default `false`. */
  readonly natives?: boolean;
}

/** Equal for equal selections: scrapes with the same key share a round. */
function selectionKey({ only, families, targets, natives = false }: Scrape): string {
  const isWhole = only === undefined && families === undefined && targets === undefined;
  if (isWhole && !natives) return '';
  return JSON.stringify([natives, ...[only, families, targets].map((set) => set && [...set].sort())]);
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
  /** Has `seen` called with each result, before scrapes get it; `undefined` ends that. It holds what it keeps. */
  watch(seen: Watcher | undefined): void;
  /** Collectors with an abandoned run that has not ended yet. */
  overdue(): readonly Collector[];
  /** Each collector's state; of a source's, one for each target. */
  readonly runners: readonly Pick<Runner, 'collector' | 'target' | 'isOverdue' | 'last' | 'cacheAgeMs'>[];
  /** Targets of the exporter's sources. Close them with `sources.retire()` when nothing is scraped any more. */
  readonly sources: SourceSet;
  /** A collector's runner for this target, if it was made with these settings. */
  runnerOf(collector: Collector, settings: unknown, target?: LiveTarget): Runner | undefined;
  readonly sourceLog: SourceLog;
  /** More families about the exporter itself, by what writes them. */
  readonly selfMetrics: readonly Metrics[];
}

/** Sees each result; `isWhole` if nothing was left out of the scrape. */
export type Watcher = (gathered: Gathered, isWhole: boolean) => void;

/** Options of {@link gatherer}. */
export interface GathererOptions extends RunnersOptions {
  /** Targets of sources; default: each source of the collectors with default settings. */
  readonly targets?: ResolvedTargets;
  /** Makes what resolves hosts for sources until the signal aborts; default: the system's resolver. */
  readonly resolve?: (signal: AbortSignal) => Resolve;
  /** More families about the exporter itself. */
  readonly selfMetrics?: readonly SelfMetrics<undefined>[];
  /**
   * The gatherer that this one replaces. Collectors with unchanged settings keep their stores, caches and counts, and a run
   * that hangs is still not started twice. Targets that are the same keep their clients; the others are closed.
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
  const { log = silent, settings = {}, selfMetrics: others = [], resolve = systemResolve } = options;
  const { earlier, targets = resolveTargets(sourcesOf(collectors)) } = options;
  const sources = sourceSet(targets, { log, resolve }, earlier?.sources);
  const runners = runnersOf(collectors, sources, options);
  // For all scrapes, as their columns are joined within one turn.
  const parts = new Map(
    runners.map(({ collector, drops }) => [collector, countingPart(`collector ${collector.name}`, NO_COLUMNS, drops)]),
  );
  const hasDynamic = collectors.some(({ families }) => families === 'dynamic');
  const ofTarget = groupedBy(runners, ({ target }) => target);
  const judge = verdict(exporter);
  const verdicts = verdictNames(judge);
  const tell = outcomeLog(safeLogger(log));
  let inTrouble = false;
  const tellSources = earlier?.sourceLog ?? sourceLog(safeLogger(log));
  const aboutSources = new Map(
    Array.from(targets, ([source, theirs]) => {
      const labels = targetLabels(source, theirs);
      return [source, [upMetrics(source, labels), sourceVerdict(exporter.namespace, source, labels)] as const];
    }),
  );
  const join = joiner();
  const share = rounds<Gathered>();
  let watcher: Watcher | undefined;

  function partsOf(outcomes: readonly Outcome[], families: Collector['families']): CountingPart[] {
    const found: CountingPart[] = [];
    for (const { collector, samples } of outcomes) {
      if (collector.families !== families) continue;
      const part = parts.get(collector)!;
      part.columns = samples?.columns ?? NO_COLUMNS;
      found.push(part);
    }
    return found;
  }

  /** Joins outcomes into a result, and takes over their samples. */
  function compose(
    outcomes: readonly Outcome[],
    answers: readonly TargetAnswer[],
    { only, families, targets: names }: Selection,
    judged: readonly Runner[],
  ): Gathered {
    const { families: all, selfMetrics } = joinSelfMetrics(
      () =>
        together([
          judge.write({ outcomes, runners: judged }),
          ...Array.from(aboutSources.values(), (both) => together(both.map((one) => one.write(answers)))),
          ...others.map((other) => other.write(undefined)),
        ]),
      // Declared families were checked at the start. They come first, so that a dynamic one in conflict is dropped.
      hasDynamic ? [...partsOf(outcomes, 'declared'), ...partsOf(outcomes, 'dynamic')] : partsOf(outcomes, 'declared'),
      join,
    );
    if (inTrouble || isNews(outcomes, judged, log)) inTrouble = tell(outcomes, judged);
    if (answers.length > 0) tellSources(answers);
    const gathered = {
      outcomes,
      answers,
      snapshot: snapshotOf(families === undefined ? all : all.filter((family) => isWanted(family, families)), () => {
        selfMetrics.release();
        for (const { samples } of outcomes) samples?.release();
      }),
    };
    watcher?.(gathered, only === undefined && families === undefined && names === undefined);
    return gathered;
  }

  /** Whether the selection asks for what the kit writes about the source: `up` and its verdict. */
  function saysUp(source: Source, { only, families }: Selection): boolean {
    if (only !== undefined && !collectors.some((one) => one.source === source && only.has(one.name))) return false;
    if (families === undefined) return true;
    return aboutSources
      .get(source)!
      .some(({ metrics }) => Object.values(metrics).some(({ name }) => families.has(name)));
  }

  function planFor(selection: Scrape): Plan<Gathered> {
    const { only, families, targets: names, natives } = selection;
    const read = names === undefined ? sources.targets : [...names].flatMap((name) => sources.byName.get(name) ?? []);
    const concerned = names === undefined ? runners : read.flatMap((target) => ofTarget.get(target) ?? []);
    const chosen = concerned.filter(({ collector }) => contributes(collector, only, families, verdicts));
    const needed = new Set(chosen.map(({ target }) => target));
    const isAsked = (target: LiveTarget): boolean => needed.has(target) || saysUp(target.source, selection);
    return {
      runners: chosen,
      targets: read.filter(isAsked),
      natives,
      compose: (outcomes, answers) => compose(outcomes, answers, selection, concerned),
      hold: ({ snapshot }) => snapshot.hold(),
    };
  }

  void earlier?.sources.retire(sources);
  return {
    exporter,
    collectors,
    runners,
    sources,
    sourceLog: tellSources,
    selfMetrics: others.map(({ metrics }) => metrics),
    watch(seen) {
      watcher = seen;
    },
    runnerOf: (collector, theirs, target) =>
      isDeepStrictEqual(theirs, settings[collector.name])
        ? ofTarget.get(target)?.find((one) => one.declared === collector)
        : undefined,
    overdue: () => runners.filter((one) => one.isOverdue()).map(({ collector }) => collector),
    gather: (scrape) => share(selectionKey(scrape), scrape, () => planFor(scrape)),
  };
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
  return Object.values(collector.metrics)
    .flatMap(underBothNames)
    .some(({ name }) => families.has(collector.prefix + name));
}

/** Whether there is something to log: a run that was not ok, or dropped samples; at level debug, always. */
function isNews(outcomes: readonly Outcome[], runners: readonly Runner[], log: Logger | LevelledLogger): boolean {
  if (outcomes.some(({ status }) => status !== 'ok')) return true;
  if (runners.some(({ drops }) => drops.first.size > 0 || drops.untyped !== undefined)) return true;
  try {
    return !('isLevelEnabled' in log) || log.isLevelEnabled('debug');
  } catch {
    return true;
  }
}

const NO_COLUMNS: Part['columns'] = [];

const isWanted = ({ metric }: SnapshotFamily, families: ReadonlySet<string>): boolean => families.has(metric.name);
