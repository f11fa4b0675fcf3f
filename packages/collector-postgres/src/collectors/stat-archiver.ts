import { above } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_stat_archiver');

/** How the archiving of WAL files goes. */
export const statArchiver = rowsCollector({
  name: 'stat_archiver',
  metrics: {
    archived_count: of.counter('archived_count', 'WAL files archived.'),
    failed_count: of.counter('failed_count', 'Failed attempts to archive a WAL file.', {
      name: 'PostgresArchivingFails',
      when: above(0),
      for: '10m',
      severity: 'critical',
      summary: 'Files of the WAL are not archived.',
    }),
    age: of.gauge('last_archive_age', 'Seconds since a WAL file was archived; NaN if none was.'),
  },
  sql: () => `
    SELECT archived_count, failed_count,
      coalesce(extract(epoch FROM now() - last_archived_time)::float, 'NaN') AS age
    FROM pg_stat_archiver`,
});
