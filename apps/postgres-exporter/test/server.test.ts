import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { needPeers, type PostgresServer, startPostgres, startProgram } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { configFile } from './config-file.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

async function start(...flags: string[]) {
  const program = await startProgram([main, '--web.listen-address=127.0.0.1:0', ...flags], { until: /address=(\S+)/ });
  onTestFinished(async () => void (await program.stop()));
  return { program, get: async (path: string) => (await fetch(new URL(path, program.match[1]))).text() };
}

describe.skipIf(!needPeers('postgres'))('with a real server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    const hba = 'local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all mon 127.0.0.1/32 scram-sha-256\n';
    server = await startPostgres({ hba });
    await server.sql([`CREATE ROLE mon LOGIN PASSWORD 'p@ss'; GRANT pg_monitor TO mon`, 'CREATE DATABASE shop']);
    await server.sql(
      `CREATE TABLE orders (state text); INSERT INTO orders VALUES ('new'), ('new'), ('paid');
      GRANT SELECT ON orders TO mon`,
      'shop',
    );
  });
  afterAll(() => server?.stop());

  it('serves two targets by name, with a password from a file, queries of the user, and its own process', async () => {
    const config = await configFile(
      `
postgres:
  user: mon
  database: postgres
  password-file: pw
  targets:
    a: { url: '${server.address}' }
    b: { url: 'postgres://127.0.0.1:1' }
queries:
  orders:
    sql: SELECT state, count(*) AS n FROM orders GROUP BY state
    database: shop
    labels: [state]
    metrics:
      n: { name: shop_orders, help: Orders by state. }
  broken:
    sql: SELECT * FROM nowhere
    metrics:
      n: { name: shop_nothing, help: Nothing. }
  slow:
    sql: SELECT pg_sleep(60), 1 AS n
    timeout: 200ms
    metrics:
      n: { name: shop_slow, help: Never. }
`,
      { pw: 'p@ss\n' },
    );
    const { get, program } = await start(`--config.file=${config}`);
    const text = await get('/metrics');
    expect(text).toMatch(/^pg_up\{server="a"\} 1$/m);
    expect(text).toMatch(/^pg_up\{server="b"\} 0$/m);
    expect(text).toMatch(/^shop_orders\{(state="new",server="a"|server="a",state="new")\} 2$/m);
    expect(text).toMatch(/^pg_scrape_collector_success\{collector="query_broken",server="a"\} 0$/m);
    expect(text).toMatch(/^pg_scrape_collector_success\{collector="query_slow",server="a"\} 0$/m);
    expect(text).toMatch(/^pg_scrape_collector_success\{collector="stat_database",server="a"\} 1$/m);
    expect(text).toMatch(/^pg_stat_user_tables_n_tup_ins\{.*datname="shop".*relname="orders".*\} \d/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
    // Of the query that hung, nothing is left on the server.
    expect(
      await server.sql(
        `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()`,
      ),
    ).toEqual([]);
    expect(program.output()).not.toContain('p@ss');
    expect((await program.stop()).code).toBe(0);
    const left = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'postgres_exporter'`;
    await expect.poll(() => server.sql(left)).toEqual([{ n: 0 }]);
  });

  it('leaves no connection behind in 20 reloads with changed settings', async () => {
    const config = (n: number) =>
      `postgres: { user: postgres, database: postgres, max-connections: ${2 + (n % 2)}, targets: { a: { url: '${server.address}' }, t${n}: { url: '${server.address}' } } }\n`;
    const file = await configFile(config(0));
    const { get, program } = await start(`--config.file=${file}`);
    const connections = async () =>
      (
        await server.sql(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'postgres_exporter'`)
      )[0]!.n as number;
    expect(await get('/metrics')).toMatch(/^pg_up\{server="t0"\} 1$/m);
    for (let n = 1; n <= 20; n++) {
      await writeFile(file, config(n), { mode: 0o600 });
      process.kill(program.pid, 'SIGHUP');
      await expect.poll(() => get('/metrics')).toContain(`pg_up{server="t${n}"} 1`);
    }
    await expect.poll(connections).toBeLessThanOrEqual(6);
    await program.stop();
    await expect.poll(connections).toBe(0);
  });

  it('probes a target that a request names', async () => {
    const config = await configFile(`modules: { main: { prober: postgres, postgres: { user: postgres } } }\n`);
    const { get } = await start(`--config.file=${config}`, '--probe.allow=127.0.0.1');
    const text = await get(`/probe?module=main&target=${server.address}`);
    expect(text).toMatch(/^pg_up 1$/m);
    expect(text).toMatch(/^probe_success [01]$/m);
    expect(text).toMatch(/^pg_stat_database_xact_commit\{.*datname="shop"\} \d/m);
  });
});
