import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { runSnippet } from './run.ts';

it("runs the page's exporter for two targets", async () => {
  const memcached = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write('STAT curr_items 7\r\nSTAT evictions 2\r\nEND\r\n'));
  });
  memcached.listen(0, '127.0.0.1');
  await once(memcached, 'listening');
  onTestFinished(() => void memcached.close());
  const addr = `127.0.0.1:${(memcached.address() as AddressInfo).port}`;
  const targets = JSON.stringify({ eu: { addr }, us: { addr: '127.0.0.1:1' } });
  const { stdout, code } = await runSnippet('sources', 'main.js', ['--once', `--memcached.targets=${targets}`]);
  // One of them is down.
  expect(code).toBe(1);
  expect(stdout).toContain('memcached_up{server="eu"} 1\nmemcached_up{server="us"} 0\n');
  expect(stdout).toContain('memcached_items{server="eu"} 7\n');
  expect(stdout).toContain('memcached_items_evicted_total{server="eu"} 2\n');
});
