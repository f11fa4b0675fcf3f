import { collector } from 'exporter-kit';
import type { PostgresClient } from '../client/client.ts';
import type { Row } from '../client/session.ts';
import { families } from '../families.ts';
import { rowWriter } from '../rows.ts';
import { postgres } from '../source.ts';

const labels = ['datname', 'relname'] as const;
const of = families('pg_stat_progress_vacuum', labels);

const phases = [
  'initializing',
  'scanning heap',
  'vacuuming indexes',
  'vacuuming heap',
  'cleaning up indexes',
  'truncating heap',
  'performing final cleanup',
];

const metrics = {
  heap_blks_total: of.gauge('heap_blks', 'Blocks of the table.'),
  heap_blks_scanned: of.gauge('heap_blks_scanned', 'Blocks scanned.'),
  heap_blks_vacuumed: of.gauge('heap_blks_vacuumed', 'Blocks vacuumed.'),
  index_vacuum_count: of.gauge('index_vacuums', 'Rounds over the indexes that are done.'),
  max_dead_tuples: of.gauge('max_dead_tuples', 'Dead rows that fit in memory; before PostgreSQL 17.'),
  num_dead_tuples: of.gauge('num_dead_tuples', 'Dead rows in memory; before PostgreSQL 17.'),
  max_dead_tuple_bytes: of.gauge('max_dead_tuple_bytes', 'Memory for dead rows; since PostgreSQL 17.'),
  dead_tuple_bytes: of.gauge('dead_tuple_bytes', 'Memory in use for dead rows; since PostgreSQL 17.'),
  num_dead_item_ids: of.gauge('dead_item_ids', 'Dead rows in memory; since PostgreSQL 17.'),
};

const write = rowWriter(metrics);

/** How far VACUUM is with tables. */
export const statProgressVacuum = collector({
  name: 'stat_progress_vacuum',
  source: postgres,
  metrics: {
    ...metrics,
    phase: families('pg_stat_progress_vacuum', ['datname', 'relname', 'phase']).gauge(
      'phase',
      'Whether VACUUM of the table is in this phase.',
    ),
  },
  async collect({ phase, ...writers }, { client, signal }) {
    const running = await client.query('SELECT * FROM pg_stat_progress_vacuum WHERE datname IS NOT NULL', { signal });
    const rows: (Row & { readonly relname: string })[] = await Promise.all(
      running.map(async (row) => ({ ...row, relname: await nameOf(row, client, signal) })),
    );
    write(writers, rows);
    for (const { datname, relname, phase: now } of rows) {
      for (const one of phases) phase.set({ datname: datname!, relname, phase: one }, one === now ? 1 : 0);
    }
  },
});

/** The name of a table is known in its own database only. */
async function nameOf({ datname, relid }: Row, client: PostgresClient, signal: AbortSignal): Promise<string> {
  const [row] = await client.query('SELECT $1::oid::regclass::text AS name', {
    signal,
    values: [relid!],
    database: datname!,
  });
  return row!.name!;
}
