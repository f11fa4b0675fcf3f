import { collector, gauge, unsupported } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { families } from '../families.ts';
import { rowWriter } from '../rows.ts';
import { postgres } from '../source.ts';

const of = families('pg_stat_statements', ['user', 'datname', 'queryid']);

const metrics = {
  calls: of.counter('calls_total', 'Times that the statement was executed.'),
  seconds: of.counter('seconds_total', 'Time of executing the statement.'),
  rows: of.counter('rows_total', 'Rows that the statement returned or changed.'),
  read: of.counter('block_read_seconds_total', 'Time of reading blocks, with track_io_timing.'),
  write: of.counter('block_write_seconds_total', 'Time of writing blocks, with track_io_timing.'),
};

const write = rowWriter(metrics);

const config = z.object({
  limit: z.int().min(1).default(100).describe('Statements with series of their own, those that took most time.'),
  includeQuery: z.boolean().default(false).describe('Whether the texts of these statements are served.'),
  queryLength: z.int().min(1).default(120).describe('Maximum length of a text.'),
  excludeDatabases: z.array(z.string()).default([]).describe('Databases whose statements are left out.'),
  excludeUsers: z.array(z.string()).default([]).describe('Users whose statements are left out.'),
});

/**
 * The statements that took most time, by the extension pg_stat_statements. All others add up in one series, whose
 * `queryid` is `other`, so that sums are right.
 */
export const statStatements = collector({
  name: 'stat_statements',
  source: postgres,
  enabled: false,
  config,
  metrics: {
    ...metrics,
    statements: gauge({ name: 'pg_stat_statements_tracked', help: 'Statements that the extension keeps.' }),
    id: gauge({
      name: 'pg_stat_statements_query_id',
      help: 'Always 1; labels have the text of a statement.',
      labels: ['queryid', 'query'],
      waive: 'name and type of postgres_exporter',
    }),
  },
  async collect({ statements, id, ...writers }, { client, reading, signal, config: settings }) {
    const { limit, includeQuery, queryLength, excludeDatabases, excludeUsers } = settings;
    const [extension] = await client.query(EXTENSION, { signal });
    if (extension == null) unsupported(`the extension pg_stat_statements is not in the database ${client.database}`);
    const view = `${extension.schema}.pg_stat_statements(${includeQuery})`;
    const rows = await client.query(sqlOf(view, reading.version, includeQuery), {
      signal,
      values: [
        String(limit),
        ...[excludeDatabases, excludeUsers].map((list) => JSON.stringify(list)),
        String(queryLength),
      ],
    });
    write(writers, rows);
    statements.set(rows.reduce((sum, row) => sum + Number(row.statements), 0));
    const texts = new Map(rows.map(({ queryid, query }) => [queryid, query]));
    for (const [queryid, query] of texts) if (query != null && queryid != null) id.set({ queryid, query }, 1);
  },
});

const EXTENSION = `
  SELECT quote_ident(nspname) AS schema FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace
  WHERE extname = 'pg_stat_statements'`;

/** A statement is there once for calls at top level, and once for calls by functions. */
function sqlOf(view: string, version: number, withText: boolean): string {
  const [read, write] =
    version >= 170000 ? ['shared_blk_read_time', 'shared_blk_write_time'] : ['blk_read_time', 'blk_write_time'];
  return `
    WITH all_statements AS (
      SELECT pg_get_userbyid(userid) AS "user", datname, queryid::text AS queryid, sum(calls) AS calls,
        sum(total_exec_time) / 1000 AS seconds, sum(rows) AS rows, sum(${read}) / 1000 AS read,
        sum(${write}) / 1000 AS write, count(*) AS statements,
        ${withText ? 'left(min(query), $4::int)' : 'left(NULL, $4::int)'} AS query
      FROM ${view} AS s JOIN pg_database AS d ON d.oid = s.dbid
      WHERE NOT $2::jsonb ? datname AND NOT $3::jsonb ? pg_get_userbyid(userid)
      GROUP BY 1, 2, 3
    ), ranked AS (SELECT *, row_number() OVER (ORDER BY seconds DESC, queryid) <= $1::int AS own FROM all_statements)
    SELECT "user", datname, coalesce(queryid, '') AS queryid, calls, seconds, rows, read, write, statements, query
    FROM ranked WHERE own
    UNION ALL
    SELECT '', '', 'other', sum(calls), sum(seconds), sum(rows), sum(read), sum(write), sum(statements), NULL
    FROM ranked WHERE NOT own HAVING count(*) > 0`;
}
