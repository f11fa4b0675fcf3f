import { collector, type Metric, type SourceCollector } from 'exporter-kit';
import type { PostgresClient } from './client/client.ts';
import type { Row } from './client/session.ts';
import { postgres, type Reading } from './source.ts';

/** Metrics by the column that has their value. The columns named like their labels have the labels. */
// biome-ignore lint/suspicious/noExplicitAny: what is written is checked by the store
export type ColumnMetrics = { readonly [column: string]: Metric<any> };

/** A collector that is one query. */
export interface RowsDeclaration {
  readonly name: string;
  readonly enabled?: boolean;
  readonly timeoutMs?: number;
  readonly metrics: ColumnMetrics;
  /** The query for a server; `unsupported()` if it has nothing of the kind. */
  sql(reading: Reading): string;
}

/** A collector that writes the rows of one query: each column that has a metric and a value is a sample. */
export function rowsCollector(declaration: RowsDeclaration): SourceCollector<PostgresClient, Reading> {
  const { sql, ...rest } = declaration;
  return collector({
    ...rest,
    source: postgres,
    async collect(writers, { client, reading, signal }) {
      writeRows(declaration.metrics, writers, await client.query(sql(reading), { signal }));
    },
  });
}

interface RowWriter {
  set(...args: readonly unknown[]): void;
}

/** Writes rows with the writers of their columns. */
export function writeRows(
  metrics: ColumnMetrics,
  writers: { readonly [column: string]: unknown },
  rows: readonly Row[],
): void {
  for (const row of rows) {
    for (const [column, { labels }] of Object.entries(metrics)) {
      const text = row[column];
      if (text == null) continue;
      const writer = writers[column] as RowWriter;
      if (labels.length === 0) writer.set(numberOf(text, column));
      else writer.set(labelsOf(row, labels), numberOf(text, column));
    }
  }
}

/** A column's text as a number; booleans as 1 and 0. */
export function numberOf(text: string, column: string): number {
  if (text === 't' || text === 'true') return 1;
  if (text === 'f' || text === 'false') return 0;
  const value = text === 'NaN' ? Number.NaN : Number(text);
  if (text.trim() === '' || (Number.isNaN(value) && text !== 'NaN')) {
    throw new Error(`the column ${column} has to be a number, but is ${JSON.stringify(text.slice(0, 40))}`);
  }
  return value;
}

function labelsOf(row: Row, labels: readonly { readonly name: string }[]): { readonly [label: string]: string } {
  return Object.fromEntries(labels.map(({ name }) => [name, row[name] ?? '']));
}
