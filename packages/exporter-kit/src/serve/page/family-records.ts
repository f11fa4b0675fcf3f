import type { Collector } from '../../collect/collector.ts';
import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import type { Metric } from '../../metric/metric.ts';
import { Ring } from './ring.ts';
import { keyOf, numberOf, type Series } from './series.ts';

/** A family as the last scrapes have it. */
export interface FamilyRecord {
  readonly metric: Metric;
  /** Of all collectors and targets that have it. */
  readonly columns: ReadonlySet<SnapshotColumn>;
  /** Sum of its series' numbers. */
  readonly total: Ring;
  /** Number of its series. */
  readonly live: number;
}

/** What is recorded of families and their series. */
export interface FamilyRecords {
  /** Replaces what a collector wrote before; without a collector, what the kit writes itself. */
  replace(origin: Collector | undefined, columns: readonly SnapshotColumn[], at: number): void;
  get(name: string): FamilyRecord | undefined;
  /** Names of the families of a collector, or of the kit itself. */
  namesOf(origin: Collector | undefined): readonly string[];
  all(): Iterable<FamilyRecord>;
  /** What is recorded of a series; from now on, if nothing is. */
  ringOf(series: Series): Ring | undefined;
  /** Forgets a collector that is not there any more. */
  remove(origin: Collector): void;
  clear(): void;
}

interface Family extends FamilyRecord {
  readonly columns: Set<SnapshotColumn>;
  live: number;
  sum: number;
  /** Replaced columns since the sum was added up. */
  changes: number;
}

interface SeriesRecord {
  readonly ring: Ring;
  readonly key: string;
  /** Where it was last. */
  row: number;
  seenAt: number;
}

/** Of one collector's family. */
type SeriesRecords = Map<string, SeriesRecord>;

const MOST_FAMILIES = 10_000;
const MOST_SERIES = 5000;
/** All series of a smaller family are recorded; of larger ones those that somebody looks at. */
const SMALL = 50;
/** How far a series is searched that has moved. */
const SEARCHED = 2000;
const FORGOTTEN_MS = 600_000;

export function familyRecords(): FamilyRecords {
  const families = new Map<string, Family>();
  const written = new Map<Collector | undefined, readonly SnapshotColumn[]>();
  const series = new Map<Collector | undefined, Map<string, SeriesRecords>>();
  let count = 0;

  function familyOf(metric: Metric): Family | undefined {
    const known = families.get(metric.name);
    if (known !== undefined || families.size >= MOST_FAMILIES) return known;
    const made: Family = { metric, columns: new Set(), total: new Ring(), live: 0, sum: 0, changes: 0 };
    families.set(metric.name, made);
    return made;
  }

  function takeAway(column: SnapshotColumn): void {
    const family = families.get(column.metric.name);
    if (family === undefined || !family.columns.delete(column)) return;
    family.live -= column.live;
    family.sum -= totalOf(column);
  }

  /** With thousands of targets, adding up all their columns for each of their scrapes would take most of the time. */
  function addTo(family: Family, column: SnapshotColumn): void {
    family.columns.add(column);
    family.live += column.live;
    family.sum += totalOf(column);
    if (++family.changes < family.columns.size) return;
    // From time to time, so that rounding does not add up.
    family.changes = 0;
    family.sum = 0;
    for (const one of family.columns) family.sum += totalOf(one);
  }

  const recordsOf = (origin: Collector | undefined, name: string): SeriesRecords | undefined =>
    series.get(origin)?.get(name);

  /** Its place is made with the first record: most families of thousands of targets have none. */
  function recordOf(
    origin: Collector | undefined,
    name: string,
    key: string,
    row: number,
    at: number,
  ): SeriesRecord | undefined {
    const known = recordsOf(origin, name)?.get(key);
    if (known !== undefined || count >= MOST_SERIES) return known;
    count++;
    const ofOrigin = series.get(origin) ?? new Map<string, SeriesRecords>();
    series.set(origin, ofOrigin);
    const records = ofOrigin.get(name) ?? new Map<string, SeriesRecord>();
    ofOrigin.set(name, records);
    const made = { ring: new Ring(), key, row, seenAt: at };
    records.set(key, made);
    return made;
  }

  function recordSmall(origin: Collector | undefined, column: SnapshotColumn, at: number): void {
    const { name } = column.metric;
    if (count >= MOST_SERIES && recordsOf(origin, name) === undefined) return;
    const { first, rows, gens, gen } = column;
    for (let row = first; row < rows; row++) {
      if (gens[row] !== gen) continue;
      const one = recordOf(origin, name, keyOf(column, row), row, at);
      if (one === undefined) continue;
      one.row = row;
      one.seenAt = at;
      one.ring.add(at, numberOf(column, row));
    }
  }

  function recordLookedAt(records: SeriesRecords, column: SnapshotColumn, at: number): void {
    for (const one of records.values()) {
      const row = rowOf(column, one);
      if (row < 0) continue;
      one.row = row;
      one.seenAt = at;
      one.ring.add(at, numberOf(column, row));
    }
  }

  function forget(records: SeriesRecords, at: number): void {
    for (const [key, { seenAt }] of records) {
      if (at - seenAt < FORGOTTEN_MS) continue;
      records.delete(key);
      count--;
    }
  }

  return {
    replace(origin, columns, at) {
      for (const column of written.get(origin) ?? []) takeAway(column);
      if (columns.length === 0) written.delete(origin);
      else written.set(origin, columns);
      for (const column of columns) {
        const family = familyOf(column.metric);
        if (family === undefined) continue;
        addTo(family, column);
        family.total.add(at, family.sum);
        if (column.live <= SMALL) recordSmall(origin, column, at);
        const records = recordsOf(origin, column.metric.name);
        if (records === undefined) continue;
        if (column.live > SMALL) recordLookedAt(records, column, at);
        forget(records, at);
      }
    },
    get: (name) => families.get(name),
    namesOf: (origin) => [...new Set((written.get(origin) ?? []).map(({ metric }) => metric.name))],
    all: () => families.values(),
    ringOf({ column, row }) {
      for (const [origin, columns] of written) {
        if (!columns.includes(column)) continue;
        return recordOf(origin, column.metric.name, keyOf(column, row), row, Date.now())?.ring;
      }
      return undefined;
    },
    remove(origin) {
      for (const column of written.get(origin) ?? []) takeAway(column);
      written.delete(origin);
      for (const records of series.get(origin)?.values() ?? []) count -= records.size;
      series.delete(origin);
    },
    clear() {
      families.clear();
      written.clear();
      series.clear();
      count = 0;
    },
  };
}

/** Where a series is now; -1 if it is not found. */
function rowOf(column: SnapshotColumn, { key, row: before }: SeriesRecord): number {
  const { first, rows, gens, gen } = column;
  if (before < rows && gens[before] === gen && keyOf(column, before) === key) return before;
  const end = Math.min(rows, first + SEARCHED);
  for (let row = first; row < end; row++) if (gens[row] === gen && keyOf(column, row) === key) return row;
  return -1;
}

const totals = new WeakMap<SnapshotColumn, number>();

function totalOf(column: SnapshotColumn): number {
  const known = totals.get(column);
  if (known !== undefined) return known;
  const { first, rows, gens, gen } = column;
  let sum = 0;
  for (let row = first; row < rows; row++) {
    if (gens[row] !== gen) continue;
    const value = numberOf(column, row);
    if (Number.isFinite(value)) sum += value;
  }
  totals.set(column, sum);
  return sum;
}
