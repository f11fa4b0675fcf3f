import type { Logger } from 'exporter-kit';
import { findPeer, type Generation, needPeers, type PostgresServer } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { filledServer, served } from './real.ts';

// Debian's releases, and the newest; each with its PostgreSQL. It has no 14 and no 16.
const versions: readonly [version: number, generation: Generation][] = [
  [13, 'debian11'],
  [14, 'npm14'],
  [15, 'debian12'],
  [16, 'npm16'],
  [17, 'debian13'],
  [18, 'today'],
];

// What a collector needs at least.
const unsupported: { readonly [collector: string]: number } = {
  buffercache_summary: 16,
  stat_checkpointer: 17,
  stat_io: 16,
  stat_wal: 14,
};

// Families that not every version has: its first version, and its last.
const some: readonly [families: RegExp, first: number, last?: number][] = [
  [/^pg_buffercache_summary_/, 16],
  [/^pg_stat_bgwriter_(buffers_(backend|checkpoint)|checkpoint)/, 0, 16],
  [/^pg_stat_checkpointer_/, 17],
  [/^pg_stat_database_conflicts_confl_active_logicalslot$/, 16],
  [/^pg_stat_database_(session|active_time|idle_in_transaction_time)/, 14],
  // Clusters have checksums since then, if initdb is not told otherwise.
  [/^pg_stat_database_(parallel_workers|checksum_failures)/, 18],
  [/^pg_stat_io_/, 16],
  [/^pg_stat_wal_(?!receiver)/, 14],
];
const has = (version: number, family: string): boolean =>
  some.every(([families, first, last = Infinity]) => !families.test(family) || (version >= first && version <= last));

// Without a value as long as nothing is written, or while no session is idle.
const sometimes =
  /^pg_stat_replication_\w+_lag_seconds$|^pg_stat_wal_receiver_(last|latest)_|^pg_process_idle_seconds$/;

/** One scrape of all collectors: families with samples, but settings and verdicts; what was logged, and what is unsupported. */
async function scraped(pg: PostgresServer) {
  const troubles: object[] = [];
  const missing: string[] = [];
  const log: Logger = {
    debug: (facts, text) => {
      if (/unsupported/.test(text ?? '')) missing.push((facts as { collector: string }).collector);
    },
    info() {},
    warn: (facts) => void troubles.push(facts as object),
    error: (facts) => void troubles.push(facts as object),
  };
  const text = await (await served({ url: pg.url, sslmode: 'disable' }, { log }))();
  const families = [...text.matchAll(/^# TYPE (\S+).*\n\1/gm)].map(([, name]) => name!);
  return {
    families: families.filter((name) => !/^pg_(settings|scrape|exporter)_/.test(name) && !sometimes.test(name)).sort(),
    settings: families.filter((name) => name.startsWith('pg_settings_')).length,
    failed: [...text.matchAll(/^pg_scrape_collector_success\{.*\} 0$|^pg_up 0$/gm)].map(String),
    troubles,
    missing: missing.sort(),
  };
}

/** Logs that a version is not there; it may be one that can no longer be had. */
function isThere([version, generation]: (typeof versions)[number]): boolean {
  const found = findPeer('postgres', generation) !== undefined;
  if (!found) console.warn(`SKIPPED: PostgreSQL ${version} is not in .peers/${generation}-postgresql`);
  return found;
}

describe.skipIf(!needPeers('postgres'))('all versions', () => {
  it('every query answers, and the families are those that a version can have', async () => {
    const found = [];
    for (const [version, generation] of versions.filter(isThere)) {
      const pg = await filledServer({ generation, settings: { autovacuum: 'off' } });
      const alone = await scraped(pg);
      const replica = await pg.startReplica({ slot: 'replica' });
      onTestFinished(() => replica.stop());
      // The replica's first answer may come some time after that.
      const answered = `state = 'streaming' AND replay_lsn IS NOT NULL AND reply_time IS NOT NULL`;
      const streaming = () => pg.sql(`SELECT 1 AS yes FROM pg_stat_replication WHERE ${answered}`);
      await expect.poll(streaming, { timeout: 50_000 }).toHaveLength(1);
      found.push({ version, alone, primary: await scraped(pg), replica: await scraped(replica) });
    }
    const newest = found.at(-1)!;
    for (const { version, ...servers } of found) {
      for (const [role, { families, settings, ...rest }] of Object.entries(servers)) {
        const [which, expected] = [`${role} of ${version}`, newest[role as 'alone'].families];
        const missing = Object.keys(unsupported).filter((name) => version < unsupported[name]!);
        expect(rest, which).toEqual({ failed: [], troubles: [], missing });
        expect(settings, which).toBeGreaterThan(200);
        expect(
          families.filter((name) => has(18, name)),
          which,
        ).toEqual(expected.filter((name) => has(version, name)));
        expect(
          families.filter((name) => !has(version, name)),
          which,
        ).toEqual([]);
      }
    }
    expect(newest.alone.families.length).toBeGreaterThan(100);
    expect(newest.primary.families).toContain('pg_stat_replication_pg_wal_lsn_diff');
    expect(newest.replica.families).toContainEqual(expect.stringMatching(/^pg_stat_wal_receiver_flushed_lsn/));
  });
});
