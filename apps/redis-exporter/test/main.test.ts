import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { expect, it, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

it('ends with 1 after --once when the server is down, and says so in one line', async () => {
  const { code, stdout, stderr } = await runProgram([main, '--once', '--redis.addr=127.0.0.1:1']);
  expect(code).toBe(1);
  expect(stdout).toContain('\nredis_up 0\n');
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/source is down.*ECONNREFUSED/)]);
});

it.each([
  ['--redis.addr=redis://:secret@db', 'credentials do not belong into the address'],
  ['--redis.addr=http://db', 'unknown scheme http://'],
  ['--collector.keys.match=db1=', 'names no key'],
  ['--names=other', 'classic'],
])('refuses %s', async (flag, why) => {
  const { code, stderr } = await runProgram([main, flag]);
  expect(code).toBe(64);
  expect(stderr).toContain(why);
  expect(stderr).not.toContain('secret@');
});

it("loads the driver's client, and not the methods of each command, its clusters and pools, which stay in memory", () => {
  const driver = new URL('../node_modules/collector-redis/dist/client/driver.js', import.meta.url);
  const text = readFileSync(driver, 'utf8');
  expect(text).toContain('CLIENT');
  expect(text).not.toContain('ZRANGEBYSCORE');
});

it('logs in, with what is left of the driver', async () => {
  const said: string[] = [];
  const server = createServer((socket) => {
    socket.on('data', (bytes) => {
      said.push(bytes.toString());
      socket.end('-WRONGPASS invalid username-password pair\r\n');
    });
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const passwordFile = join(tmpdir(), `redis-password-${process.pid}`);
  writeFileSync(passwordFile, 'hunter22');
  onTestFinished(() => {
    rmSync(passwordFile);
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const flags = [`--redis.addr=127.0.0.1:${port}`, `--redis.password-file=${passwordFile}`];
  const { code, stderr } = await runProgram([main, '--once', ...flags]);
  expect(said.join('')).toContain('\r\nAUTH\r\n$8\r\nhunter22\r\n');
  expect(stderr).toContain('WRONGPASS');
  expect(stderr).not.toContain('hunter22');
  expect(code).toBe(1);
});
