import { collector, gauge, type Logger } from 'exporter-kit';
import { needPeers, type PostgresServer } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { postgres, postgresCollectors } from '../src/index.ts';
import { served, server } from './real.ts';

/** A log whose warnings and errors are kept, as one line each. */
function kept(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (facts: object, message: string): void => {
    lines.push(
      `${message} ${Object.entries(facts)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ')}`,
    );
  };
  return { log: { debug() {}, info() {}, warn: keep, error: keep }, lines };
}

/** A collector that takes a minute, so that something can happen meanwhile. */
const sleepy = collector({
  name: 'sleepy',
  source: postgres,
  metrics: { slept: gauge({ name: 'slept', help: 'Slept.' }) },
  async collect({ slept }, { client, signal }) {
    await client.query('SELECT pg_sleep(60)', { signal });
    slept.set(1);
  },
});

const of = (pg: PostgresServer, more: object = {}) => ({ url: pg.url, sslmode: 'disable', ...more });
const ours = (pg: PostgresServer, state = '') =>
  pg.sql(`SELECT pid FROM pg_stat_activity WHERE application_name = 'postgres_exporter' ${state}`);
const asleep = (pg: PostgresServer) => ours(pg, `AND query LIKE '%pg_sleep%' AND state = 'active'`);
const failed = (text: string) =>
  [...text.matchAll(/^pg_scrape_collector_success\{collector="(\w+)"\} 0$/gm)].map(([, name]) => name);

async function timed<T>(work: () => Promise<T>): Promise<[T, ms: number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

describe.skipIf(!needPeers('postgres'))('faults of a real server', () => {
  it('wrong password: up 0 at once, one line without it, and no second attempt soon', async () => {
    const pg = await server({ hba: 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n' });
    await pg.sql(`CREATE ROLE mon LOGIN PASSWORD 'right'`);
    const { log, lines } = kept();
    const scrape = await served(of(pg, { user: 'mon', database: 'postgres', password: 'wrong-one' }), { log });
    for (let i = 0; i < 3; i++) expect(await scrape()).toMatch(/^pg_up 0$/m);
    expect(lines).toEqual([expect.stringMatching(/^source is down .*password authentication failed for user "mon"/)]);
    expect(lines.join()).not.toContain('wrong-one');
    const attempts = () => pg.program.output().match(/FATAL: {2}password authentication failed/g) ?? [];
    await expect.poll(attempts).toHaveLength(1);
  });

  it('refused, then started: up 0 at once, then 1', async () => {
    const pg = await server();
    await pg.program.stop('SIGKILL');
    const { log, lines } = kept();
    const scrape = await served(of(pg), { log });
    const text = await scrape();
    expect(text).toMatch(/^pg_up 0$/m);
    expect(text).not.toMatch(/^pg_stat_database/m);
    expect(lines).toEqual([expect.stringMatching(/^source is down .*ECONNREFUSED/)]);
    await pg.restart();
    await expect.poll(() => scrape()).toMatch(/^pg_up 1$/m);
  });

  it('stopped before a scrape: 0 by the deadline, 1 when it goes on, and one connection', async () => {
    const pg = await server();
    await pg.signalAll('SIGSTOP');
    const { log, lines } = kept();
    const scrape = await served(of(pg, { maxConnections: 1 }), { log });
    for (let i = 0; i < 2; i++) {
      // Nothing but the deadline ends it.
      expect(await scrape(1)).toMatch(/^pg_up 0$/m);
    }
    expect(lines.filter((line) => line.startsWith('source is down'))).toHaveLength(1);
    await pg.signalAll('SIGCONT');
    await expect.poll(() => scrape()).toMatch(/^pg_up 1$/m);
    // One that was given up may end a moment later.
    await expect.poll(() => ours(pg)).toHaveLength(1);
  });

  it('stopped during a scrape: what was read is served, then 0, then 1 again', async () => {
    const pg = await server();
    const scrape = await served(of(pg), { collectors: [...postgresCollectors, sleepy] });
    const answer = scrape(10);
    await expect.poll(() => asleep(pg)).toHaveLength(1);
    await pg.signalAll('SIGSTOP');
    const text = await answer;
    expect(text).toMatch(/^pg_up 1$/m);
    expect(failed(text)).toContain('sleepy');
    expect(await scrape(1)).toMatch(/^pg_up 0$/m);
    await pg.signalAll('SIGCONT');
    await expect.poll(() => scrape(2)).toMatch(/^pg_up 1$/m);
    await expect.poll(async () => (await ours(pg)).length).toBeLessThanOrEqual(3);
  });

  it('killed during a scrape: it is answered, and connected to again after the restart', async () => {
    const pg = await server();
    const scrape = await served(of(pg), { collectors: [...postgresCollectors, sleepy] });
    const answer = timed(() => scrape(100));
    await expect.poll(() => asleep(pg)).toHaveLength(1);
    await pg.program.stop('SIGKILL');
    const [text, ms] = await answer;
    expect(ms).toBeLessThan(90_000);
    expect(failed(text)).toContain('sleepy');
    expect(await scrape(2)).toMatch(/^pg_up 0$/m);
    await pg.restart();
    await expect.poll(() => scrape(2)).toMatch(/^pg_up 1$/m);
  });

  it('killed between two scrapes, and started: no scrape says 0', async () => {
    const pg = await server();
    const scrape = await served(of(pg));
    expect(await scrape()).toMatch(/^pg_up 1$/m);
    await pg.program.stop('SIGKILL');
    await pg.restart();
    expect(await scrape()).toMatch(/^pg_up 1$/m);
  });

  it('a deadline that passes ends the query on the server', async () => {
    const pg = await server();
    const scrape = await served(of(pg), { collectors: [sleepy] });
    expect(failed(await scrape(4))).toEqual(['sleepy']);
    await expect.poll(() => asleep(pg)).toEqual([]);
    // None, if the server was too busy to cancel it within a second.
    expect((await ours(pg)).length).toBeLessThanOrEqual(1);
  });

  it('a locked table: it has no size, all else is served', async () => {
    const pg = await server();
    await pg.sql('CREATE TABLE free (i int); CREATE TABLE held (i int)');
    const holder = await pg.connect();
    onTestFinished(() => holder.end());
    await holder.query('BEGIN; LOCK TABLE held');
    const text = await (await served(of(pg)))();
    const sizes = [...text.matchAll(/^pg_stat_user_tables_table_size_bytes\{.*relname="(\w+)"/gm)].map(
      ([, name]) => name,
    );
    expect(sizes).toEqual(['free']);
    expect(text).toMatch(/^pg_stat_user_tables_seq_scan\{.*relname="held"/m);
    expect(text).toMatch(/^pg_locks_count\{datname="postgres",mode="accessexclusivelock"\} 1$/m);
    expect(failed(text)).not.toContain('stat_user_tables');
  });

  it('slots full: who is connected goes on, who comes then is told why', async () => {
    const pg = await server({
      settings: { max_connections: 10, superuser_reserved_connections: 0, reserved_connections: 0 },
    });
    const early = await served(of(pg));
    expect(await early()).toMatch(/^pg_up 1$/m);
    const others: { end(): Promise<void> }[] = [];
    onTestFinished(async () => void (await Promise.all(others.map((other) => other.end()))));
    for (;;) {
      const more = await pg.connect().catch(() => undefined);
      if (more === undefined) break;
      others.push(more);
    }
    const text = await early();
    expect(text).toMatch(/^pg_up 1$/m);
    expect(text).toMatch(/^pg_connections_max 10$/m);
    const { log, lines } = kept();
    const late = await served(of(pg), { log });
    expect(await late()).toMatch(/^pg_up 0$/m);
    expect(lines).toEqual([expect.stringMatching(/^source is down .*too many clients|remaining connection slots/)]);
  });

  it('permission denied for one function: its collector fails, with one line', async () => {
    const pg = await server();
    await pg.sql('CREATE ROLE plain LOGIN');
    const { log, lines } = kept();
    const scrape = await served(of(pg, { user: 'plain', database: 'postgres' }), {
      log,
      collectors: postgresCollectors,
    });
    for (let i = 0; i < 2; i++) {
      const text = await scrape();
      expect(text).toMatch(/^pg_up 1$/m);
      expect(failed(text)).toEqual(['wal']);
      expect(text).toMatch(/^pg_stat_database_xact_commit\{/m);
    }
    expect(lines).toEqual([expect.stringMatching(/permission denied for function pg_ls_waldir/)]);
  });

  it('failover: the replica becomes the primary', async () => {
    const primary = await server();
    const replica = await primary.startReplica({ slot: 'one' });
    onTestFinished(() => replica.stop());
    const targets = { a: of(primary), b: of(replica) };
    const scrape = await served({ targets });
    await expect.poll(() => scrape()).toMatch(/^pg_stat_replication_pg_wal_lsn_diff\{.*slot_name="one".*\} \d/m);
    expect(await scrape()).toMatch(/^pg_replication_is_replica\{server="b"\} 1$/m);
    await primary.program.stop('SIGKILL');
    await replica.sql('SELECT pg_promote()');
    const text = await scrape();
    expect(text).toMatch(/^pg_up\{server="a"\} 0$/m);
    expect(text).toMatch(/^pg_up\{server="b"\} 1$/m);
    expect(text).toMatch(/^pg_replication_is_replica\{server="b"\} 0$/m);
  });
});
