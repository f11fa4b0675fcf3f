import { untyped } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_stat_database_conflicts', ['datid', 'datname']);

/** Queries cancelled on a replica because they conflicted with recovery. */
export const statDatabaseConflicts = rowsCollector({
  name: 'stat_database_conflicts',
  metrics: {
    confl_tablespace: of.counter('confl_tablespace', 'Queries cancelled because of dropped tablespaces.'),
    confl_lock: of.counter('confl_lock', 'Queries cancelled because of lock timeouts.'),
    confl_snapshot: of.counter('confl_snapshot', 'Queries cancelled because of old snapshots.'),
    confl_bufferpin: of.counter('confl_bufferpin', 'Queries cancelled because of pinned buffers.'),
    confl_deadlock: of.counter('confl_deadlock', 'Queries cancelled because of deadlocks.'),
    confl_active_logicalslot: untyped({
      name: 'pg_stat_database_conflicts_confl_active_logicalslot',
      help: 'Uses of logical slots cancelled; since PostgreSQL 16.',
      labels: ['datid', 'datname'],
      waive: 'name and type of postgres_exporter',
    }),
  },
  sql: () => 'SELECT * FROM pg_stat_database_conflicts',
});
