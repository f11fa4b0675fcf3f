import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { needPeers, type PostgresServer, startPostgres } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiledSnippets, exec, vitest } from './snippets.ts';

/** Servers of the page's tests: a real one, whose address this test passes, and one that never answers. */
const servers = `
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export const postgresServer = async () => ({ target: { addr: process.env.TEST_POSTGRES! } });

export async function muteServer() {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.resume().on('error', () => {}).on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    target: { addr: \`127.0.0.1:\${(server.address() as AddressInfo).port}\` },
    connections: () => open.size,
  };
}
`;

let folder = '';

beforeAll(async () => {
  folder = await compiledSnippets('packages/docs/pages/write/database-exporter.md', { 'servers.ts': servers });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it("has the page's settings as flags", async () => {
  const { stdout } = await exec(process.execPath, [join(folder, 'main.js'), '--help']);
  for (const flag of ['--postgres.addr', '--postgres.password-file', '--postgres.targets', '--probe.allow']) {
    expect(stdout).toContain(flag);
  }
});

describe.skipIf(!needPeers('postgres'))('with a real server', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(() => server?.stop());

  it("runs the page's tests, among them every rule for sources", async () => {
    const { stdout } = await exec(process.execPath, [vitest, 'run', '--root', folder], {
      env: { ...process.env, NO_COLOR: '1', TEST_POSTGRES: `127.0.0.1:${server.port}` },
    });
    expect(stdout).toMatch(/Tests +9 passed \(9\)/);
  });

  it("runs the page's exporter for two servers, one of which is down", async () => {
    const targets = JSON.stringify({
      orders: { addr: `127.0.0.1:${server.port}` },
      stock: { addr: '127.0.0.1:1' },
    });
    const program = exec(process.execPath, [join(folder, 'main.js'), '--once', `--postgres.targets=${targets}`]);
    const { stdout, code } = await program.then(
      (good) => ({ ...good, code: 0 }),
      (error: { stdout: string; code: number }) => error,
    );
    expect(code).toBe(1);
    expect(stdout).toContain('pg_up{server="orders"} 1\npg_up{server="stock"} 0\n');
    expect(stdout).toMatch(/^pg_database_size_bytes\{server="orders",datname="postgres"\} \d+$/m);
    expect(stdout).toMatch(/^pg_wal_records_total\{server="orders"\} \d+$/m);
  });
});
