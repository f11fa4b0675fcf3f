import { type Escaping, escapeName, escapings, isLegacyName } from '../../metric/escape.ts';
import { reservedNames, shapeDifference, textNames, writtenNames } from '../../metric/family.ts';
import type { Metric } from '../../metric/metric.ts';
import { type Drops, drop } from '../store/drops.ts';
import { type SnapshotColumn, withoutSeriesOf } from '../store/snapshot-column.ts';
import { type ApartColumns, apartColumns } from './apart-columns.ts';

/** One family, ready to be encoded. */
export interface SnapshotFamily {
  readonly metric: Metric;
  readonly columns: readonly SnapshotColumn[];
  /** Escapings under which it has no type in OpenMetrics; see `untypedInOpenMetrics`. */
  readonly untyped: readonly Escaping[];
}

/**
 * All families of one run or scrape, sorted by name. Read it with `samplesOf`, `encodeText` or `encodeOpenMetrics`, and only
 * while you hold it: a function that gets one holds it until it returns.
 */
export interface Snapshot {
  /** Adds a holder. */
  hold(): void;
  /** Removes a holder; to be called once for each. */
  release(): void;
}

interface Readable extends Snapshot {
  readonly families: readonly SnapshotFamily[];
}

/** A snapshot with one holder; `released` is called once the last holder has released it. */
export function snapshotOf(families: readonly SnapshotFamily[], released: () => void = () => {}): Snapshot {
  let holders = 1;
  const snapshot: Readable = {
    families,
    hold() {
      holders++;
    },
    release() {
      if (--holders === 0) released();
    },
  };
  return snapshot;
}

/** A snapshot's families with their columns, for encoders. */
export function familiesOf(snapshot: Snapshot): readonly SnapshotFamily[] {
  return (snapshot as Readable).families;
}

/** Samples of one origin, such as a collector, to be joined into a snapshot. */
export interface Part {
  readonly title: string;
  readonly columns: readonly SnapshotColumn[];
  /** Called for series that are left out, with their number. */
  conflict(series: number, detail: string): void;
  /** Its columns are known to fit together: one family may have series with fewer labels. */
  readonly trusted?: true;
}

/** A part whose conflicts count as dropped samples. */
export interface CountingPart extends Part {
  columns: Part['columns'];
  readonly drops: Drops;
}

export function countingPart(title: string, columns: Part['columns'], drops: Drops): CountingPart {
  return {
    title,
    columns,
    drops,
    conflict(series, detail) {
      for (let i = 0; i < series; i++) drop(drops, 'family_conflict', () => detail);
    },
  };
}

/**
 * Joins parts into families. A family in conflict with one of an earlier part, and a series that an earlier part has
 * already, are left out and reported to the part; `conflicted` is called as well.
 */
export function joinParts(parts: readonly Part[], conflicted?: () => void): SnapshotFamily[] {
  return joinOnce(parts, conflicted).families;
}

/** Columns of one family so far. */
interface Joining {
  readonly metric: Metric;
  readonly columns: SnapshotColumn[];
  readonly title: string;
  readonly trusted: boolean;
  readonly apart: ApartColumns;
}

/** @returns `repeatable` when every column has its place, and none had to be searched for series of others. */
function joinOnce(parts: readonly Part[], conflicted: () => void = () => {}) {
  const claims = new Map<string, { title: string; name: string }>();
  const families = new Map<string, Joining>();
  let repeatable = true;
  for (const { title, columns, trusted = false, conflict } of parts) {
    for (const column of columns) {
      const { metric } = column;
      const known = families.get(metric.name);
      const fits = trusted && known?.trusted === true;
      const clash = known === undefined ? clashOf(metric, claims) : fits ? undefined : unlike(known, metric);
      if (clash !== undefined) {
        conflict(column.live, `${title}: family ${metric.name} ${clash}; it is left out.`);
        conflicted();
        repeatable = false;
        continue;
      }
      if (known === undefined) {
        const apart = apartColumns();
        apart.add(column);
        families.set(metric.name, { metric, columns: [column], title, trusted, apart });
        for (const name of claimsOf(metric)) claims.set(name, { title, name: metric.name });
        continue;
      }
      if (known.apart.add(column) || fits) {
        known.columns.push(column);
        continue;
      }
      repeatable = false;
      const added = withoutSeriesOf(known.columns, column);
      if (added.live < column.live) {
        const series = column.live - added.live;
        conflict(series, `${title}: ${series} series of ${metric.name} are already written by ${known.title}.`);
        conflicted();
      }
      known.columns.push(added);
    }
  }
  const untyped = untypedInOpenMetrics([...families.values()].map(({ metric }) => metric));
  return {
    repeatable,
    families: [...families.values()]
      .map(({ metric, columns }) => ({ metric, columns, untyped: untyped.get(metric) ?? NO_ESCAPINGS }))
      .sort((a, b) => (a.metric.name < b.metric.name ? -1 : 1)),
  };
}

/** The parts as one snapshot; see {@link joinParts}. */
export function snapshotOfParts(parts: readonly Part[], released?: () => void): Snapshot {
  return snapshotOf(joinParts(parts), released);
}

type Joined = Pick<SnapshotColumn, 'metric' | 'escapedLines'>;

/** A join that can be repeated. */
interface KnownJoin {
  readonly columns: readonly Joined[];
  readonly order: readonly (Pick<SnapshotFamily, 'metric' | 'untyped'> & { readonly places: readonly number[] })[];
  /** Whether each family has one column, so that labels of collectors and targets do not matter. */
  readonly isPlain: boolean;
}

// Selections, and what servers of different roles and versions write, when each target is scraped on its own.
const MOST_JOINS = 8;

/**
 * Returns a {@link joinParts} that reuses its latest results: parts with the same metrics and labels of their own as one of
 * them are joined without checking them again.
 */
export function joiner(): typeof joinParts {
  // The one used last comes first.
  const joins: KnownJoin[] = [];
  return (parts, conflicted) => {
    const columns: SnapshotColumn[] = [];
    for (const part of parts) for (const column of part.columns) columns.push(column);
    const at = joins.findIndex((join) => isSame(join, columns));
    if (at >= 0) {
      const join = joins[at]!;
      if (at > 0) {
        joins.splice(at, 1);
        joins.unshift(join);
      }
      return join.order.map(({ metric, untyped, places }) => ({
        metric,
        untyped,
        columns: places.length === 1 ? [columns[places[0]!]!] : places.map((i) => columns[i]!),
      }));
    }
    const { families, repeatable } = joinOnce(parts, conflicted);
    if (repeatable) {
      const places = new Map(columns.map((column, i) => [column, i]));
      joins.unshift({
        // Not the columns: their numbers are of one run.
        columns: columns.map(({ metric, escapedLines }) => ({ metric, escapedLines })),
        order: families.map(({ metric, untyped, columns: theirs }) => ({
          metric,
          untyped,
          places: theirs.map((column) => places.get(column)!),
        })),
        isPlain: families.length === columns.length,
      });
      joins.splice(MOST_JOINS);
    }
    return families;
  };
}

function isSame({ columns, isPlain }: KnownJoin, others: readonly Joined[]): boolean {
  if (columns.length !== others.length) return false;
  for (let i = 0; i < columns.length; i++) {
    const { metric, escapedLines } = columns[i]!;
    const other = others[i]!;
    if (!isPlain && escapedLines.constLabels !== other.escapedLines.constLabels) return false;
    // A family of another target that is known only at run time is another object.
    if (metric !== other.metric && !isLike(metric, other.metric)) return false;
  }
  return true;
}

const isLike = (metric: Metric, other: Metric): boolean =>
  metric.name === other.name && shapeDifference(metric, other) === undefined;

/**
 * Several snapshots as one, valid while all of them are held.
 *
 * @throws Error when their families contradict each other, or a series is in two of them.
 */
export function joinSnapshots(snapshots: readonly Snapshot[], title: string): Snapshot {
  const parts = snapshots.map((snapshot) => ({
    title,
    columns: familiesOf(snapshot).flatMap(({ columns }) => columns),
    conflict(_series: number, detail: string): never {
      throw new Error(detail);
    },
  }));
  return snapshotOfParts(parts);
}

// The same metrics are joined at each scrape.
const known = new WeakMap<Metric, readonly string[]>();

function claimsOf(metric: Metric): readonly string[] {
  const claims = known.get(metric) ?? writtenNames(metric);
  known.set(metric, claims);
  return claims;
}

function clashOf(metric: Metric, claims: ReadonlyMap<string, { title: string; name: string }>): string | undefined {
  for (const name of claimsOf(metric)) {
    const taken = claims.get(name);
    if (taken !== undefined) return `would write "${name}", as does ${taken.name} of ${taken.title}`;
  }
  return undefined;
}

function unlike(known: { metric: Metric; title: string }, metric: Metric): string | undefined {
  const difference = shapeDifference(known.metric, metric);
  return difference === undefined ? undefined : `is also written by ${known.title}, with another ${difference}`;
}

/** For a family that keeps its type in OpenMetrics. */
export const NO_ESCAPINGS: readonly Escaping[] = [];

/**
 * Families that lose their type in OpenMetrics because they reserve a name that another family writes, such as a counter
 * `x_total` beside a gauge `x_created`; with the escapings under which they do.
 */
export function untypedInOpenMetrics(metrics: readonly Metric[]): ReadonlyMap<Metric, readonly Escaping[]> {
  const untyped = new Map<Metric, readonly Escaping[]>();
  if (metrics.every(({ name }) => isLegacyName(name))) {
    for (const metric of untypedUnder('allow-utf-8', metrics)) untyped.set(metric, escapings);
    return untyped;
  }
  for (const escaping of escapings) {
    for (const metric of untypedUnder(escaping, metrics)) {
      untyped.set(metric, [...(untyped.get(metric) ?? NO_ESCAPINGS), escaping]);
    }
  }
  return untyped;
}

function untypedUnder(escaping: Escaping, metrics: readonly Metric[]): Metric[] {
  const owners = new Map<string, Metric>();
  const escaped = metrics.map((metric) => ({ metric, names: { ...metric, name: escapeName(metric.name, escaping) } }));
  for (const { metric, names } of escaped) for (const name of textNames(names)) owners.set(name, metric);
  return escaped.flatMap(({ metric, names }) => {
    const reserved = reservedNames(names);
    if (reserved.some((name) => (owners.get(name) ?? metric) !== metric)) return [metric];
    for (const name of reserved) owners.set(name, metric);
    return [];
  });
}
