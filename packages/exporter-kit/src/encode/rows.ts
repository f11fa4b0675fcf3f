import { type LineArena, SPARE_BYTES } from '../collect/store/line-arena.ts';
import type { SnapshotColumn } from '../collect/store/snapshot-column.ts';
import { isBucketed, type Metric } from '../metric/metric.ts';
import type { Encoding, Page } from './encode.ts';
import { NUMBER_BYTES, writeNumber } from './number.ts';
import { type Additions, addExemplar, roomForAdditions } from './openmetrics-additions.ts';
import { allowsLine, allowsSum } from './openmetrics-values.ts';

type WriteRow = (page: Page, column: SnapshotColumn, view: DataView, row: number) => void;

/** Writes a column's rows, and tells how many bytes a row needs at most. */
export interface RowWriter {
  /** Writes rows from `first` on until the page is full; returns the next row to write, or the number of rows. */
  readonly write: (page: Page, column: SnapshotColumn, first: number) => number;
  readonly roomFor: (column: SnapshotColumn, row: number) => number;
}

const rowByRow = (write: WriteRow, roomOf: RowWriter['roomFor'] = roomFor): RowWriter => ({
  write(page, column, first) {
    const { gens, gen, rows, view } = column;
    const size = page.bytes.length;
    for (let row = first; row < rows; row++) {
      if (gens[row] !== gen) continue;
      if (page.used + roomOf(column, row) > size) return row;
      write(page, column, view, row);
    }
    return rows;
  },
  roomFor: roomOf,
});

const NEWLINE = 0x0a;
function roomFor(column: SnapshotColumn, row: number): number {
  const { lines, heads, ends, frame } = column;
  const first = row * heads;
  const bytes = ends[first + heads - 1]! - (first === 0 ? 0 : ends[first - 1]!);
  const numbers = lines * (NUMBER_BYTES + 1) + SPARE_BYTES;
  return frame === undefined ? bytes + numbers : bytes * lines + frame.bytes + numbers + SPARE_BYTES;
}

export function rowWriter(
  { metric, ending }: SnapshotColumn,
  { noNegatives }: Encoding,
  additions: Additions | undefined,
): RowWriter {
  if (ending !== undefined) return ending === '_bucket' ? bucketLines : totals;
  if (additions === undefined) return rowLines(metric, noNegatives);
  const lines = isBucketed(metric.kind) ? exemplifiedBuckets(additions) : exemplifiedNumber(additions);
  return rowByRow(
    (page, column, view, row) => {
      lines(page, column, view, row);
      additions.created?.write(page, column, row);
    },
    (column, row) => roomFor(column, row) + roomForAdditions(additions, column, row),
  );
}

const exemplifiedNumber =
  ({ exemplars }: Additions): WriteRow =>
  (page, column, view, row) => {
    writeLine(page, column, view, row, column.vals[row]!);
    addExemplar(page, exemplars?.[row]);
  };

const exemplifiedBuckets =
  ({ exemplars }: Additions): WriteRow =>
  (page, column, view, row) =>
    writeBuckets(page, column, view, row, true, exemplars);

function rowLines({ kind }: Metric, noNegatives: boolean): RowWriter {
  switch (kind) {
    case 'histogram':
    case 'gaugehistogram':
      return noNegatives ? strictHistograms : histograms;
    case 'stateset':
      return statesets;
    case 'summary':
      return noNegatives ? strictSummaries : summaries;
    default:
      return numbers;
  }
}

/** Rows of one line, which most are: in one loop, whose state is in locals. */
const numbers: RowWriter = {
  write(page, { gens, gen, rows, view, ends, vals }, first) {
    const { bytes, view: to } = page;
    const last = bytes.length - (NUMBER_BYTES + 1) - SPARE_BYTES;
    let pos = page.used;
    let row = first;
    for (let from = first === 0 ? 0 : ends[first - 1]!; row < rows; row++) {
      const end = ends[row]!;
      if (gens[row] === gen) {
        if (pos + (end - from) > last) break;
        pos = writeNumber(bytes, copy(to, pos, view, from, end), vals[row]!);
        bytes[pos++] = NEWLINE;
      }
      from = end;
    }
    page.used = pos;
    return row;
  },
  roomFor,
};

const histograms = rowByRow((page, column, view, row) => writeBuckets(page, column, view, row, false));
const strictHistograms = rowByRow((page, column, view, row) => writeBuckets(page, column, view, row, true));
const summaries = rowByRow((page, column, view, row) => writeQuantiles(page, column, view, row, false));
const strictSummaries = rowByRow((page, column, view, row) => writeQuantiles(page, column, view, row, true));

/** Cells: counts by bucket, then the sum. Buckets are written cumulatively, so the last one is the count. */
function writeBuckets(
  page: Page,
  column: SnapshotColumn,
  view: DataView,
  row: number,
  strict: boolean,
  exemplars?: Additions['exemplars'],
): void {
  const { cells, vals, metric } = column;
  const count = writeBucketLines(page, column, view, row, exemplars);
  const sum = vals[(row + 1) * cells - 1]!;
  if (strict && !allowsSum(sum, metric)) return;
  writeEnd(page, column, view, row, 0, sum);
  writeEnd(page, column, view, row, 1, count);
}

/** The lines of buckets; returns the count. */
function writeBucketLines(
  page: Page,
  column: SnapshotColumn,
  view: DataView,
  row: number,
  exemplars?: Additions['exemplars'],
): number {
  const { cells, vals, ends, frame } = column;
  const { parts } = frame!;
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
  return count;
}

/** The line of the sum (0) or of the count (1). */
function writeEnd(
  page: Page,
  { cells, ends, frame }: SnapshotColumn,
  view: DataView,
  row: number,
  which: 0 | 1,
  value: number,
): void {
  const { parts, before, after } = frame!;
  const from = row === 0 ? 0 : ends[row - 1]!;
  let pos = copyPart(page, page.used, parts, cells - 1 + which);
  pos = copy(page.view, pos, view, from + before, ends[row]! - after);
  endLine(page, copyPart(page, pos, parts, cells + 1), value);
}

/** The lines of a gauge histogram's buckets alone. */
const bucketLines = rowByRow((page, column, view, row) => writeBucketLines(page, column, view, row));

/** The line of a gauge histogram's sum or count alone. */
const totals = rowByRow((page, column, view, row) => {
  const { cells, vals, ending } = column;
  const from = row * cells;
  if (ending === '_gsum') return writeEnd(page, column, view, row, 0, vals[from + cells - 1]!);
  let count = 0;
  for (let i = 0; i < cells - 1; i++) count += vals[from + i]!;
  writeEnd(page, column, view, row, 1, count);
});

/** Cells: quantiles, sum, count. A quantile is NaN if there were no observations. */
function writeQuantiles(page: Page, column: SnapshotColumn, view: DataView, row: number, strict: boolean): void {
  const { lines, cells, vals } = column;
  for (let i = 0; i < lines; i++) {
    const value = vals[row * cells + i]!;
    if (!strict || allowsLine(value, i === lines - 2)) writeLine(page, column, view, row * lines + i, value);
  }
}

const statesets = rowByRow((page, column, view, row) => {
  const { lines, vals } = column;
  for (let i = 0; i < lines; i++) writeLine(page, column, view, row * lines + i, vals[row] === i ? 1 : 0);
});

function writeLine(page: Page, column: SnapshotColumn, from: DataView, line: number, value: number): void {
  const { ends } = column;
  endLine(page, copy(page.view, page.used, from, line === 0 ? 0 : ends[line - 1]!, ends[line]!), value);
}

function copyPart(page: Page, pos: number, { view, ends }: LineArena, part: number): number {
  return copy(page.view, pos, view, part === 0 ? 0 : ends[part - 1]!, ends[part]!);
}

/**
 * Copies bytes 16 at a time, with up to 15 past the end; returns where they end. Eight bytes of valid UTF-8, read as a
 * little-endian float, are never NaN (the last two would be F0–FF and 7F or FF), so the copy keeps every bit.
 */
function copy(to: DataView, pos: number, from: DataView, at: number, end: number): number {
  const until = pos + (end - at);
  for (; at < end; at += 16, pos += 16) {
    const first = from.getFloat64(at, true);
    const second = from.getFloat64(at + 8, true);
    to.setFloat64(pos, first, true);
    to.setFloat64(pos + 8, second, true);
  }
  return until;
}

function endLine(page: Page, at: number, value: number): void {
  const pos = writeNumber(page.bytes, at, value);
  page.bytes[pos] = NEWLINE;
  page.used = pos + 1;
}
