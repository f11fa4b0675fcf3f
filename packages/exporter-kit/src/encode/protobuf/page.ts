import { familiesOf, type Snapshot } from '../../collect/scrape/snapshot.ts';
import { type Escaping, escapeName, escapings } from '../../metric/escape.ts';
import type { Kind, Metric } from '../../metric/metric.ts';
import { type Cursor, type Page, type PageEncoding, releasePage, takePage } from '../encode.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { protobufFamilies } from './families.ts';
import { labelBytes } from './label-bytes.ts';
import { type RowEncoder, roomForRow, rowEncoder, sizeOfRows, writeRows } from './rows.ts';

/**
 * Delimited messages `io.prometheus.client.MetricFamily`, the only format with native histograms. A message begins with its
 * length, so that each family is measured before it is written: a few thousand rows for each page, which are empty until all
 * are measured, so that big families do not block the event loop.
 */
export const protobufs: { readonly [E in Escaping]: PageEncoding } = Object.fromEntries(
  escapings.map((escaping) => [
    escaping,
    { page: (snapshot: Snapshot, from: Cursor) => encodePage(snapshot, escaping, from) } satisfies PageEncoding,
  ]),
) as { readonly [E in Escaping]: PageEncoding };

// Rows whose labels are encoded at once.
const BLOCK = 1024;
// What may be measured for one page: rows that are numbers, or numbers of other rows.
const MEASURED = 2 * BLOCK;
// Encoding a histogram or summary, in rows that are numbers.
const ROW_COST = 32;

function encodePage(snapshot: Snapshot, escaping: Escaping, from: Cursor): { page: Page; next: Cursor | undefined } {
  const families = protobufFamilies(familiesOf(snapshot));
  let page = takePage(0);
  let { family, column, row, measured } = from;
  let left = MEASURED;
  for (; family < families.length; family++, column = -1, row = 0) {
    const { metric, columns } = families[family]!;
    const encoders = columns.map(rowEncoder);
    if (column < 0) {
      let { column: at, row: next, bytes } = measured ?? { column: 0, row: 0, bytes: 0 };
      measured = undefined;
      for (; at < columns.length; at++, next = 0) {
        const whole = columns[at]!;
        next = Math.max(next, whole.first);
        while (next < whole.rows) {
          if (left <= 0)
            return { page, next: { family, column: -1, row: 0, measured: { column: at, row: next, bytes } } };
          const until = Math.min(whole.rows, next + blockOf(encoders[at]!));
          bytes += sizeOfRows(whole, labelBytes(whole, escaping, until), encoders[at]!, next, until);
          left -= BLOCK;
          next = until;
        }
      }
      const head = headOf(metric, escaping);
      const size = 10 + head.length;
      if (page.used + size > page.bytes.length) {
        if (page.used > 0)
          return { page, next: { family, column: -1, row: 0, measured: { column: at, row: 0, bytes } } };
        releasePage(page);
        page = takePage(size);
      }
      writeHead(page, head, bytes);
      column = 0;
    }
    for (; column < columns.length; column++, row = 0) {
      const whole = columns[column]!;
      row = Math.max(row, whole.first);
      const encoder = encoders[column]!;
      const labels = labelBytes(whole, escaping, whole.rows);
      row = writeRows(page, whole, labels, encoder, row, whole.rows);
      if (row === whole.rows) continue;
      if (page.used > 0) return { page, next: { family, column, row } };
      releasePage(page);
      page = takePage(roomForRow(whole, labels, encoder, row));
      row = writeRows(page, whole, labels, encoder, row, whole.rows);
      if (row < whole.rows) return { page, next: { family, column, row } };
    }
  }
  return { page, next: undefined };
}

const blockOf = ({ numberTag }: RowEncoder): number => (numberTag === undefined ? BLOCK / ROW_COST : BLOCK);

/** The length of a family's message, and the message up to its metrics. */
function writeHead(page: Page, head: Uint8Array, rows: number): void {
  const { bytes } = page;
  let at = page.used;
  let rest = head.length + rows;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
  bytes[at++] = rest;
  bytes.set(head, at);
  page.used = at + head.length;
}

/** Types of the protocol; it has none for infos and statesets, which are gauges. */
const types: { readonly [K in Kind]: number } = {
  counter: 0,
  gauge: 1,
  info: 1,
  stateset: 1,
  summary: 2,
  unknown: 3,
  histogram: 4,
  gaugehistogram: 5,
};

const FAMILY = { name: 1, help: 2, type: 3, unit: 5 } as const;

// The same metrics come at each scrape.
const heads = new WeakMap<Metric, Map<Escaping, Uint8Array>>();

function headOf(metric: Metric, escaping: Escaping): Uint8Array {
  const known = heads.get(metric) ?? new Map<Escaping, Uint8Array>();
  heads.set(metric, known);
  const head = known.get(escaping) ?? encodeHead(metric, escaping);
  known.set(escaping, head);
  return head;
}

function encodeHead({ kind, name, help, unit }: Metric, escaping: Escaping): Uint8Array {
  const to = new ProtobufWriter(256);
  const written = escapeName(name, escaping);
  to.string(FAMILY.name, written);
  to.string(FAMILY.help, help);
  to.integer(FAMILY.type, types[kind]);
  // Prometheus before 3.9 rejects the whole response if a unit is not a suffix, as when escaping has separated it.
  if (unit !== '' && (kind === 'counter' ? written.replace(/_total$/, '') : written).endsWith(`_${unit}`))
    to.string(FAMILY.unit, unit);
  return to.take();
}
