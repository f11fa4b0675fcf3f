import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { expect, it, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

async function configFile(text: string, others: { readonly [name: string]: string } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-exporter-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ ...others, 'config.yml': text })) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
  }
  return join(folder, 'config.yml');
}

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
