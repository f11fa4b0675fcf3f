import { setMaxListeners } from 'node:events';
import { needPeers, type PostgresServer, startPostgres } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../src/client/client.ts';
import { loginOf } from '../src/client/login.ts';

const plainResolve = async () => ({ addresses: [{ address: '127.0.0.1', family: 4 }] }) as never;
const never = new AbortController().signal;
setMaxListeners(0, never);

describe.skipIf(!needPeers('postgres'))('connections to a real server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: 20 } });
    await server.sql(['CREATE DATABASE one', 'CREATE DATABASE two', 'CREATE TABLE locked (i int)']);
  });
  afterAll(() => server?.stop());

  async function clientOf(maxConnections: number, settings: { url?: string } = {}) {
    const login = await loginOf({ url: server.url, sslmode: 'disable', ...settings }, plainResolve);
    const client = await connect(login, { maxConnections, excluded: [], signal: never });
    onTestFinished(() => client.close());
    return client;
  }
  const ours = async () =>
    Number(
      (await server.sql(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'postgres_exporter'`))[0]!
        .count,
    );

  it('returns text and null, over TCP and a unix socket', async () => {
    const { host, port } = server.login;
    for (const url of [server.url, `postgres:///postgres?host=${host}&port=${port}`]) {
      const client = await clientOf(1, { url });
      const [row] = await client.query('SELECT 1 AS a, $1::text AS b, NULL AS c, true AS d', {
        signal: never,
        values: ['x'],
      });
      expect(row).toEqual({ a: '1', b: 'x', c: null, d: 't' });
    }
  });

  it('never opens more connections than it may, whatever databases are queried', async () => {
    const client = await clientOf(2);
    let most = 0;
    const databases = ['postgres', 'one', 'two', 'one', 'two', 'postgres', 'two', 'one'];
    const answers = await Promise.all(
      databases.map(async (database) => {
        const [row] = await client.query(
          `SELECT current_database() AS name, (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'postgres_exporter') AS count`,
          { signal: never, database },
        );
        most = Math.max(most, Number(row!.count));
        return row!.name;
      }),
    );
    expect(answers).toEqual(databases);
    expect(most).toBeLessThanOrEqual(2);
    await client.close();
    await expect.poll(ours).toBe(0);
  });

  it('cancels a query on the server, and uses the connection for the next', async () => {
    const client = await clientOf(1);
    const holder = await server.connect();
    onTestFinished(() => holder.end());
    await holder.query('BEGIN; LOCK TABLE locked');
    const pid = async () => (await client.query('SELECT pg_backend_pid() AS pid', { signal: never }))[0]!.pid;
    const isKept = async (): Promise<boolean> => {
      const before = await pid();
      // The lock is held for longer than this test may take.
      const waiting = client.query('SELECT * FROM locked', { signal: AbortSignal.timeout(200) });
      await expect(waiting).rejects.toThrow(/timeout/);
      return (await pid()) === before;
    };
    // A server that is too busy to cancel it within a second loses the connection.
    await expect.poll(isKept).toBe(true);
    expect(await server.sql(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)).toEqual([]);
  });

  it('waits for a connection no longer than its deadline', async () => {
    const client = await clientOf(1);
    const slow = client.query('SELECT pg_sleep(30)', { signal: AbortSignal.timeout(400) });
    const waiting = client.query('SELECT 1', { signal: AbortSignal.timeout(100) });
    await expect(waiting).rejects.toThrow(/abort|timeout/);
    await expect(slow).rejects.toThrow(/timeout/);
    expect(await client.query('SELECT 1 AS a', { signal: never })).toEqual([{ a: '1' }]);
  });

  it('makes do with the connections it has when the server has no more', async () => {
    const client = await clientOf(3);
    const others: { end(): Promise<void> }[] = [];
    onTestFinished(async () => void (await Promise.all(others.map((other) => other.end()))));
    for (;;) {
      const more = await server.connect().catch(() => undefined);
      if (more === undefined) break;
      others.push(more);
    }
    const refusals = () =>
      server.program.output().match(/FATAL: .*(too many clients|slots are reserved)/g)?.length ?? 0;
    await expect.poll(refusals).toBeGreaterThan(0); // what the server says comes later than its answer
    const [before, start] = [refusals(), performance.now()];
    // The one connection is still busy when the server has refused both others.
    const numbers = Array.from({ length: 20 }, (_, i) => String(i));
    const answers = await Promise.all(
      numbers.map((i) => client.query(`SELECT ${i} AS a FROM pg_sleep(0.05)`, { signal: never })),
    );
    expect(answers.flat()).toEqual(numbers.map((a) => ({ a })));
    // It is not asked for two more by each query.
    const seconds = (performance.now() - start) / 1000;
    expect(refusals() - before).toBeLessThanOrEqual(2 * (1 + seconds));
  });

  it('answers in the order of the queries, whoever leaves meanwhile', async () => {
    const client = await clientOf(1);
    const order: number[] = [];
    const left = new AbortController();
    const numbers = Array.from({ length: 10 }, (_, i) => i);
    const answers = numbers.map(async (i) => {
      const signal = i % 3 === 1 ? left.signal : never;
      await client.query('SELECT pg_sleep(0.02)', { signal });
      order.push(i);
    });
    left.abort(new Error('left'));
    const results = await Promise.allSettled(answers);
    expect(order).toEqual([0, 2, 3, 5, 6, 8, 9]);
    expect(results.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([1, 4, 7]);
  });

  it('a statement that wants to copy fails, and leaves the connection to the next', async () => {
    const client = await clientOf(1);
    const [before] = await client.query('SELECT pg_backend_pid() AS pid', { signal: never });
    await expect(client.query('COPY locked FROM STDIN', { signal: never })).rejects.toThrow('there is nothing to copy');
    expect(await client.query('COPY (SELECT 1) TO STDOUT', { signal: never })).toEqual([]);
    expect(await client.query('SELECT pg_backend_pid() AS pid', { signal: never })).toEqual([before]);
  });

  it('a second close waits for the first', async () => {
    const client = await clientOf(2);
    const running = client.query('SELECT pg_sleep(0.2)', { signal: never });
    const waiting = Promise.all([client.close(), client.close()]);
    expect(await running).toHaveLength(1);
    await waiting;
    await expect(client.query('SELECT 1', { signal: never })).rejects.toThrow(/connections to .* are closed/);
    await expect.poll(ours).toBe(0);
  });

  it('gives up a connection whose server does not even take the cancel request', async () => {
    const frozen = await startPostgres();
    onTestFinished(() => frozen.stop());
    const login = await loginOf({ url: frozen.url, sslmode: 'disable' }, plainResolve);
    const client = await connect(login, { maxConnections: 1, excluded: [], signal: never });
    await frozen.signalAll('SIGSTOP');
    // The server is frozen for longer than this test may take.
    await expect(client.query('SELECT 1', { signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/);
    await client.close();
  });
});
