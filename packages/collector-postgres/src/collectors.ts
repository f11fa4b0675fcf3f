import type { SourceCollector } from 'exporter-kit';
import type { PostgresClient } from './client/client.ts';
import { buffercacheSummary } from './collectors/buffercache-summary.ts';
import { connections } from './collectors/connections.ts';
import { database } from './collectors/database.ts';
import { databaseWraparound } from './collectors/database-wraparound.ts';
import { locks } from './collectors/locks.ts';
import { longRunningTransactions } from './collectors/long-running-transactions.ts';
import { postmaster } from './collectors/postmaster.ts';
import { preparedTransactions } from './collectors/prepared-transactions.ts';
import { processIdle } from './collectors/process-idle.ts';
import { replication } from './collectors/replication.ts';
import { replicationSlot } from './collectors/replication-slot.ts';
import { replicationSlots } from './collectors/replication-slots.ts';
import { roles } from './collectors/roles.ts';
import { settings } from './collectors/settings.ts';
import { statActivity } from './collectors/stat-activity.ts';
import { statActivityAutovacuum } from './collectors/stat-activity-autovacuum.ts';
import { statArchiver } from './collectors/stat-archiver.ts';
import { statBgwriter } from './collectors/stat-bgwriter.ts';
import { statCheckpointer } from './collectors/stat-checkpointer.ts';
import { statDatabase } from './collectors/stat-database.ts';
import { statDatabaseConflicts } from './collectors/stat-database-conflicts.ts';
import { statIo } from './collectors/stat-io.ts';
import { statProgressVacuum } from './collectors/stat-progress-vacuum.ts';
import { statReplication } from './collectors/stat-replication.ts';
import { statStatements } from './collectors/stat-statements.ts';
import { statUserTables } from './collectors/stat-user-tables.ts';
import { statWal } from './collectors/stat-wal.ts';
import { statWalReceiver } from './collectors/stat-wal-receiver.ts';
import { staticInfo } from './collectors/static.ts';
import { statioUserIndexes } from './collectors/statio-user-indexes.ts';
import { statioUserTables } from './collectors/statio-user-tables.ts';
import { wal } from './collectors/wal.ts';
import type { Reading } from './source.ts';

/**
 * All collectors of this package.
 *
 * @example
 * exporter({ name: 'postgres_exporter', namespace: 'pg', version, collectors: postgresCollectors });
 */
export const postgresCollectors: readonly SourceCollector<PostgresClient, Reading>[] = [
  buffercacheSummary,
  connections,
  databaseWraparound,
  database,
  locks,
  longRunningTransactions,
  postmaster,
  preparedTransactions,
  processIdle,
  replicationSlot,
  replicationSlots,
  replication,
  roles,
  settings,
  statActivityAutovacuum,
  statActivity,
  statArchiver,
  statBgwriter,
  statCheckpointer,
  statDatabaseConflicts,
  statDatabase,
  statIo,
  statProgressVacuum,
  statReplication,
  statStatements,
  statUserTables,
  statWalReceiver,
  statWal,
  staticInfo,
  statioUserIndexes,
  statioUserTables,
  wal,
];
