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
  const write = rowWriter(declaration.metrics);
  return collector({
    ...rest,
    source: postgres,
    async collect(writers, { client, reading, signal }) {
      write(writers, await client.query(sql(reading), { signal }));
    },
  });
}

interface RowWriter {
  set(...args: readonly unknown[]): void;
}

type Writers = { readonly [column: string]: unknown };

/** Returns a function that writes rows with the writers of their columns. */
export function rowWriter(metrics: ColumnMetrics): (writers: Writers, rows: readonly Row[]) => void {
  // Columns with the same labels, which are then made once a row.
  const groups = new Map<string, { readonly labels: readonly string[]; readonly columns: string[] }>();
  for (const [column, metric] of Object.entries(metrics)) {
    const labels = metric.labels.map(({ name }) => name);
    const group = groups.get(labels.join()) ?? { labels, columns: [] };
    groups.set(labels.join(), group);
    group.columns.push(column);
  }

  return (writers, rows) => {
    for (const { labels, columns } of groups.values()) {
      for (const row of rows) {
        const given = labels.length === 0 ? [] : [labelsOf(row, labels)];
        for (const column of columns) {
          const text = row[column];
          if (text != null) (writers[column] as RowWriter).set(...given, numberOf(text, column));
        }
      }
    }
  };
}

/** A column's text as a number; booleans as 1 and 0. */
export function numberOf(text: string, column: string): number {
  if (text === 't' || text === 'true') return 1;
  if (text === 'f' || text === 'false') return 0;
  const value = text === 'NaN' ? Number.NaN : Number(text);
  if ((value === 0 && text.trim() === '') || (Number.isNaN(value) && text !== 'NaN')) {
    throw new Error(`the column ${column} has to be a number, but is ${JSON.stringify(text.slice(0, 40))}`);
  }
  return value;
}

function labelsOf(row: Row, names: readonly string[]): { readonly [label: string]: string } {
  const labels: Record<string, string> = {};
  for (const name of names) labels[name] = row[name] ?? '';
  return labels;
}
