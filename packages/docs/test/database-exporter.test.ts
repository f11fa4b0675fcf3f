import { needPeers, startPostgres } from 'test-servers';
import { expect, it, onTestFinished } from 'vitest';
import { runSnippet } from './run.ts';

it("has the page's settings as flags", async () => {
  const { stdout } = await runSnippet('database-exporter', 'main.js', ['--help']);
  for (const flag of ['--postgres.addr', '--postgres.password-file', '--postgres.targets', '--probe.allow']) {
    expect(stdout).toContain(flag);
  }
});

it.skipIf(!needPeers('postgres'))("runs the page's exporter for two servers, one of which is down", async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const targets = JSON.stringify({ orders: { addr: `127.0.0.1:${server.port}` }, stock: { addr: '127.0.0.1:1' } });
  const args = ['--once', `--postgres.targets=${targets}`];
  const { stdout, code } = await runSnippet('database-exporter', 'main.js', args);
  expect(code).toBe(1);
  expect(stdout).toContain('pg_up{server="orders"} 1\npg_up{server="stock"} 0\n');
  expect(stdout).toMatch(/^pg_database_size_bytes\{server="orders",datname="postgres"\} \d+$/m);
  expect(stdout).toMatch(/^pg_wal_records_total\{server="orders"\} \d+$/m);
});
