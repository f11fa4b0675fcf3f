import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { compiledSnippets, exec, vitest } from './snippets.ts';

/** What the page's tests connect to. */
const server = `
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export async function startServer(says: (line: string) => string | undefined): Promise<{ addr: string; connections(): number }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    createInterface(socket).on('line', (line) => {
      const answer = says(line);
      if (answer !== undefined) socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return { addr: \`127.0.0.1:\${(server.address() as AddressInfo).port}\`, connections: () => open.size };
}
`;

let folder = '';

beforeAll(async () => {
  folder = await compiledSnippets('packages/docs/pages/write/sources.md', { 'server.ts': server });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it("runs the page's tests, among them every rule for sources", async () => {
  const { stdout } = await exec(process.execPath, [vitest, 'run', '--root', folder], {
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(stdout).toMatch(/Tests +8 passed \(8\)/);
});

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
  const program = exec(process.execPath, [join(folder, 'main.js'), '--once', `--memcached.targets=${targets}`]);
  // One of them is down.
  const { stdout, code } = await program.then(
    (good) => ({ ...good, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  expect(code).toBe(1);
  expect(stdout).toContain('memcached_up{server="eu"} 1\nmemcached_up{server="us"} 0\n');
  expect(stdout).toContain('memcached_items{server="eu"} 7\n');
  expect(stdout).toContain('memcached_items_evicted_total{server="eu"} 2\n');
});
