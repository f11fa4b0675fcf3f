import { unsupported } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_stat_wal');

/** What is written to the WAL, since PostgreSQL 14. */
export const statWal = rowsCollector({
  name: 'stat_wal',
  metrics: {
    wal_records: of.counter('records_total', 'Records written to the WAL.'),
    wal_fpi: of.counter('full_page_images_total', 'Full page images written to the WAL.'),
    wal_bytes: of.counter('bytes_total', 'Bytes written to the WAL.'),
    wal_buffers_full: of.counter('buffers_full_total', 'Writes because the buffers of the WAL were full.'),
  },
  sql: ({ version }) =>
    version >= 140000 ? 'SELECT * FROM pg_stat_wal' : unsupported('pg_stat_wal exists since PostgreSQL 14'),
});
