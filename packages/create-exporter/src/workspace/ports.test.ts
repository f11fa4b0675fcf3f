import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { inventory } from './inventory.ts';
import { checkPort, freePort } from './ports.ts';

async function workspace(files: Record<string, unknown>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'ports-test-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

it('gives the lowest port nobody has', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 19100, max: 19130 })), (taken) => {
      const port = freePort(new Map(taken.map((each) => [each, ['x']])));
      expect(taken).not.toContain(port);
      for (let lower = 19100; lower < port; lower++) expect(taken).toContain(lower);
    }),
  );
});

it('says so when there is none left, or when one is taken', () => {
  const all = new Map(Array.from({ length: 900 }, (_, i) => [19100 + i, [`apps/a${i}`]]));
  expect(() => freePort(all)).toThrow(/--port/);
  expect(() => checkPort(19102, all)).toThrow(/is used by apps\/a2/);
  expect(checkPort(8080, all)).toBe(8080);
});

it('knows the ports and names of apps, packages and templates', async () => {
  const root = await workspace({
    'apps/a-exporter/.exporter.json': { template: 'scrape-exporter', port: 19101, owner: 'later' },
    'apps/a-exporter/package.json': { name: 'a-exporter' },
    'apps/by-hand/.exporter.json': { template: null, port: 8080 },
    'apps/job/.exporter.json': { template: 'push-job' },
    'apps/a-file': '',
    'packages/b/package.json': { name: '@x/b' },
    'templates/t/template.json': { summary: 'x', into: 'apps', port: 19999, next: [] },
  });
  const { ports, packages } = await inventory({ kind: 'repository', root });
  expect([...ports]).toEqual([
    [19101, ['apps/a-exporter']],
    [8080, ['apps/by-hand']],
    [19999, ['templates/t']],
  ]);
  expect([...packages]).toEqual([
    ['a-exporter', ['apps/a-exporter']],
    ['@x/b', ['packages/b']],
  ]);
});

it.each([
  ['{', /apps\/a\/\.exporter\.json is not JSON/],
  ['{"template":"a","port":"x"}', /apps\/a\/\.exporter\.json is invalid[\s\S]*port/],
])('names the file that is broken: %s', async (content, message) => {
  const root = await workspace({ 'apps/a/.exporter.json': content });
  await expect(inventory({ kind: 'repository', root })).rejects.toThrow(message);
});

it('says when two have one', async () => {
  const about = { template: null, port: 19101 };
  const root = await workspace({ 'apps/a/.exporter.json': about, 'apps/b/.exporter.json': about });
  expect((await inventory({ kind: 'repository', root })).ports.get(19101)).toEqual(['apps/a', 'apps/b']);
});

it('no two projects of this repository have one port', async () => {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const { ports } = await inventory({ kind: 'repository', root });
  expect(ports.get(19100)).toEqual(['apps/host-exporter']);
  // Templates are not run side by side.
  const owners = [...ports.values()].map((folders) => folders.filter((folder) => !folder.startsWith('templates/')));
  for (const folders of owners) expect(folders.length).toBeLessThan(2);
});
