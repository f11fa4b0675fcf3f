import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { expect, it } from 'vitest';

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
