import type { Collector } from './collector.ts';
import { type Logger, silent } from './context.ts';
import { drop } from './drops.ts';
import type { Exporter } from './exporter.ts';
import { leaving, messageOf, type Outcome, type Runner, runner } from './runner.ts';
import { joinParts, type Part, type Snapshot } from './snapshot.ts';
import { verdictWriter } from './verdict.ts';

/** One answer: what the collectors found, and how each of them fared. */
export interface Gathered {
  readonly snapshot: Snapshot;
  readonly outcomes: readonly Outcome[];
}

/** Until when, and for whom, an answer is wanted. */
export interface Scrape {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Aborts when the one who waits is gone. */
  readonly signal?: AbortSignal;
}

/** A live exporter: its collectors with their stores. */
export interface Gatherer {
  readonly exporter: Exporter;
  /** The collectors that run. */
  readonly collectors: readonly Collector[];
  /** Runs all collectors at once, each until the deadline, and joins what they found in time. Never rejects for a collector's sake. */
  gather(wanted: Scrape): Promise<Gathered>;
}

/** What {@link gatherer} takes beside the collectors. */
export interface GathererOptions {
  readonly log?: Logger;
  /** Settings of each collector by its name, for its `config.parse()`. */
  readonly settings?: { readonly [collector: string]: unknown };
  /** Throw where samples would be dropped; for tests. */
  readonly strict?: boolean;
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
  const { log = silent, settings = {}, strict = false } = options;
  const runners = collectors.map((collector) =>
    runner(collector, configOf(collector, settings[collector.name]), log, strict),
  );
  const verdict = verdictWriter(exporter);
  const reported = new Set<string>();

  return {
    exporter,
    collectors,
    async gather({ deadline, signal }) {
      const { left, cancel } = leaving(deadline, signal);
      const outcomes = await Promise.all(runners.map((r) => r.run({ deadline, left })));
      cancel();
      for (const outcome of outcomes) logOutcome(log, outcome);
      const own = verdict(outcomes, runners);
      const parts = outcomes.map((outcome, i) => partOf(outcome, runners[i]!));
      // Declared families were checked at the start: they come first, so that it is the dynamic one that gives way.
      const declared = parts.filter((_, i) => collectors[i]!.families === 'declared');
      const dynamic = parts.filter((_, i) => collectors[i]!.families === 'dynamic');
      const itself: Part = { title: 'the kit itself', columns: own.columns, conflict() {} };
      const families = joinParts([itself, ...declared, ...dynamic]);
      for (const r of runners) logDrops(log, r, reported);
      return {
        outcomes,
        snapshot: {
          families,
          release() {
            own.release();
            for (const { samples } of outcomes) samples?.release();
          },
        },
      };
    },
  };
}

function configOf(collector: Collector, settings: unknown = {}): unknown {
  if (collector.config === undefined) return undefined;
  try {
    return collector.config.parse(settings);
  } catch (cause) {
    throw new Error(`collector ${collector.name} does not accept its settings: ${messageOf(cause)}`, { cause });
  }
}

function partOf({ collector, samples }: Outcome, { drops }: Runner): Part {
  return {
    title: `collector ${collector}`,
    columns: samples?.columns ?? [],
    conflict(series, detail) {
      for (let i = 0; i < series; i++) drop(drops, 'family_conflict', () => detail);
    },
  };
}

function logOutcome(log: Logger, { collector, status, durationMs, reason, error }: Outcome): void {
  const facts = { collector, status, duration_seconds: durationMs / 1000 };
  if (status === 'ok') log.debug(facts, 'collector succeeded');
  else if (status === 'unsupported') log.debug({ ...facts, reason }, 'collector has nothing to read here');
  else log.error({ ...facts, reason, ...(error === undefined ? {} : { err: error }) }, 'collector failed');
}

/** Says once for each collector and reason that samples are dropped; the counter says how many. */
function logDrops(log: Logger, { collector, drops }: Runner, reported: Set<string>): void {
  for (const [reason, detail] of drops.first) {
    const key = `${collector.name} ${reason}`;
    if (reported.has(key)) continue;
    reported.add(key);
    log.warn({ collector: collector.name, reason, first: detail }, 'samples dropped');
  }
}
