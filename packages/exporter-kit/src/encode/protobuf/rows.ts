import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import type { Kind } from '../../metric/metric.ts';
import type { Page } from '../encode.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { firstMessage, type LabelBytes } from './label-bytes.ts';
import { plain, type WriteValue, writeCounter, writeHistogram, writeSummary } from './values.ts';

/** Field `metric` of MetricFamily, a message. */
const METRIC_TAG = (4 << 3) | 2;
/** Fields of Metric for a message that has a number alone. */
const NUMBER_TAGS: { readonly [K in Kind]?: number } = {
  gauge: (2 << 3) | 2,
  info: (2 << 3) | 2,
  stateset: (2 << 3) | 2,
  counter: (3 << 3) | 2,
  unknown: (5 << 3) | 2,
};
/** Field 1 of those, a double. */
const NUMBER_TAG = (1 << 3) | 1;
/** A tag and a length, and in the message a tag and a double. */
const NUMBER_SIZE = 2 + 9;

/** How the values of a column's rows are encoded. */
export interface RowEncoder {
  /** For rows that are numbers alone, whose size is known; absent for others. */
  readonly numberTag?: number | undefined;
  /** Encodes a row's value into `scratch`. */
  readonly write: WriteValue;
}

export function rowEncoder({ metric, exemplars, starts }: SnapshotColumn): RowEncoder {
  switch (metric.kind) {
    case 'histogram':
      return { write: writeHistogram };
    case 'summary':
      return { write: writeSummary };
    case 'counter':
      return {
        write: writeCounter,
        numberTag: exemplars === undefined && starts === undefined ? tagOf('counter') : undefined,
      };
    default:
      return { write: writeCounter, numberTag: tagOf(metric.kind) };
  }
}

const tagOf = (kind: Kind): number => NUMBER_TAGS[kind]!;

// One row at a time; encoding never waits.
const scratch = new ProtobufWriter();

/** The bytes of the rows from `from` up to `until` that the run wrote. */
export function sizeOfRows(
  column: SnapshotColumn,
  labels: LabelBytes,
  encoder: RowEncoder,
  from: number,
  until: number,
): number {
  const { gens, gen } = column;
  let size = 0;
  for (let row = from; row < until; row++) if (gens[row] === gen) size += rowSize(column, labels, encoder, row);
  return size;
}

/** Encodes a row's value, if it is not a number alone; returns the bytes of all its messages. */
function rowSize(column: SnapshotColumn, labels: LabelBytes, encoder: RowEncoder, row: number): number {
  const { perRow, ends } = labels;
  const value = encoder.numberTag === undefined ? valueSize(column, encoder, row) : NUMBER_SIZE;
  let size = 0;
  const first = firstMessage(labels, row);
  for (let at = first; at < first + perRow; at++) {
    const body = ends[at]! - startOf(ends, at) + value;
    size += 1 + varintSize(body) + body;
  }
  return size;
}

function valueSize(column: SnapshotColumn, { write }: RowEncoder, row: number): number {
  scratch.truncate();
  write(scratch, column, row);
  return scratch.length;
}

// Copying in words can write up to 3 bytes past the end.
const SPARE = 4;

/** Writes rows from `first` on until the page is full; returns the next row to write, or `until`. */
export function writeRows(
  page: Page,
  column: SnapshotColumn,
  labels: LabelBytes,
  encoder: RowEncoder,
  first: number,
  until: number,
): number {
  const { gens, gen } = column;
  const size = page.bytes.length;
  for (let row = first; row < until; row++) {
    if (gens[row] !== gen) continue;
    if (page.used + rowSize(column, labels, encoder, row) + SPARE > size) return row;
    if (encoder.numberTag === undefined) writeValue(page, labels, row);
    else writeNumbers(page, column, labels, encoder.numberTag, row);
  }
  return until;
}

/** Bytes that a page needs for this row alone. */
export function roomForRow(column: SnapshotColumn, labels: LabelBytes, encoder: RowEncoder, row: number): number {
  return rowSize(column, labels, encoder, row) + SPARE;
}

/** Writes the row that `scratch` has the value of. */
function writeValue(page: Page, labels: LabelBytes, row: number): void {
  const { length } = scratch;
  const at = begin(page, labels, firstMessage(labels, row), length);
  page.bytes.set(scratch.bytes.subarray(0, length), at);
  page.used = at + length;
}

function writeNumbers(page: Page, column: SnapshotColumn, labels: LabelBytes, tag: number, row: number): void {
  const { perRow } = labels;
  const first = firstMessage(labels, row);
  const value = column.vals[row]!;
  const isStates = column.metric.kind === 'stateset';
  for (let i = 0; i < perRow; i++) {
    const at = begin(page, labels, first + i, NUMBER_SIZE);
    const { bytes } = page;
    bytes[at] = tag;
    bytes[at + 1] = 9;
    bytes[at + 2] = NUMBER_TAG;
    page.view.setFloat64(at + 3, isStates ? (value === i ? 1 : 0) : plain(value), true);
    page.used = at + NUMBER_SIZE;
  }
}

/** Begins a Metric with its labels; returns where its value is to be written. */
function begin({ bytes, view, used }: Page, { written, ends }: LabelBytes, message: number, value: number): number {
  const from = startOf(ends, message);
  const end = ends[message]!;
  bytes[used] = METRIC_TAG;
  let at = used + 1;
  let rest = end - from + value;
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  const source = written.view;
  // As integers: lengths among the bytes could make a float NaN, which need not keep its bits.
  for (let i = from, to = at; i < end; i += 4, to += 4) view.setInt32(to, source.getInt32(i));
  return at + end - from;
}

const startOf = (ends: Uint32Array, at: number): number => (at === 0 ? 0 : ends[at - 1]!);

/** Bytes of a varint below 2^31. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) size++;
  return size;
}
