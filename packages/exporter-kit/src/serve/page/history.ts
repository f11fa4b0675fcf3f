import type { Collector } from '../../collect/collector.ts';
import type { Gathered, Gatherer } from '../../collect/scrape/gather.ts';
import type { Outcome } from '../../collect/scrape/runner.ts';
import { familiesOf, type Snapshot } from '../../collect/scrape/snapshot.ts';
import type { LiveTarget } from '../../collect/source/live-target.ts';
import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import { within } from '../../time/wait.ts';
import { type FamilyRecords, familyRecords } from './family-records.ts';
import { Ring } from './ring.ts';

/** What is recorded of a collector, or of a target of its source. */
export interface Runs {
  /** In seconds. */
  readonly durations: Ring;
  readonly series: Ring;
}

/** What the last scrapes said, for pages. */
export interface History {
  /**
   * Notes that somebody looks: from now on scrapes are recorded, for five minutes. Scrapes by itself if the last one is not
   * recent, and waits a second for it at most.
   */
  look(gatherer: Gatherer): Promise<void>;
  /** Records scrapes, whoever looks or does not; or, as at first, only while somebody looks. */
  record(gatherer: Gatherer, always: boolean): void;
  runsOf(origin: Collector | LiveTarget): Runs | undefined;
  readonly families: FamilyRecords;
  /** When the last complete scrape ended, in milliseconds since the epoch. */
  lastAt(): number | undefined;
}

const LOOKED_AT_MS = 300_000;
const WAIT_MS = 1000;
const DEADLINE_MS = 10_000;
// Less than the 5 s after which a page asks again.
const LEAST_INTERVAL_MS = 4000;
/** A scrape of ours takes at most a twentieth of the time. */
const SHARE = 20;
/** With more targets than that, pages show what others' scrapes say of them. */
const MOST_TARGETS = 50;
/** Collectors and targets whose runs are charted; each collector of each target is one. */
const MOST_RUNS = 5000;

/**
 * A bounded record of the last scrapes, kept while somebody looks, or always if that is wanted. It costs, while it does: the
 * last result's numbers, which the stores then copy at the next scrape instead of overwriting them (8 bytes a series); one
 * kilobyte for each family, and for each charted collector, target and series, of which there are 5000 at most; and a pass over
 * the numbers of each scrape. Otherwise it costs nothing.
 *
 * The current series are those of the last scrape, whoever asked for it. Pages scrape themselves only if that is older than
 * 4 s, and older than twenty times what its slowest collector took; such scrapes share runs with others, and caches apply.
 */
export function history(): History {
  const runs = new Map<Collector | LiveTarget, Runs>();
  const held = new Map<Collector, Outcome>();
  const families = familyRecords();
  let own: Snapshot | undefined;
  let watched: Gatherer | undefined;
  let lookedAt = 0;
  let isStopping = false;
  let isAlways = false;
  let lastAt: number | undefined;
  let nextAt = 0;
  let current: Promise<void> | undefined;

  function record({ outcomes, answers, snapshot }: Gathered, isWhole: boolean): void {
    const at = Date.now();
    let tookMs = 0;
    for (const outcome of outcomes) {
      const { collector, durationMs, samples, ageMs = 0 } = outcome;
      held.get(collector)?.samples?.release();
      samples?.hold();
      held.set(collector, outcome);
      families.replace(collector, samples?.columns ?? [], at);
      if (outcome.status === 'busy' || outcome.status === 'down' || ageMs > 0) continue;
      tookMs = Math.max(tookMs, durationMs);
      add(collector, at, durationMs, samples?.columns ?? []);
    }
    for (const { target, answer } of answers) {
      tookMs = Math.max(tookMs, answer.durationMs);
      add(target, at, answer.durationMs, []);
    }
    if (!isWhole) return;
    snapshot.hold();
    own?.release();
    own = snapshot;
    families.replace(undefined, ownColumns(snapshot, outcomes), at);
    lastAt = at;
    nextAt = performance.now() + Math.max(LEAST_INTERVAL_MS, SHARE * tookMs);
  }

  function add(
    origin: Collector | LiveTarget,
    at: number,
    durationMs: number,
    columns: readonly SnapshotColumn[],
  ): void {
    const known = runs.get(origin);
    if (known === undefined && runs.size >= MOST_RUNS) return;
    const one = known ?? { durations: new Ring(), series: new Ring() };
    runs.set(origin, one);
    one.durations.add(at, durationMs / 1000);
    one.series.add(
      at,
      columns.reduce((sum, { live }) => sum + live, 0),
    );
  }

  function watch(gatherer: Gatherer): void {
    if (watched === gatherer) return;
    watched?.watch(undefined);
    watched = gatherer;
    gatherer.watch(record);
    // What a reload has left out.
    const collectors = new Set(gatherer.runners.map(({ collector }) => collector));
    const targets = new Set(gatherer.sources.targets);
    for (const origin of runs.keys())
      if (!collectors.has(origin as Collector) && !targets.has(origin as LiveTarget)) runs.delete(origin);
    for (const [collector, { samples }] of held) {
      if (collectors.has(collector)) continue;
      samples?.release();
      held.delete(collector);
      families.remove(collector);
    }
    nextAt = 0;
  }

  function stop(): void {
    const leftMs = lookedAt + LOOKED_AT_MS - Date.now();
    if (leftMs > 0) {
      setTimeout(stop, leftMs).unref();
      return;
    }
    isStopping = false;
    if (isAlways) return;
    watched?.watch(undefined);
    watched = undefined;
    for (const { samples } of held.values()) samples?.release();
    own?.release();
    own = undefined;
    held.clear();
    runs.clear();
    families.clear();
  }

  async function scrape(gatherer: Gatherer): Promise<void> {
    // If it takes longer than its deadline, or fails.
    nextAt = performance.now() + LEAST_INTERVAL_MS;
    const { snapshot } = await gatherer.gather({ deadline: performance.now() + DEADLINE_MS, maxRounds: 1 });
    snapshot.release();
  }

  return {
    families,
    runsOf: (origin) => runs.get(origin),
    lastAt: () => lastAt,
    async look(gatherer) {
      lookedAt = Date.now();
      watch(gatherer);
      if (!isStopping) setTimeout(stop, LOOKED_AT_MS).unref();
      isStopping = true;
      if (performance.now() >= nextAt && gatherer.sources.targets.length <= MOST_TARGETS) {
        current ??= scrape(gatherer)
          // Too many scrapes at once: theirs are recorded.
          .catch(() => {})
          .finally(() => {
            current = undefined;
          });
      }
      if (current !== undefined) await within(current, WAIT_MS, undefined);
    },
    record(gatherer, always) {
      isAlways = always;
      if (always) watch(gatherer);
      else if (!isStopping) stop();
    },
  };
}

/** Columns of what the kit writes itself. */
function ownColumns(snapshot: Snapshot, outcomes: readonly Outcome[]): SnapshotColumn[] {
  const theirs = new Set(outcomes.flatMap(({ samples }) => samples?.columns ?? []));
  const names = new Set(Array.from(theirs, ({ metric }) => metric.name));
  return familiesOf(snapshot).flatMap(({ metric, columns }) => (names.has(metric.name) ? [] : columns));
}
