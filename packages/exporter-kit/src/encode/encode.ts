import { Buffer } from 'node:buffer';
import { familiesOf, NO_ESCAPINGS, type Snapshot, type SnapshotFamily } from '../collect/scrape/snapshot.ts';
import { withEscapedNames } from '../collect/store/escaped-lines.ts';
import { liveRows, type SnapshotColumn, withoutRows } from '../collect/store/snapshot-column.ts';
import { type Escaping, escapeName, escapings, writtenName } from '../metric/escape.ts';
import type { Kind, Metric } from '../metric/metric.ts';
import type { Additions } from './openmetrics-additions.ts';
import { rowWriter } from './rows.ts';
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
  /** Before a head that has the family's length: the next row to be measured, and the bytes of those before it. */
  readonly measured?: { readonly column: number; readonly row: number; readonly bytes: number };
}

/** A page, and the start of the next one; `undefined` after the last. */
export interface Paged {
  readonly page: Page;
  readonly next: Cursor | undefined;
}

/** A format that is not made of lines. Pages that are not the last may be empty, where there is much to do before the next. */
export interface PageEncoding {
  page(snapshot: Snapshot, from: Cursor): Paged;
}

/** The start of the first page. */
export const FIRST: Cursor = { family: 0, column: -1, row: 0 };

/**
 * Encodes one page of a snapshot, and returns the start of the next one; `undefined` after the last. A row or head that is
 * larger than a page gets a page of its own size. The same cursor always gives the same page.
 */
export function encodePage(snapshot: Snapshot, encoding: Encoding | PageEncoding, from: Cursor): Paged {
  return 'page' in encoding ? encoding.page(snapshot, from) : encodeLines(snapshot, encoding, from);
}

function encodeLines(snapshot: Snapshot, encoding: Encoding, from: Cursor): Paged {
  const families = encoding.families(familiesOf(snapshot));
  const { escaping } = encoding;
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
      if (row < whole.first) row = whole.first;
      const isLegacy = whole.escapedLines.legacy === true && !whole.isRenamed;
      const writer = rowWriter(whole, encoding, encoding.additions?.(metric, whole));
      while (row < whole.rows) {
        const one = isLegacy && escaping !== 'dots' ? whole : withEscapedNames(whole, escaping, row);
        row = writer.write(page, one, row);
        if (row === one.rows) continue;
        if (page.used > 0) return { page, next: { family, column, row } };
        releasePage(page);
        page = takePage(writer.roomFor(one, row));
        row = writer.write(page, one, row);
        if (row < one.rows) return { page, next: { family, column, row } };
      }
    }
  }
  if (page.used + encoding.foot.length > page.bytes.length) return { page, next: { family, column: -1, row: 0 } };
  page.used += page.bytes.write(encoding.foot, page.used, 'latin1');
  return { page, next: undefined };
}

/** All pages of a snapshot, in order. The caller releases each page, and holds the snapshot until the last one. */
export function* encode(snapshot: Snapshot, encoding: Encoding | PageEncoding): Generator<Page, void, void> {
  for (let at: Cursor | undefined = FIRST; at !== undefined; ) {
    const { page, next }: ReturnType<typeof encodePage> = encodePage(snapshot, encoding, at);
    yield page;
    at = next;
  }
}

/** A snapshot as bytes. */
export function encodeToBytes(snapshot: Snapshot, encoding: Encoding | PageEncoding): Buffer {
  const parts: Buffer[] = [];
  for (const page of encode(snapshot, encoding)) {
    parts.push(Buffer.from(page.bytes.subarray(0, page.used)));
    releasePage(page);
  }
  return Buffer.concat(parts);
}

/** A snapshot as one string. */
export function encodeToString(snapshot: Snapshot, encoding: Encoding): string {
  return encodeToBytes(snapshot, encoding).toString('utf8');
}

/** Text 0.0.4 has no infos and statesets; both become gauges. Of a gauge histogram, each sample name is a family. */
const types: { readonly [K in Kind]: string } = {
  gauge: 'gauge',
  counter: 'counter',
  histogram: 'histogram',
  // As one family it can't be written there.
  gaugehistogram: 'untyped',
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
  families: textFamilies,
  head: ({ name, kind, lines, help }: Metric): string => textHead(escapeName(name, escaping), lines ?? kind, help),
  foot: '',
  noNegatives: false,
}));

// A snapshot is encoded page by page, and for several readers.
const made = new WeakMap<readonly SnapshotFamily[], readonly SnapshotFamily[]>();

/**
 * The families as text 0.0.4 allows them: a gauge histogram is a family of unknown type for each sample name. Its lines are
 * those of the column, of which each family writes some.
 */
function textFamilies(families: readonly SnapshotFamily[]): readonly SnapshotFamily[] {
  if (!families.some(isGauges)) return families;
  const known = made.get(families) ?? families.flatMap((one) => (isGauges(one) ? byEnding(one) : one));
  made.set(families, known);
  return known;
}

const isGauges = ({ metric }: SnapshotFamily): boolean => (metric.lines ?? metric.kind) === 'gaugehistogram';

/** The endings of a gauge histogram's lines; the first is that of lines read from elsewhere only. */
const ENDINGS = ['', '_bucket', '_gsum', '_gcount'] as const;

function byEnding({ metric, columns }: SnapshotFamily): SnapshotFamily[] {
  return ENDINGS.flatMap((ending) => {
    if (ending === '' && metric.lines === undefined) return [];
    const own =
      metric.lines === undefined
        ? columns.map((column) => ({ ...column, ending }))
        : columns.map((column) => rowsOf(column, ending)).filter(({ live }) => live > 0);
    return own.length === 0 ? [] : [{ metric: endingMetric(metric, ending), columns: own, untyped: NO_ESCAPINGS }];
  });
}

/** The column without the lines that end in another way. */
function rowsOf(column: SnapshotColumn, ending: string): SnapshotColumn {
  const { labelNames } = column;
  const at = labelNames.indexOf('');
  const keys = column.labelKeys();
  const others = liveRows(column).filter((row) => keys[row * labelNames.length + at] !== ending);
  return withoutRows(column, others);
}

// The same metrics come at each scrape, and encoded heads are cached by them.
const endingMetrics = new WeakMap<Metric, Map<string, Metric>>();

function endingMetric(metric: Metric, ending: string): Metric {
  const known = endingMetrics.get(metric) ?? new Map<string, Metric>();
  endingMetrics.set(metric, known);
  const { lines: _, ...rest } = metric;
  const one: Metric = known.get(ending) ?? { ...rest, kind: 'unknown', name: metric.name + ending };
  known.set(ending, one);
  return one;
}

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
export function takePage(least: number): Page {
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
