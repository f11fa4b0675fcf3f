import { Buffer } from 'node:buffer';
import { familiesOf, type Snapshot } from '../collect/scrape/snapshot.ts';
import type { FrozenColumn } from '../collect/store/column.ts';
import { withEscapedNames } from '../collect/store/escaped-lines.ts';
import type { Encoding } from './encoding.ts';
import { NUMBER_BYTES, writeNumber } from './number.ts';
import { type Page, releasePage, takePage } from './page.ts';

// Word-wise copying writes up to 7 bytes too many.
const SPARE = 8;

/** Where a page begins: a family, one of its columns (-1: before the family's head), and a row of that. */
export interface Cursor {
  readonly family: number;
  readonly column: number;
  readonly row: number;
}

/** Where the first page begins. */
export const FIRST: Cursor = { family: 0, column: -1, row: 0 };

/**
 * Encodes one page of a snapshot, and says where the next one begins; `undefined` after the last. A page is full but for
 * the last; what does not fit into one gets a page of its own size. The same cursor gives the same page again.
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
      const write = rowWriter(whole, encoding);
      while (row < whole.rows) {
        const one = withEscapedNames(whole, encoding.escaping, row);
        row = writeRows(page, one, row, write);
        if (row === one.rows) continue;
        if (page.used > 0) return { page, next: { family, column, row } };
        releasePage(page);
        page = takePage(roomFor(one, row));
        row = writeRows(page, one, row, write);
        if (row < one.rows) return { page, next: { family, column, row } };
      }
    }
  }
  if (page.used + encoding.foot.length > page.bytes.length) return { page, next: { family, column: -1, row: 0 } };
  page.used += page.bytes.write(encoding.foot, page.used, 'latin1');
  return { page, next: undefined };
}

/** All pages of a snapshot, in order. Whoever takes a page gives it back; the snapshot must be held until the last is out. */
export function* encode(snapshot: Snapshot, encoding: Encoding): Generator<Page, void, void> {
  for (let at: Cursor | undefined = FIRST; at !== undefined; ) {
    const { page, next }: ReturnType<typeof encodePage> = encodePage(snapshot, encoding, at);
    yield page;
    at = next;
  }
}

/** The whole text, for those who want it at once. */
export function encodeToString(snapshot: Snapshot, encoding: Encoding): string {
  const parts: Buffer[] = [];
  for (const page of encode(snapshot, encoding)) {
    parts.push(Buffer.from(page.bytes.subarray(0, page.used)));
    releasePage(page);
  }
  return Buffer.concat(parts).toString('utf8');
}

type RowWriter = (page: Page, column: FrozenColumn, view: DataView, row: number) => void;

/** Writes rows from `first` on until the page is full or they are all written; returns the row to go on with. */
function writeRows(page: Page, column: FrozenColumn, first: number, write: RowWriter): number {
  const { gens, gen, rows, view } = column;
  const size = page.bytes.length;
  for (let row = first; row < rows; row++) {
    if (gens[row] !== gen) continue;
    if (page.used + roomFor(column, row) > size) return row;
    write(page, column, view, row);
  }
  return rows;
}

function roomFor(column: FrozenColumn, row: number): number {
  const { lines, ends } = column;
  const first = row * lines;
  return ends[first + lines - 1]! - (first === 0 ? 0 : ends[first - 1]!) + lines * (NUMBER_BYTES + 1) + SPARE;
}

function rowWriter(column: FrozenColumn, { noNegatives }: Encoding): RowWriter {
  switch (column.metric.kind) {
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

const writeOne: RowWriter = (page, column, view, row) => {
  writeLine(page, column, view, row, column.vals[row]!);
};

const writeHistogram: RowWriter = (page, column, view, row) => writeBuckets(page, column, view, row, false);
const writeStrictHistogram: RowWriter = (page, column, view, row) => writeBuckets(page, column, view, row, true);
const writeSummary: RowWriter = (page, column, view, row) => writeQuantiles(page, column, view, row, false);
const writeStrictSummary: RowWriter = (page, column, view, row) => writeQuantiles(page, column, view, row, true);

/** Cells: counts by bucket, then the sum. Buckets are written cumulative, the last of them is the count. */
function writeBuckets(page: Page, column: FrozenColumn, view: DataView, row: number, strict: boolean): void {
  const { lines, cells, vals } = column;
  const line = row * lines;
  const cell = row * cells;
  const buckets = cells - 1;
  let count = 0;
  for (let i = 0; i < buckets; i++) {
    count += vals[cell + i]!;
    writeLine(page, column, view, line + i, count);
  }
  const sum = vals[cell + buckets]!;
  // OpenMetrics 1.0: the sum is a counter, so it can't be where observations are negative; the count is there if the sum is.
  if (strict && (!(sum >= 0) || column.metric.buckets[0]! < 0)) return;
  writeLine(page, column, view, line + buckets, sum);
  writeLine(page, column, view, line + buckets + 1, count);
}

/** Cells: quantiles, sum, count. A quantile may be NaN: there was nothing to observe. */
function writeQuantiles(page: Page, column: FrozenColumn, view: DataView, row: number, strict: boolean): void {
  const { lines, cells, vals } = column;
  for (let i = 0; i < lines; i++) {
    const value = vals[row * cells + i]!;
    const forbidden = strict && (value < 0 || (i === lines - 2 && Number.isNaN(value)));
    if (!forbidden) writeLine(page, column, view, row * lines + i, value);
  }
}

const writeStates: RowWriter = (page, column, view, row) => {
  const { lines, vals } = column;
  for (let i = 0; i < lines; i++) writeLine(page, column, view, row * lines + i, vals[row] === i ? 1 : 0);
};

/**
 * Copies a line's beginning eight bytes at a time and writes its number. Little-endian, a word of valid UTF-8 is never a
 * NaN (its last two bytes would be F0–FF and 7F or FF), so moving it as a float keeps every bit.
 */
function writeLine(page: Page, column: FrozenColumn, from: DataView, line: number, value: number): void {
  const { ends } = column;
  const to = page.view;
  const end = ends[line]!;
  let at = line === 0 ? 0 : ends[line - 1]!;
  let pos = page.used;
  for (; at < end; at += 8, pos += 8) to.setFloat64(pos, from.getFloat64(at, true), true);
  pos = writeNumber(page.bytes, pos - (at - end), value);
  page.bytes[pos] = 0x0a;
  page.used = pos + 1;
}
