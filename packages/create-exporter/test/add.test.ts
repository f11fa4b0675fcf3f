import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAst } from 'vite';
import { expect, it } from 'vitest';
import { cli, commitAll, edit, look, workspace } from './bed.ts';

const app = 'apps/broker-exporter';

/** A workspace with an exporter, a job and two shared packages of collectors: one in it, one installed. */
async function grown(): Promise<string> {
  const root = await workspace();
  const write = async (path: string, content: unknown): Promise<void> => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const keywords = ['exporter-collector'];
  await write('packages/collector-disk/package.json', { name: 'collector-disk', version: '1.2.3', keywords });
  await write('packages/collector-disk/golden/disk.prom', '# TYPE disk_bytes gauge\ndisk_bytes{device="a"} 1\n');
  await write('package.json', { packageManager: 'pnpm@0.0.1', dependencies: { '@team/net': '2.0.0' } });
  const exporterKit = { collectors: 'netCollectors', owner: 'team net', stability: 'stable', metrics: ['net_up'] };
  await write('node_modules/@team/net/package.json', { name: '@team/net', version: '2.0.0', keywords, exporterKit });
  await write('.gitignore', 'node_modules\n');
  for (const args of ['scrape-exporter --name=broker', 'push-job --name=nightly']) {
    expect((await cli(root, ...args.split(' '), '--yes', '--no-install', '--deploy=none')).code).toBe(0);
  }
  commitAll(root);
  return root;
}

const add = (root: string, ...args: string[]) => cli(root, 'add', ...args, '--no-install');

it('adds a collector without touching a line of the user', async () => {
  const root = await grown();
  const before = await look(join(root, app));
  const dry = await add(root, 'collector', 'queues', '--to=broker', '--dry-run');
  expect(dry.out).toContain(`+++ b/${app}/src/queues.ts\n`);
  expect(await look(join(root, app))).toEqual(before);
  const { code, out, err } = await add(root, 'collector', 'queues', '--to=broker');
  // What takes long is told meanwhile.
  expect({ code, err: err.replaceAll(/^\w+ …\n|^\w+: [\d.]+ s\n/gm, '') }).toEqual({ code: 0, err: '' });
  expect(out).not.toContain('by hand');
  const after = await look(join(root, app));
  const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
  expect(changed.sort()).toEqual([
    '.exporter-base.patch',
    '.exporter.json',
    'sample/queues.json',
    'src/added.ts',
    'src/queues.test.ts',
    'src/queues.ts',
    'test/queues.prom',
  ]);
  expect(after['src/added.ts']).toContain("import { queuesCollector } from './queues.ts';");
  expect(after['src/added.ts']).toContain('= [queuesCollector];');
  expect(after['test/queues.prom']).toContain('\nbroker_queues_items 12\n');
  expect(after['src/queues.ts']).toContain("name: 'queues'");
  for (const path of changed.filter((each) => each.endsWith('.ts'))) parseAst(after[path]!, { lang: 'ts' });
  commitAll(root);
  expect((await cli(root, 'upgrade', 'broker')).out).toContain('is up to date');
  expect((await add(root, 'collector', 'streams', '--to=broker')).code).toBe(0);
  expect(await readFile(join(root, app, 'src/added.ts'), 'utf8')).toContain('= [queuesCollector, streamsCollector];');
});

it('says what to write where it would have to edit', async () => {
  const root = await grown();
  await edit(root, `${app}/src/added.ts`, (text) => `${text}// ours\n`);
  commitAll(root);
  const edited = await add(root, 'collector', 'queues', '--to=broker');
  expect(edited.out).toMatch(
    /To do by hand: apps\/broker-exporter\/src\/added\.ts was edited[\s\S]*= \[queuesCollector\];/,
  );
  expect(await readFile(join(root, app, 'src/added.ts'), 'utf8')).toContain('// ours');
  await edit(root, `${app}/src/main.ts`, (text) => text.replace(/^import \{ added.*\n/m, '').replace(', ...added', ''));
  commitAll(root);
  const unused = await add(root, 'collector', 'streams', '--to=broker');
  expect(unused.out).toMatch(/nothing in apps\/broker-exporter imports src\/added\.ts[\s\S]*\.\.\.added/);
});

it('adds shared collectors by name, from the workspace and from node_modules', async () => {
  const root = await grown();
  await edit(root, `${app}/package.json`, (text) => text.replace('"zod"', '"mine": "1.0.0",\n    "zod"'));
  commitAll(root);
  expect((await cli(root, 'add', '--help')).out).toMatch(
    /@team\/net +netCollectors\(\)[\s\S]*collector-disk +disk\(\)/,
  );
  expect((await add(root, 'collector', 'collector-disk', '--to=broker')).code).toBe(0);
  commitAll(root);
  expect((await add(root, 'collector', '@team/net', '--to=broker')).code).toBe(0);
  const manifest = JSON.parse(await readFile(join(root, app, 'package.json'), 'utf8'));
  expect(manifest.dependencies).toMatchObject({
    'collector-disk': 'workspace:*',
    '@team/net': '^2.0.0',
    mine: '1.0.0',
  });
  const list = await readFile(join(root, app, 'src/added.ts'), 'utf8');
  expect(list).toContain("import { netCollectors } from '@team/net';\nimport { disk } from 'collector-disk';");
  expect(list).toContain('[...[netCollectors()].flat(), ...[disk()].flat()]');
  const catalogue = JSON.parse((await cli(root, 'list', '--json')).out);
  expect(catalogue.collectors).toEqual([
    expect.objectContaining({
      name: '@team/net',
      owner: 'team net',
      stability: 'stable',
      metrics: ['net_up'],
      usedBy: [app],
    }),
    expect.objectContaining({ name: 'collector-disk', version: '1.2.3', metrics: ['disk_bytes'], usedBy: [app] }),
  ]);
  expect((await cli(root, 'list')).out).toMatch(
    /broker-exporter +scrape-exporter@\d+ +- +19100 +4 +collector-disk, @team\/net/,
  );
});

it('says where the settings of an added source are, and adds no second source of its name', async () => {
  const root = await grown();
  for (const name of ['collector-broker', 'collector-cache', 'collector-cache2']) {
    await mkdir(join(root, 'packages', name));
    const source = /broker|cache/.exec(name)![0];
    const manifest = {
      name,
      version: '1.0.0',
      keywords: ['exporter-collector'],
      exporterKit: { collectors: '...all', source },
    };
    await writeFile(join(root, 'packages', name, 'package.json'), JSON.stringify(manifest));
  }
  commitAll(root);
  const added = await add(root, 'collector', 'collector-cache', '--to=broker');
  expect(added.code).toBe(0);
  expect(added.out).toContain('Its settings are the flags --cache.* (see --help)');
  expect(await readFile(join(root, app, 'src/added.ts'), 'utf8')).toContain('= [...all]');
  expect(added.out).not.toContain('by hand');
  commitAll(root);
  const before = await look(root);
  const refused: [name: string, message: RegExp][] = [
    ['collector-cache', /apps\/broker-exporter already has collector-cache/],
    ['collector-cache2', /its source "cache" has the name of that of collector-cache; rename one/],
    ['collector-broker', /its source "broker" has the name of that of apps\/broker-exporter; rename one/],
  ];
  for (const [name, message] of refused) {
    expect(await add(root, 'collector', name, '--to=broker')).toMatchObject({
      code: 1,
      err: expect.stringMatching(message),
    });
  }
  expect(await look(root)).toEqual(before);
});

it('refuses a collector whose source would have the name of other settings', async () => {
  const root = await grown();
  await mkdir(join(root, 'packages/collector-cache'));
  const exporterKit = { collectors: '...all', source: 'cache' };
  const manifest = { name: 'collector-cache', version: '1.0.0', keywords: ['exporter-collector'], exporterKit };
  await writeFile(join(root, 'packages/collector-cache/package.json'), JSON.stringify(manifest));
  commitAll(root);
  expect((await add(root, 'collector', 'cache', '--to=broker')).code).toBe(0);
  commitAll(root);
  expect(await add(root, 'collector', 'collector-cache', '--to=broker')).toMatchObject({
    code: 1,
    err: expect.stringContaining('its source "cache" has the name of that of cache; rename one'),
  });
  expect(await add(root, 'collector', 'modules', '--to=broker')).toMatchObject({
    code: 64,
    err: expect.stringContaining('is already a name of settings'),
  });
});

it('says how /probe reads an added source, where main.ts does not list the added ones', async () => {
  const root = await grown();
  await mkdir(join(root, 'packages/collector-cache'));
  const exporterKit = { collectors: '...all', source: 'cache' };
  const manifest = { name: 'collector-cache', version: '1.0.0', keywords: ['exporter-collector'], exporterKit };
  await writeFile(join(root, 'packages/collector-cache/package.json'), JSON.stringify(manifest));
  await edit(root, `${app}/src/main.ts`, (text) => text.replaceAll(/, (\.\.\.)?addedSources/g, ''));
  commitAll(root);
  const plain = await add(root, 'collector', 'queues', '--to=broker', '--dry-run');
  expect(plain.out).not.toContain('by hand');
  const { out } = await add(root, 'collector', 'collector-cache', '--to=broker');
  expect(out).toMatch(
    /To do by hand: so that \/probe can read its source, add to the exporter in apps\/broker-exporter:\nimport \{ addedSources \}/,
  );
});

it('adds a job as a program of its own', async () => {
  const root = await grown();
  expect((await add(root, 'job', 'weekly', '--to=nightly')).code).toBe(0);
  const files = await look(join(root, 'apps/nightly-job'));
  expect(files['src/weekly.main.ts']).toContain('runJob(weeklyJob');
  expect(files['test/weekly.prom']).toContain('nightly_weekly_lines{job="weekly"} 3');
});

it('adds a probe to what takes one', async () => {
  const root = await grown();
  await edit(root, 'templates/scrape-exporter/template.json', (text) =>
    text.replace('"accepts": {', '"accepts": { "probe": "src/added-probes.ts",'),
  );
  await cli(root, 'scrape-exporter', '--name=prober', '--yes', '--no-install');
  commitAll(root);
  expect((await add(root, 'probe', 'ping', '--to=prober')).out).toMatch(/nothing in apps\/prober-exporter imports/);
  const list = await readFile(join(root, 'apps/prober-exporter/src/added-probes.ts'), 'utf8');
  expect(list).toContain("import type { Probe } from 'exporter-kit';\nimport { pingProbe } from './ping.ts';\n");
  expect(list).toContain('export const added: Probe[] = [pingProbe];');
});

it.each<[args: string, code: number, message: RegExp]>([
  ['', 64, /missing: <kind>, <name>/],
  ['collector', 64, /missing: <name>/],
  ['gauge x --to=broker', 64, /<kind>: "gauge" cannot be added; choose from collector, probe, job/],
  ['collector Q --to=broker', 64, /<name>: "Q" is not kebab-case/],
  ['collector ../q --to=broker', 64, /kebab-case/],
  ['collector @no/where --to=broker', 64, /not a package of collectors here; known are: @team\/net, collector-disk/],
  ['collector q', 64, /missing: <project>/],
  ['collector q --to=nobody', 64, /no project "nobody"/],
  ['job q --to=broker', 64, /a job cannot be added to it, only collector/],
  ['collector reply --to=broker', 1, /src\/reply\.ts exists/],
  ['collector broker --to=broker', 1, /exists/],
  ['collector q r s', 64, /unexpected argument/],
])('add %s: exit %i', async (args, code, message) => {
  const root = await grown();
  const before = await look(root);
  const said = await add(root, ...args.split(' ').filter(Boolean));
  expect(said).toMatchObject({ code, err: expect.stringMatching(message) });
  expect(await look(root)).toEqual(before);
});

it('asks for a clean tree', async () => {
  const root = await grown();
  await edit(root, `${app}/README.md`, (text) => `${text}x`);
  const said = await add(root, 'collector', 'q', '--to=broker');
  expect(said).toMatchObject({
    code: 1,
    err: expect.stringMatching(/not committed: M apps.*README\.md.*--allow-dirty/),
  });
  await rm(join(root, '.git'), { recursive: true });
  expect((await add(root, 'collector', 'q', '--to=broker')).err).toMatch(/not under git/);
  expect((await add(root, 'collector', 'q', '--to=broker', '--allow-dirty')).code).toBe(0);
});
