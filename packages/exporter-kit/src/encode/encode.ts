import { Buffer } from 'node:buffer';
import { familiesOf, type Snapshot, type SnapshotFamily } from '../collect/scrape/snapshot.ts';
import { withEscapedNames } from '../collect/store/column.ts';
import type { LineArena } from '../collect/store/line-arena.ts';
import type { SnapshotColumn } from '../collect/store/snapshot-column.ts';
import { type Escaping, escapeName, escapings, writtenName } from '../metric/escape.ts';
import type { Kind, Metric } from '../metric/metric.ts';
import { NUMBER_BYTES, writeNumber } from './number.ts';
import { type Additions, addExemplar, roomForAdditions } from './openmetrics-additions.ts';
import { allowsLine, allowsSum } from './openmetrics-values.ts';
import type { SamplesOptions } from './samples.ts';

/** The differences between formats: the head of a family and the end of the exposition. Sample lines are the same in all. */
export interface Encoding {
  /** For names outside the legacy syntax. */
  readonly escaping: Escaping;
  /** The families as the format allows them; the same result for the same input. */
  families(families: readonly SnapshotFamily[]): readonly SnapshotFamily[];
  /** The HELP and TYPE lines of a family, in UTF-8. */
  head(metric: Metric): Uint8Array;
  readonly foot: string;
  /** Whether the format forbids negative or NaN sums and negative quantiles; their lines are left out. */
  readonly noNegatives: boolean;
  /** What the format adds to the lines of a family's column; absent for most. */
  additions?(metric: Metric, column: SnapshotColumn): Additions | undefined;
}

/** A buffer from the pool, filled up to `used`. It has one owner between `takePage` and `releasePage`. */
export interface Page {
  readonly bytes: Buffer;
  readonly view: DataView;
  used: number;
}

/** The start of a page: a family, one of its columns (-1: before the family's head), and a row of it. */
export interface Cursor {
  readonly family: number;
  readonly column: number;
  readonly row: number;
}

/** The start of the first page. */
export const FIRST: Cursor = { family: 0, column: -1, row: 0 };

/**
 * Encodes one page of a snapshot, and returns the start of the next one; `undefined` after the last. A row or head that is
 * larger than a page gets a page of its own size. The same cursor always gives the same page.
 */
export function encodePage(
  snapshot: Snapshot,
  encoding: Encoding,
  from: Cursor,
): { page: Page; next: Cursor | undefined } {
  const families = encoding.families(familiesOf(snapshot));
  let page = takePage(0);
  let { family, column, row } = from;
  for (; family < families.length; family++, column = -1, row = 0) {
    const { metric, columns } = families[family]!;
    if (column < 0) {
      const head = encoding.head(metric);
      if (page.used + head.length > page.bytes.length) {
        if (page.used > 0) return { page, next: { family, column, row } };
        releasePage(page);
        page = takePage(head.length);
      }
      page.bytes.set(head, page.used);
      page.used += head.length;
      column = 0;
    }
    for (; column < columns.length; column++, row = 0) {
      const whole = columns[column]!;
      const write = rowWriter(whole, encoding, encoding.additions?.(metric, whole));
      while (row < whole.rows) {
        const one = withEscapedNames(whole, encoding.escaping, row);
        row = writeRows(page, one, row, write);
        if (row === one.rows) continue;
        if (page.used > 0) return { page, next: { family, column, row } };
        releasePage(page);
        page = takePage(write.roomFor(one, row));
        row = writeRows(page, one, row, write);
        if (row < one.rows) return { page, next: { family, column, row } };
      }
    }
  }
  if (page.used + encoding.foot.length > page.bytes.length) return { page, next: { family, column: -1, row: 0 } };
  page.used += page.bytes.write(encoding.foot, page.used, 'latin1');
  return { page, next: undefined };
}

/** All pages of a snapshot, in order. The caller releases each page, and holds the snapshot until the last one. */
export function* encode(snapshot: Snapshot, encoding: Encoding): Generator<Page, void, void> {
  for (let at: Cursor | undefined = FIRST; at !== undefined; ) {
    const { page, next }: ReturnType<typeof encodePage> = encodePage(snapshot, encoding, at);
    yield page;
    at = next;
  }
}

/** A snapshot as one string. */
export function encodeToString(snapshot: Snapshot, encoding: Encoding): string {
  const parts: Buffer[] = [];
  for (const page of encode(snapshot, encoding)) {
    parts.push(Buffer.from(page.bytes.subarray(0, page.used)));
    releasePage(page);
  }
  return Buffer.concat(parts).toString('utf8');
}

type WriteRow = (page: Page, column: SnapshotColumn, view: DataView, row: number) => void;

/** Writes a column's rows, and tells how many bytes a row needs at most. */
interface RowWriter {
  readonly write: WriteRow;
  readonly roomFor: (column: SnapshotColumn, row: number) => number;
}

/** Writes rows from `first` on until the page is full; returns the next row to write, or the number of rows. */
function writeRows(page: Page, column: SnapshotColumn, first: number, { write, roomFor }: RowWriter): number {
  const { gens, gen, rows, view } = column;
  const size = page.bytes.length;
  for (let row = first; row < rows; row++) {
    if (gens[row] !== gen) continue;
    if (page.used + roomFor(column, row) > size) return row;
    write(page, column, view, row);
  }
  return rows;
}

// Copying in words of 8 bytes can write up to 7 bytes past the end.
const SPARE = 8;

function roomFor(column: SnapshotColumn, row: number): number {
  const { lines, heads, ends, frame } = column;
  const first = row * heads;
  const bytes = ends[first + heads - 1]! - (first === 0 ? 0 : ends[first - 1]!);
  const numbers = lines * (NUMBER_BYTES + 1) + SPARE;
  return frame === undefined ? bytes + numbers : bytes * lines + frame.bytes + numbers + SPARE;
}

function rowWriter({ metric }: SnapshotColumn, { noNegatives }: Encoding, additions: Additions | undefined): RowWriter {
  if (additions === undefined) return { write: rowLines(metric, noNegatives), roomFor };
  const lines = metric.kind === 'histogram' ? exemplifiedBuckets(additions) : exemplifiedNumber(additions);
  return {
    write(page, column, view, row) {
      lines(page, column, view, row);
      additions.created?.write(page, column, row);
    },
    roomFor: (column, row) => roomFor(column, row) + roomForAdditions(additions, column, row),
  };
}

const exemplifiedNumber =
  ({ exemplars }: Additions): WriteRow =>
  (page, column, view, row) => {
    writeOne(page, column, view, row);
    addExemplar(page, exemplars?.[row]);
  };

const exemplifiedBuckets =
  ({ exemplars }: Additions): WriteRow =>
  (page, column, view, row) =>
    writeBuckets(page, column, view, row, true, exemplars);

function rowLines({ kind }: Metric, noNegatives: boolean): WriteRow {
  switch (kind) {
    case 'histogram':
      return noNegatives ? writeStrictHistogram : writeHistogram;
    case 'stateset':
      return writeStates;
    case 'summary':
      return noNegatives ? writeStrictSummary : writeSummary;
    default:
      return writeOne;
  }
}

const writeOne: WriteRow = (page, column, view, row) => {
  writeLine(page, column, view, row, column.vals[row]!);
};

const writeHistogram: WriteRow = (page, column, view, row) => writeBuckets(page, column, view, row, false);
const writeStrictHistogram: WriteRow = (page, column, view, row) => writeBuckets(page, column, view, row, true);
const writeSummary: WriteRow = (page, column, view, row) => writeQuantiles(page, column, view, row, false);
const writeStrictSummary: WriteRow = (page, column, view, row) => writeQuantiles(page, column, view, row, true);

/** Cells: counts by bucket, then the sum. Buckets are written cumulatively, so the last one is the count. */
function writeBuckets(
  page: Page,
  column: SnapshotColumn,
  view: DataView,
  row: number,
  strict: boolean,
  exemplars?: Additions['exemplars'],
): void {
  const { cells, vals, ends, frame } = column;
  const { parts, before, after } = frame!;
  const from = row === 0 ? 0 : ends[row - 1]!;
  const end = ends[row]!;
  const cell = row * cells;
  const buckets = cells - 1;
  let count = 0;
  for (let i = 0; i < buckets; i++) {
    count += vals[cell + i]!;
    const pos = copy(page.view, page.used, view, from, end);
    endLine(page, copyPart(page, pos, parts, i), count);
    if (exemplars !== undefined) addExemplar(page, exemplars[cell + i]);
  }
  const sum = vals[cell + buckets]!;
  if (strict && !allowsSum(sum, column.metric)) return;
  for (let i = 0; i < 2; i++) {
    let pos = copyPart(page, page.used, parts, buckets + i);
    pos = copy(page.view, pos, view, from + before, end - after);
    endLine(page, copyPart(page, pos, parts, buckets + 2), i === 0 ? sum : count);
  }
}

/** Cells: quantiles, sum, count. A quantile is NaN if there were no observations. */
function writeQuantiles(page: Page, column: SnapshotColumn, view: DataView, row: number, strict: boolean): void {
  const { lines, cells, vals } = column;
  for (let i = 0; i < lines; i++) {
    const value = vals[row * cells + i]!;
    if (!strict || allowsLine(value, i === lines - 2)) writeLine(page, column, view, row * lines + i, value);
  }
}

const writeStates: WriteRow = (page, column, view, row) => {
  const { lines, vals } = column;
  for (let i = 0; i < lines; i++) writeLine(page, column, view, row * lines + i, vals[row] === i ? 1 : 0);
};

function writeLine(page: Page, column: SnapshotColumn, from: DataView, line: number, value: number): void {
  const { ends } = column;
  endLine(page, copy(page.view, page.used, from, line === 0 ? 0 : ends[line - 1]!, ends[line]!), value);
}

function copyPart(page: Page, pos: number, { view, ends }: LineArena, part: number): number {
  return copy(page.view, pos, view, part === 0 ? 0 : ends[part - 1]!, ends[part]!);
}

/**
 * Copies bytes eight at a time; returns where they end. Eight bytes of valid UTF-8, read as a little-endian float, are never
 * NaN (the last two would be F0–FF and 7F or FF), so the copy keeps every bit.
 */
function copy(to: DataView, pos: number, from: DataView, at: number, end: number): number {
  const until = pos + (end - at);
  for (; at < end; at += 8, pos += 8) to.setFloat64(pos, from.getFloat64(at, true), true);
  return until;
}

function endLine(page: Page, at: number, value: number): void {
  const pos = writeNumber(page.bytes, at, value);
  page.bytes[pos] = 0x0a;
  page.used = pos + 1;
}

/** Text 0.0.4 has no infos and statesets; both become gauges. */
const types: { readonly [K in Kind]: string } = {
  gauge: 'gauge',
  counter: 'counter',
  histogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  unknown: 'untyped',
};

/**
 * The Prometheus text format, 0.0.4 and 1.0.0. The versions differ only in quoted names, which clients can also allow in
 * 0.0.4. Source: prometheus.io/docs/instrumenting/exposition_formats.
 */
export const texts: Encodings = encodings((escaping) => ({
  escaping,
  families: (families) => families,
  head: ({ name, kind, lines, help }: Metric): string => textHead(escapeName(name, escaping), lines ?? kind, help),
  foot: '',
  noNegatives: false,
}));

/** The HELP and TYPE lines of a family. */
export function textHead(name: string, kind: Kind, help: string): string {
  const written = writtenName(name);
  const escaped = help.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${written} ${escaped}\n# TYPE ${written} ${types[kind]}\n`;
}

/** The text format 0.0.4 with legacy names, which every scraper accepts. */
export const text: Encoding = texts.underscores;

/** A snapshot in the text format 0.0.4; by default with legacy names, which every scraper accepts. */
export function encodeText(snapshot: Snapshot, { escaping = 'underscores' }: SamplesOptions = {}): string {
  return encodeToString(snapshot, texts[escaping]);
}

/** One format under each escaping. */
export type Encodings = { readonly [E in Escaping]: Encoding };

/** An encoding whose heads are strings. */
type StringEncoding = Omit<Encoding, 'head'> & { head(metric: Metric): string };

/** One encoding for each escaping. Heads are encoded once per metric. */
export function encodings(make: (escaping: Escaping) => StringEncoding): Encodings {
  return Object.fromEntries(escapings.map((escaping) => [escaping, withCachedHeads(make(escaping))])) as Encodings;
}

function withCachedHeads(encoding: StringEncoding): Encoding {
  const heads = new WeakMap<Metric, Uint8Array>();
  return {
    ...encoding,
    head(metric) {
      let head = heads.get(metric);
      if (head === undefined) {
        head = Buffer.from(encoding.head(metric));
        heads.set(metric, head);
      }
      return head;
    },
  };
}

const SIZE = 64 * 1024;
const KEPT = 32;
const free: Page[] = [];

/** A page with room for at least `least` bytes. */
function takePage(least: number): Page {
  if (least <= SIZE) {
    const kept = free.pop();
    if (kept !== undefined) {
      kept.used = 0;
      return kept;
    }
  }
  const bytes = Buffer.allocUnsafeSlow(Math.max(SIZE, least));
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), used: 0 };
}

/** Returns a page to the pool. Its bytes must no longer be in use: for a socket, wait for the callback of the write. */
export function releasePage(page: Page): void {
  if (page.bytes.length === SIZE && free.length < KEPT) free.push(page);
}
