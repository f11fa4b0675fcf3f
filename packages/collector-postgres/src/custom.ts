import { collector, counter, gauge, type SourceCollector, untyped } from 'exporter-kit';
import { duration, z } from 'exporter-kit/config';
import type { PostgresClient } from './client/client.ts';
import { type ColumnMetrics, rowWriter } from './rows.ts';
import { postgres, type Reading } from './source.ts';

const declare = { counter, gauge, untyped };

const metric = z.strictObject({
  name: z.string().describe('Name of the family.'),
  type: z.enum(['counter', 'gauge', 'untyped']).default('gauge'),
  help: z.string().min(1).describe('What it measures.'),
});

const query = z
  .strictObject({
    sql: z.string().min(1).describe('One statement.'),
    database: z.string().optional().describe('Database to run it in; default: that of the target.'),
    timeout: duration().optional().describe('Deadline of the query; default: that of the scrape.'),
    minVersion: z.number().min(1).optional().describe('Oldest PostgreSQL that can run it, such as 14.'),
    labels: z.array(z.string()).default([]).describe('Columns that become labels.'),
    metrics: z.record(z.string(), metric).describe('Columns that become samples, each with its family.'),
  })
  .superRefine(({ labels, metrics }, { addIssue }) => {
    if (Object.keys(metrics).length === 0) addIssue({ code: 'custom', path: ['metrics'], message: 'name a column' });
    for (const [column, { type, ...declaration }] of Object.entries(metrics)) {
      const path = ['metrics', column];
      if (labels.includes(column)) addIssue({ code: 'custom', path, message: 'is a label already' });
      try {
        declare[type]({ ...declaration, labels });
      } catch (error) {
        addIssue({ code: 'custom', path, message: (error as Error).message });
      }
    }
  });

const NAME = /^[a-z][a-z0-9_]*$/;

/** Settings of queries, by name, for {@link customQueries}: as `queries` of an exporter's config, with line and path in errors. */
export const queriesConfig = z
  .record(z.string().regex(NAME, 'a name of lower-case letters, digits and _'), query)
  .default({})
  .superRefine((queries, { addIssue }) => {
    const owners = new Map<string, string>();
    for (const [name, { metrics }] of Object.entries(queries)) {
      for (const [column, { name: family }] of Object.entries(metrics)) {
        const owner = owners.get(family);
        const path = [name, 'metrics', column, 'name'];
        if (owner !== undefined)
          addIssue({ code: 'custom', path, message: `${family} is a family of ${owner} already` });
        owners.set(family, `${name}.metrics.${column}`);
      }
    }
  });

/** What {@link queriesConfig} returns. */
export type Queries = z.infer<typeof queriesConfig>;

/**
 * A collector for each query, named `query_` and its name, so that one that fails or hangs costs its own samples only.
 *
 * @example
 * exporter({ …, config: z.object({ queries: queriesConfig }), collectors: ({ queries }) => [...postgresCollectors, ...customQueries(queries)] });
 */
export function customQueries(queries: Queries): SourceCollector<PostgresClient, Reading>[] {
  return Object.entries(queries).map(([name, { sql, database, timeout, minVersion = 0, labels, metrics }]) => {
    const declared: ColumnMetrics = Object.fromEntries(
      Object.entries(metrics).map(([column, { type, ...declaration }]) => [
        column,
        declare[type]({ ...declaration, labels }),
      ]),
    );
    const write = rowWriter(declared);
    return collector({
      name: `query_${name}`,
      source: postgres,
      metrics: declared,
      ...(timeout === undefined ? {} : { timeoutMs: timeout }),
      async collect(writers, { client, reading, signal }) {
        if (reading.version < minVersion * 10_000) return;
        const rows = await client.query(sql, { signal, ...(database === undefined ? {} : { database }) });
        const [row] = rows;
        const lacking = [...labels, ...Object.keys(declared)].filter((column) => row !== undefined && !(column in row));
        if (lacking.length > 0) {
          throw new Error(`the query has no column ${lacking.join(', ')}; it has ${Object.keys(row ?? {}).join(', ')}`);
        }
        write(writers, rows);
      },
    });
  });
}
