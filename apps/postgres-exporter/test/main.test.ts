import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { expect, it } from 'vitest';
import { configFile } from './config-file.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

it.each([
  ['    sq: SELECT 1\n    metrics: { n: { name: a, help: A. } }\n', /config\.yml:3.*sq/],
  ['    sql: SELECT 1\n    metrics: { n: { name: 1a, help: A. } }\n', /config\.yml:4.*1a/],
  ['    sql: SELECT 1\n    labels: [n]\n    metrics: { n: { name: a, help: A. } }\n', /config\.yml:5.*label/],
  [
    '    sql: SELECT 1\n    metrics: { n: { name: a, type: gage, help: A. } }\n',
    /config\.yml:4.*gage|config\.yml:4.*gauge/,
  ],
])('says where a query is wrong: %s', async (query, expected) => {
  const config = await configFile(`queries:\n  one:\n${query}`);
  const { code, stderr, stdout } = await runProgram([main, `--config.file=${config}`, '--config.check']);
  expect(code).not.toBe(0);
  expect(stderr + stdout).toMatch(expected);
});

it('prints its configuration without the password of a URL', async () => {
  const config = await configFile('postgres: { targets: { a: { url: "postgres://mon:hunter2@db:5432/shop" } } }\n');
  for (const flag of [`--config.file=${config}`, '--postgres.url=postgres://mon:hunter2@db:5432/shop']) {
    const { code, stdout } = await runProgram([main, flag, '--config.print']);
    expect(code).toBe(0);
    expect(stdout).toContain('postgres://mon:<secret>@db:5432/shop');
    expect(stdout).not.toContain('hunter2');
  }
});
