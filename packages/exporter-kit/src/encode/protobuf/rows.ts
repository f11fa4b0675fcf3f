import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import type { Kind } from '../../metric/metric.ts';
import type { Page } from '../encode.ts';
import { plain } from '../number.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { firstMessage, type LabelBytes } from './label-bytes.ts';
import { type WriteValue, writeCounter, writeHistogram, writeSummary } from './values.ts';

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
  readonly write: WriteValue;
}

export function rowEncoder({ metric, exemplars, starts }: SnapshotColumn): RowEncoder {
  switch (metric.kind) {
    case 'histogram':
    case 'gaugehistogram':
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

/** Values of a column's first rows as they were measured, so that they are not encoded again to be written. */
interface Kept {
  readonly written: ProtobufWriter;
  /** Where the value of each row ends. */
  readonly ends: number[];
  rows: number;
}

const kept = new WeakMap<SnapshotColumn, Kept>();
// Bytes of a column; the values of further rows are encoded twice.
const MOST_KEPT = 4 * 1024 * 1024;

/** The bytes of the rows from `from` up to `until` that the run wrote. */
export function sizeOfRows(
  column: SnapshotColumn,
  labels: LabelBytes,
  encoder: RowEncoder,
  from: number,
  until: number,
): number {
  const { gens, gen } = column;
  if (encoder.numberTag === undefined) keepValues(column, encoder, from, until);
  let size = 0;
  for (let row = from; row < until; row++) if (gens[row] === gen) size += rowSize(column, labels, encoder, row);
  return size;
}

function keepValues(column: SnapshotColumn, { write }: RowEncoder, from: number, until: number): void {
  const { gens, gen, first } = column;
  const values = kept.get(column) ?? { written: new ProtobufWriter(), ends: [], rows: first };
  kept.set(column, values);
  const { written, ends } = values;
  if (values.rows !== from || written.length > MOST_KEPT) return;
  for (let row = from; row < until; row++) {
    if (gens[row] === gen) write(written, column, row);
    ends[row - first] = written.length;
  }
  values.rows = until;
}

// The value of the row at hand, from `valueFrom` to `valueTo`; encoding never waits.
let valueBytes: Uint8Array = new Uint8Array(0);
let valueFrom = 0;
let valueTo = 0;
const scratch = new ProtobufWriter();

/** Finds or encodes a row's value; returns its size. */
function findValue(column: SnapshotColumn, { write }: RowEncoder, row: number): number {
  const values = kept.get(column);
  if (values !== undefined && row < values.rows) {
    const at = row - column.first;
    valueBytes = values.written.bytes;
    valueFrom = at === 0 ? 0 : values.ends[at - 1]!;
    valueTo = values.ends[at]!;
  } else {
    scratch.truncate();
    write(scratch, column, row);
    valueBytes = scratch.bytes;
    valueFrom = 0;
    valueTo = scratch.length;
  }
  return valueTo - valueFrom;
}

/** The bytes of all messages of a row, whose value is then at hand, if it is not a number alone. */
function rowSize(column: SnapshotColumn, labels: LabelBytes, encoder: RowEncoder, row: number): number {
  const { perRow, ends } = labels;
  const value = encoder.numberTag === undefined ? findValue(column, encoder, row) : NUMBER_SIZE;
  let size = 0;
  const first = firstMessage(labels, row);
  for (let at = first; at < first + perRow; at++) {
    const body = ends[at]! - startOf(ends, at) + value;
    size += 1 + varintSize(body) + body;
  }
  return size;
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

/** Writes the row whose value is at hand. */
function writeValue(page: Page, labels: LabelBytes, row: number): void {
  const length = valueTo - valueFrom;
  const at = begin(page, labels, firstMessage(labels, row), length);
  page.bytes.set(valueBytes.subarray(valueFrom, valueTo), at);
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
