import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, runProgram } from 'test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';

const script = (name: string): string => fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url));
const views = (program: string, ...words: string[]): Promise<Exit> => runProgram([script(program), 'views', ...words]);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'views-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.each(['exporter', 'job', 'echo-exporter', 'shop-views'])(
  '%s writes, checks and compares its views, and asks nothing',
  async (program) => {
    const path = join(folder, program);
    const { code, stdout, stderr } = await views(program, path);
    expect([code, stderr]).toEqual([0, '']);
    const names = (await readdir(path)).sort();
    expect(names).toContain('METRICS.md');
    expect(stdout).toContain(`${names.length} of ${names.length} files written\n`);
    expect((await views(program, '--check', path)).code).toBe(0);
    expect(await views(program, 'diff', path)).toMatchObject({ code: 0, stdout: 'no changes\n' });
  },
);

it('names what differs, and the command that mends it', async () => {
  const path = join(folder, 'drift');
  await views('exporter', path);
  const page = join(path, 'METRICS.md');
  await writeFile(page, (await readFile(page, 'utf8')).replace('# Metrics', '# Numbers'));
  await rm(join(path, 'metrics.lock.json'));
  const { code, stdout } = await views('exporter', '--check', path);
  expect(code).toBe(2);
  expect(stdout).toContain(`${page} differs (- as it is, + as declared):\nline 1:\n- # Numbers`);
  expect(stdout).toContain('metrics.lock.json is missing');
  expect(stdout).toMatch(/To write them again: node \S*exporter\.mjs views \S+drift\n$/);
});

it('ends with 3 if expressions that were right break', async () => {
  const path = join(folder, 'metrics.lock.json');
  await views('exporter', folder);
  const lock = JSON.parse(await readFile(path, 'utf8'));
  lock.metrics.push({ name: 'old', kind: 'gauge', help: 'Old.', from: ['collector old'] });
  await writeFile(path, JSON.stringify(lock));
  const { code, stdout } = await views('exporter', 'diff', path);
  expect(code).toBe(3);
  expect(stdout).toBe(
    'breaking  old: removed\n\n1 change: a major version: expressions that use these metrics may break\n',
  );
  // Flags choose what is compared.
  expect((await views('exporter', 'diff', path, '--no-collector.greeting')).stdout).toContain(
    'breaking  greeting: removed',
  );
});

it.each([
  [[], 64, /views: DIRECTORY is missing/],
  [['--check'], 64, /views: DIRECTORY is missing/],
  [['diff'], 64, /views diff: OLD, a metrics\.lock\.json or its folder is missing/],
  [['diff', '--check', 'x'], 64, /exclude each other/],
  [['x', '--wrong'], 64, /unknown flag --wrong/],
  [['x', 'y'], 64, /unexpected argument "y"/],
  [['diff', '/nowhere'], 1, /nowhere cannot be read: ENOENT/],
  [['diff', script('exporter')], 1, /exporter\.mjs is not JSON/],
  [['diff', tmpdir()], 1, /metrics\.lock\.json cannot be read/],
  [[script('exporter')], 1, /exporter\.mjs is not a folder/],
])('views %j ends with %i and says why in one line', async (words, code, message) => {
  const exit = await views('exporter', ...words);
  expect(exit.stderr).toMatch(message);
  expect(exit.stderr.trimEnd()).not.toContain('\n');
  expect(exit.code).toBe(code);
});

it('explains itself', async () => {
  const { code, stdout } = await views('exporter', '--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^usage: \S+ views DIRECTORY \[flags\]\n/);
});
