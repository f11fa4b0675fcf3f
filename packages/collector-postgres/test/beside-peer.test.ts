import { type Family, parseText, type Sample } from 'exporter-kit/exposition';
import { needPeers, type PostgresServer, promtoolCheckMetrics, startPostgresExporter } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { filledServer, served } from './real.ts';

// Families of postgres_exporter 0.19.1 that we do not have, and why.
const exempt: { readonly [family: string]: string } = {
  pg_exporter_last_scrape_duration_seconds: 'pg_scrape_collector_duration_seconds says it for each collector',
  pg_exporter_last_scrape_error: 'pg_up and pg_scrape_collector_success',
  pg_exporter_scrapes_total: 'Prometheus counts its scrapes',
};
// Of its own session, as its driver has set it.
const ofSession = 'pg_settings_extra_float_digits';
// Labels that differ, and why.
const otherLabels: { readonly [family: string]: string } = {
  // Its relname is that of one database only; several databases have tables of one name.
  pg_statio_user_indexes_idx_blks_hit_total: 'datname',
  pg_statio_user_indexes_idx_blks_read_total: 'datname',
};

/** What goes up and down while the two are read, or says what the readers do. */
const moving =
  /^pg_(scrape_|locks_(count|waiting)$|stat_activity_|long_running_|process_idle_|buffercache_|replication_(lag|last_replay)|stat_database_numbackends|stat_user_tables_n_(live|dead)|stat_archiver_last|stat_replication_pg_wal_lsn_diff$|wal_|replication_slots_pg_wal|connections_)/;
const constant = /^pg_(settings_|static|database_connection_limit|roles_|postmaster_|replication_is_replica)/;

type Exposition = ReadonlyMap<string, { readonly family: Family; readonly value: number }>;

/** By name and labels, without what has another form there. */
function bySeries(families: Iterable<Family>): Exposition {
  const key = ({ name, labels }: Sample): string => {
    // Only families of the older half of the peer have `server`; ours is there if targets have names.
    const { server: _, slot_name, datname, ...others } = labels;
    // In pg_stat_replication the peer takes the process ID for the name of the slot.
    const slot = name.startsWith('pg_stat_replication_') || slot_name === undefined ? {} : { slot_name };
    const database = otherLabels[name] === 'datname' || datname === undefined ? {} : { datname };
    const known = Object.entries({ ...others, ...slot, ...database }).filter(([, value]) => value !== '');
    return `${name}${JSON.stringify(known.sort())}`;
  };
  return new Map(
    [...families]
      .filter(({ name }) => name.startsWith('pg_') && exempt[name] === undefined)
      .flatMap((family) => family.samples.map((one) => [key(one), { family, value: one.value }])),
  );
}

/** The families that others are read by. */
const shapes = (exposition: Exposition): string[] =>
  [...new Set([...exposition.values()].map(({ family }) => `${family.name} ${family.kind}`))].sort();

describe.skipIf(!needPeers('postgres', 'postgres_exporter', 'promtool'))('beside postgres_exporter 0.19', () => {
  it('has its families, types, labels and values, of a primary and of a replica', async () => {
    const primary = await filledServer();
    const replica = await primary.startReplica({ slot: 'one' });
    onTestFinished(() => replica.stop());
    await expect.poll(() => replica.sql('SELECT status FROM pg_stat_wal_receiver')).toEqual([{ status: 'streaming' }]);
    // Else the age of what was last replayed is not known.
    await primary.sql('CREATE TABLE later (i int)');
    await expect
      .poll(() => replica.sql(`SELECT 1 AS yes FROM pg_tables WHERE tablename = 'later'`))
      .toEqual([{ yes: 1 }]);
    const families = [...(await compare(primary)), ...(await compare(replica))];
    const theirs = new Set(families);
    const lacking = [...theirs].filter((name) => exempt[name] !== undefined);
    expect(lacking.length / theirs.size).toBeLessThan(0.05);
  });

  /** Returns the peer's own families. */
  async function compare(postgres: PostgresServer): Promise<string[]> {
    // It reads its own database only; so do we, here.
    const scrape = await served({ url: postgres.url, sslmode: 'disable', discoverDatabases: false });
    const peer = await startPostgresExporter(
      postgres.url,
      disabledThere.map((name) => `--collector.${name}`),
    );
    onTestFinished(() => peer.stop());
    await Promise.all([scrape(), peer.scrape()]); // both are connected now
    const read = async (text: Promise<string>) => bySeries(parseText(await text));
    const round = async () => {
      const before = await read(scrape());
      const theirText = await peer.scrape();
      const theirs = bySeries(parseText(theirText));
      const after = await read(scrape());
      const different = [...theirs].flatMap(([key, { family, value }]) => {
        const [low, high] = [before.get(key)?.value, after.get(key)?.value];
        if (low === undefined || high === undefined || moving.test(family.name) || family.name === ofSession) return [];
        const fits = constant.test(family.name) ? same(low, value) && same(value, high) : within(low, value, high);
        return fits ? [] : [{ key, low, value, high }];
      });
      return { before, theirText, theirs, different };
    };
    const { before, theirText, theirs, different } = await round();

    expect(shapes(before)).toEqual(expect.arrayContaining(shapes(theirs)));
    // Of statements, each has the ones of both; sessions come and go.
    const fleeting = /^pg_(stat_statements_|stat_activity_|process_idle_)/;
    const missing = [...theirs.keys()].filter((key) => !before.has(key) && !fleeting.test(key));
    expect(missing.filter((key) => !key.startsWith('pg_scrape_'))).toEqual([]);
    // What the server does by itself between two readings can make a value differ once, but not three times.
    let wrong = different;
    for (let again = 0; again < 2 && wrong.length > 0; again++) {
      const next = new Set((await round()).different.map(({ key }) => key));
      wrong = wrong.filter(({ key }) => next.has(key));
    }
    expect(wrong).toEqual([]);
    expect(new Set(shapes(before)).size).toBeGreaterThan(new Set(shapes(theirs)).size + 20);
    const names = parseText(theirText).map(({ name }) => name);
    return names.filter((name) => name.startsWith('pg_'));
  }

  it('has nothing that promtool does not find at the peer, and no invalid line', async () => {
    const postgres = await filledServer();
    const scrape = await served({ url: postgres.url, sslmode: 'disable' });
    const peer = await startPostgresExporter(
      postgres.url,
      disabledThere.map((name) => `--collector.${name}`),
    );
    onTestFinished(() => peer.stop());
    const found = (text: string) => new Set(promtoolCheckMetrics(text).problems.map((line) => line.split(' ')[0]!));
    const theirs = found(await peer.scrape());
    const text = await scrape();
    expect(promtoolCheckMetrics(text).code).not.toBe(1); // 3: it reads, with findings
    expect([...found(text)].filter((name) => !theirs.has(name))).toEqual([]);
  });

  it('sees the tables of every database', async () => {
    const postgres = await filledServer();
    const text = await (await served({ url: postgres.url, sslmode: 'disable' }))();
    const live = parseText(text).find(({ name }) => name === 'pg_stat_user_tables_n_tup_ins');
    expect(live?.samples.map(({ labels, value }) => ({ ...labels, value }))).toEqual(
      expect.arrayContaining([
        { datname: 'postgres', schemaname: 'public', relname: 't', value: 500 },
        { datname: 'shop', schemaname: 'public', relname: 'orders', value: 500 },
      ]),
    );
  });
});

const disabledThere = ['database_wraparound', 'long_running_transactions', 'postmaster', 'process_idle'].concat(
  ['stat_activity_autovacuum', 'stat_checkpointer', 'stat_statements', 'stat_wal_receiver', 'statio_user_indexes'],
  ['buffercache_summary'],
);

const same = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= Math.abs(b) * 1e-9;
const within = (low: number, value: number, high: number): boolean =>
  same(low, value) || same(value, high) || (low <= value && value <= high) || (high <= value && value <= low);
