import { labelText } from '../../collect/store/label-values.ts';
import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import { type Escaping, escapeLabel } from '../../metric/escape.ts';
import { ownLabel } from '../../metric/labels.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';

// Fields of Metric and LabelPair.
const LABEL = 1;
const NAME = 1;
const VALUE = 2;

/** The labels of a column's rows, encoded once for each series, as a message of its metric begins with them. */
export interface LabelBytes {
  /** Messages of each row: one, or one for each state of a stateset. */
  readonly perRow: number;
  /** Whether all rows have the labels of the first: those of the collector or target, and no others. */
  readonly isShared: boolean;
  readonly written: ProtobufWriter;
  /** Where the labels of each message end; they begin where those before it end. */
  ends: Uint32Array;
  rows: number;
}

// Rows keep their labels as long as the column keeps its `escapedLines`; those of a target are shared by its metrics.
const known = new WeakMap<object, Map<Escaping, LabelBytes>>();

/** The encoded labels of a column, of at least the rows below `until`. Empty ones are left out: they are no labels. */
export function labelBytes(column: SnapshotColumn, escaping: Escaping, until: number): LabelBytes {
  const { escapedLines, metric, labelNames } = column;
  const isShared = labelNames.length === 0 && metric.kind !== 'stateset';
  const owner = isShared ? escapedLines.constLabels : escapedLines;
  const made = known.get(owner) ?? new Map<Escaping, LabelBytes>();
  known.set(owner, made);
  const perRow = metric.kind === 'stateset' ? metric.states.length : 1;
  const bytes: LabelBytes =
    made.get(escaping) ??
    ({
      perRow,
      isShared,
      written: new ProtobufWriter(64),
      ends: new Uint32Array(perRow),
      rows: 0,
    } satisfies LabelBytes);
  made.set(escaping, bytes);
  const wanted = isShared ? 1 : until;
  if (bytes.rows < wanted) extend(bytes, column, escaping, wanted);
  return bytes;
}

/** The first message of a row. */
export function firstMessage({ perRow, isShared }: LabelBytes, row: number): number {
  return isShared ? 0 : row * perRow;
}

function extend(bytes: LabelBytes, column: SnapshotColumn, escaping: Escaping, until: number): void {
  const { perRow, written } = bytes;
  const { metric, labelNames, escapedLines } = column;
  const keys = column.labelKeys();
  const escaped = (name: string): string => escapeLabel(name, escaping);
  const fixed = Object.entries(escapedLines.constLabels).map(
    ([name, value]) => [escaped(name), String(value)] as const,
  );
  const declared = metric.labels
    .filter(({ name }) => name !== '')
    .map(({ name }) => ({ name: escaped(name), place: labelNames.indexOf(name) }));
  const own = metric.kind === 'stateset' ? escaped(ownLabel(metric)!) : undefined;
  if (until * perRow > bytes.ends.length) {
    const longer = new Uint32Array(
      Math.max(until * perRow, Math.min(2 * bytes.ends.length, bytes.ends.length + 65_536)),
    );
    longer.set(bytes.ends);
    bytes.ends = longer;
  }
  for (let row = bytes.rows; row < until; row++) {
    for (let i = 0; i < perRow; i++) {
      for (const [name, value] of fixed) addLabel(written, name, value);
      for (const { name, place } of declared)
        addLabel(written, name, labelText(keys[row * labelNames.length + place])!);
      if (own !== undefined) addLabel(written, own, metric.states[i]!);
      bytes.ends[row * perRow + i] = written.length;
    }
  }
  bytes.rows = until;
}

function addLabel(to: ProtobufWriter, name: string, value: string): void {
  if (value === '') return;
  const label = to.begin(LABEL);
  to.string(NAME, name);
  to.string(VALUE, value);
  to.end(label);
}
