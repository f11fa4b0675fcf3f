import { Buffer } from 'node:buffer';
import type { Exemplar } from '../collect/store/exemplar.ts';
import { labelsOfRow } from '../collect/store/label-values.ts';
import { lineHeads, nameForms } from '../collect/store/line-heads.ts';
import type { SnapshotColumn } from '../collect/store/snapshot-column.ts';
import { canonical } from '../metric/canonical.ts';
import { type Escaping, escapeName, escapeQuoted } from '../metric/escape.ts';
import { ownLabel } from '../metric/labels.ts';
import type { Metric } from '../metric/metric.ts';
import type { Page } from './encode.ts';
import { NUMBER_BYTES, writeNumber } from './number.ts';
import { endsSeries, type SeriesType } from './openmetrics-lines.ts';

/** What OpenMetrics has beyond the lines of text 0.0.4: exemplars, and `_created` lines. */
export interface Additions {
  /** By cell. */
  readonly exemplars: NonNullable<SnapshotColumn['exemplars']> | undefined;
  readonly created: CreatedLines | undefined;
}

/** Bytes that the additions to a row need at most. */
export function roomForAdditions({ exemplars, created }: Additions, column: SnapshotColumn, row: number): number {
  const { cells } = column;
  let room = created === undefined ? 0 : created.roomFor(column, row);
  if (exemplars === undefined) return room;
  for (let cell = row * cells; cell < (row + 1) * cells; cell++) {
    const exemplar = exemplars[cell];
    if (exemplar !== undefined) room += MOST_BYTES * textOf(exemplar).length;
  }
  return room;
}

// For each UTF-16 code unit, in UTF-8.
const MOST_BYTES = 3;

/** Writes an exemplar, if there is one, to the line that was just written. */
export function addExemplar(page: Page, exemplar: Exemplar | undefined): void {
  if (exemplar === undefined) return;
  // In place of the line's end.
  const at = page.used - 1;
  page.used = at + page.bytes.write(textOf(exemplar), at);
}

/** The rest of a line that has the exemplar. Source: OpenMetrics 1.0, "Exemplars". */
function textOf(exemplar: Exemplar): string {
  if (exemplar.text !== undefined) return exemplar.text;
  const { labels, value, timestampMs } = exemplar;
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escapeQuoted(text)}"`);
  const number = Number.isFinite(value) ? String(value) : canonical(value);
  const text = ` # {${pairs}} ${number} ${timestampMs / 1000}\n`;
  exemplar.text = text;
  return text;
}

/** Writes the time from which a row has counted. */
export interface CreatedLines {
  roomFor(column: SnapshotColumn, row: number): number;
  write(page: Page, column: SnapshotColumn, row: number): void;
}

/**
 * Makes `_created` lines, which have the labels of a row's other lines.
 *
 * @param metric a counter or a histogram.
 */
export function createdLines(metric: Metric, column: SnapshotColumn, escaping: Escaping): CreatedLines | undefined {
  const { starts, escapedLines, labelNames } = column;
  if (starts === undefined) return undefined;
  const name = escapeName(metric.name, escaping);
  const own = nameForms(`${metric.kind === 'histogram' ? name : name.replace(/_total$/, '')}_created`);
  const form = labelNames.length === 0 && Object.keys(escapedLines.constLabels).length === 0 ? 'bare' : 'open';
  const head = Buffer.from(own[form]);
  const before = Buffer.byteLength(nameForms(name)[form]);
  return {
    roomFor: ({ heads, ends }, row) =>
      ends[(row + 1) * heads - 1]! - startOf(ends, (row + 1) * heads - 1) + head.length + NUMBER_BYTES + 3,
    write(page, { heads, bytes, ends, frame }, row) {
      if (!(starts[row]! > 0)) return;
      const line = (row + 1) * heads - 1;
      let at = page.used;
      page.bytes.set(head, at);
      at += head.length;
      const labels = bytes.subarray(startOf(ends, line) + (frame?.before ?? before), ends[line]! - (frame?.after ?? 0));
      page.bytes.set(labels, at);
      at += labels.length;
      if (frame?.after === 1) at += page.bytes.write('} ', at, 'latin1');
      at = writeNumber(page.bytes, at, starts[row]! / 1000);
      page.bytes[at++] = 0x0a;
      page.used = at;
    },
  };
}

/** Makes the `_created` lines of series that are single lines of a histogram or summary: each after the series' last line. */
export function createdAfterLines(metric: Metric, column: SnapshotColumn, escaping: Escaping): CreatedLines {
  const { escapedLines, labelNames } = column;
  const starts = column.starts!;
  const type = metric.lines as SeriesType;
  const isLast = endsSeries(column, type);
  const { of } = lineHeads(metric, escapedLines.constLabels, escaping);
  const none = { [ownLabel({ kind: type, name: '' })!]: '', '': '_created' };
  const keys = column.labelKeys();
  let line = '';
  let lineOf = -1;
  // Asked for its length first, then for itself.
  const lineAfter = (row: number): string => {
    if (row === lineOf) return line;
    lineOf = row;
    const isWritten = starts[row]! > 0 && isLast(row);
    line = isWritten ? of({ ...labelsOfRow(labelNames, keys, row), ...none })[0]! : '';
    return line;
  };
  return {
    roomFor: (_, row) => MOST_BYTES * lineAfter(row).length + NUMBER_BYTES + 1,
    write(page, _, row) {
      const head = lineAfter(row);
      if (head === '') return;
      const at = writeNumber(page.bytes, page.used + page.bytes.write(head, page.used), starts[row]! / 1000);
      page.bytes[at] = 0x0a;
      page.used = at + 1;
    },
  };
}

const startOf = (ends: Uint32Array, line: number): number => (line === 0 ? 0 : ends[line - 1]!);
