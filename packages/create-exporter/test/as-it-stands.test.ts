import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cli, commitAll, edit, emptyFolder } from './bed.ts';

// What owners and their formatters have made of a standalone project's JSON, and whose versions it asks for, stays.

const shared = 'collector-thing';

beforeEach(() => {
  vi.stubEnv('npm_config_user_agent', undefined);
});

async function write(root: string, files: { readonly [path: string]: string }): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** A project with a package of collectors, installed in a version, and asked for by a range of its owner's. */
async function project(range = '~1.2.0') {
  const root = await emptyFolder();
  const said = await cli(root, 'scrape-exporter', '--name=acme-queue', '--yes', '--no-install');
  expect(said.code, said.err).toBe(0);
  const at = join(root, 'acme-queue-exporter');
  const manifest = { name: shared, version: '1.2.3', keywords: ['exporter-collector'] };
  await write(at, { [`node_modules/${shared}/package.json`]: JSON.stringify(manifest) });
  await edit(at, 'package.json', (text) =>
    text.replace('"dependencies": {', `"dependencies": { "${shared}": "${range}",`),
  );
  return at;
}

const jsonFiles = ['package.json', '.exporter.json', 'tsconfig.json'];

/** How a formatter or an editor of its owner's lays out JSON. */
const layouts: readonly (readonly [name: string, lay: (value: unknown) => string, holds: RegExp])[] = [
  ['tabs', (value) => `${JSON.stringify(value, undefined, '\t')}\n`, /^\{\n(\t+[^ \t].*\n)+\}\n$/],
  ['four spaces', (value) => `${JSON.stringify(value, undefined, 4)}\n`, /^\{\n(( {4})+[^ ].*\n)+\}\n$/],
  [
    'a byte order mark, tabs and Windows line ends',
    (value) => `\uFEFF${JSON.stringify(value, undefined, '\t').replaceAll('\n', '\r\n')}\r\n`,
    /^\uFEFF\{\r\n(\t+[^ \t].*\r\n)+\}\r\n$/,
  ],
  ['no line end at the end', (value) => JSON.stringify(value, undefined, 2), /^\{\n( +.*\n)+\}$/],
];

const commands: readonly (readonly [name: string, ...words: string[]])[] = [
  ['add a shared collector', 'add', 'collector', shared],
  ['add a collector', 'add', 'collector', 'streams'],
  ['rename', 'rename', '.', 'acme-broker', '--no-install'],
  ['upgrade', 'upgrade', '--no-install'],
];

describe.each(layouts)('JSON with %s', (_, lay, holds) => {
  it.each(commands)('keeps it after: %s', async (name, ...words) => {
    const at = await project();
    for (const file of jsonFiles)
      await writeFile(join(at, file), lay(JSON.parse(await readFile(join(at, file), 'utf8'))));
    await writeFile(join(at, '.gitignore'), 'node_modules\n');
    commitAll(at);
    const flags = words[0] === 'add' ? ['--no-install'] : [];
    const { code, out, err } = await cli(at, ...words, ...flags);
    expect(code, err).toBe(0);
    if (name === 'upgrade') expect(out).toContain('is up to date');
    const now = words[0] === 'rename' ? join(at, '../acme-broker-exporter') : at;
    for (const file of jsonFiles) expect(await readFile(join(now, file), 'utf8'), file).toMatch(holds);
    const again = await cli(now, 'upgrade', '--check');
    expect(again.out + again.err).toContain('is up to date');
  });
});

it.each(['~1.2.0', '1.2.3', '^1.0.0 || ^2.0.0', 'file:../thing', 'npm:@team/thing@^1', 'workspace:^', '*'])(
  'a range that its owner wrote stays: %s',
  async (range) => {
    const at = await project(range);
    await writeFile(join(at, '.gitignore'), 'node_modules\n');
    commitAll(at);
    const there = async () => JSON.parse(await readFile(join(at, 'package.json'), 'utf8')).dependencies[shared];
    expect(await cli(at, 'add', 'collector', shared, '--no-install')).toMatchObject({ code: 0 });
    expect(await there()).toBe(range);
    commitAll(at);
    // The next version is installed.
    await edit(at, `node_modules/${shared}/package.json`, (text) => text.replace('1.2.3', '1.9.0'));
    expect((await cli(at, 'upgrade', '--check')).out).toContain('is up to date');
    await edit(at, 'package.json', (text) => text.replace(JSON.stringify(range), '"^1.9.0"'));
    commitAll(at);
    expect((await cli(at, 'upgrade', '--check')).out).toContain('is up to date');
    expect(await cli(at, 'rename', '.', 'acme-broker', '--no-install')).toMatchObject({ code: 0 });
    const manifest = await readFile(join(at, '../acme-broker-exporter/package.json'), 'utf8');
    expect(JSON.parse(manifest).dependencies[shared]).toBe('^1.9.0');
  },
);

const application = `import { createServer } from 'node:http';
import { Counter, register } from 'prom-client';
const orders = new Counter({ name: 'orders_total', help: 'Orders.' });
orders.inc();
createServer(async (request, response) => {
  response.setHeader('Content-Type', register.contentType);
  response.end(await register.metrics());
}).listen(8080);
`;

it.each(layouts)('an application that is migrated keeps its package.json: %s', async (_, lay, holds) => {
  const root = await emptyFolder();
  await write(root, {
    'package.json': lay({ name: 'shop', type: 'module', dependencies: { express: '5', 'prom-client': '~15.1.0' } }),
    'main.js': application,
  });
  commitAll(root);
  const { code, err } = await cli(root, 'migrate', 'prom-client');
  expect(code, err).toBe(0);
  const text = await readFile(join(root, 'package.json'), 'utf8');
  expect(text).toMatch(holds);
  expect(JSON.parse(text.replace('\uFEFF', '')).dependencies).toMatchObject({
    express: '5',
    'exporter-kit': expect.stringMatching(/^\^/),
    'prom-client': '~15.1.0',
  });
});
