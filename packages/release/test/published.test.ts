import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import root from '../../../package.json' with { type: 'json' };
import { folderOf, type Name, names, packAll, pnpm, releasing, run, succeed } from './pack.ts';

let packed: Awaited<ReturnType<typeof packAll>>;
let unpacked: string;
beforeAll(async () => {
  packed = await packAll();
  unpacked = await mkdtemp(join(tmpdir(), 'unpacked-'));
});
afterAll(async () => {
  await packed.remove();
  await rm(unpacked, { recursive: true, force: true });
});

async function unpack(name: Name): Promise<string> {
  const folder = join(unpacked, name);
  await succeed(['sh', '-c', `mkdir -p "$1" && tar xzf "$0" -C "$1"`, packed.tarballs.get(name)!, folder], unpacked);
  return join(folder, 'package');
}

describe.each(names)('%s', (name) => {
  it('has what a stranger needs, and nothing that only this repository reads', async () => {
    const folder = await unpack(name);
    const files = await readdir(folder, { recursive: true });
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
    expect(files.filter((file) => /(^|\/)(src|test|node_modules)(\/|$)|\.test\./.test(file))).toEqual([]);
    const text = await readFile(join(folder, 'package.json'), 'utf8');
    expect(text).not.toMatch(/catalog:|workspace:|@exporter-kit\/source/);
    const manifest = JSON.parse(text) as Record<string, unknown>;
    expect(manifest).not.toHaveProperty('scripts');
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(manifest).toMatchObject({
      name,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      description: expect.stringMatching(/\.$/),
      license: 'Apache-2.0',
      author: root.author,
      homepage: root.homepage,
      bugs: root.bugs,
      repository: { ...root.repository, directory: `packages/${name}` },
      keywords: expect.arrayContaining(root.keywords),
      engines: root.engines,
    });
  });

  it('has maps that hold the sources they point to, and links that lead somewhere', async () => {
    const folder = await unpack(name);
    for (const file of (await readdir(folder, { recursive: true })).filter((each) => each.endsWith('.map'))) {
      const map = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, string[]>;
      expect(map.sourcesContent?.length, file).toBe(map.sources!.length);
    }
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    // npm shows them relative to the folder in the repository.
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to]) => to!);
    expect(links.filter((to) => !existsSync(join(folderOf(name), to)))).toEqual([]);
  });

  it('is what publint and Are The Types Wrong expect, but for CommonJS of before Node 20.19', async () => {
    const tarball = new Uint8Array(await readFile(packed.tarballs.get(name)!));
    const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    const { types, ...found } = await checkPackage(createPackageFromTarballData(tarball));
    expect(types).toEqual({ kind: 'included' });
    const problems = 'problems' in found ? found.problems : [];
    const documented = /^(NoResolution node10|CJSResolvesToESM node16-cjs)$/;
    const said = problems.map((one) => `${one.kind} ${'resolutionKind' in one ? one.resolutionKind : ''}`);
    expect(said.filter((each) => !documented.test(each))).toEqual([]);
  });

  it('asks before it is packed', async () => {
    const manifest = JSON.parse(await readFile(join(folderOf(name), 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(manifest.scripts).toMatchObject({ prepack: 'node ../release/prepack.js' });
  });
});

it('each public package is published, and no template, all with one version', async () => {
  const packages = fileURLToPath(new URL('../..', import.meta.url));
  const publicOnes = async (folder: string): Promise<string[]> => {
    const found: string[] = [];
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name, 'package.json'), 'utf8').catch(() => '{ "private": true }');
      const manifest = JSON.parse(text) as { readonly name: string; readonly private?: boolean };
      if (manifest.private !== true) found.push(manifest.name);
    }
    return found.sort();
  };
  const { names: released } = await import(new URL('../scope.js', import.meta.url).href);
  const changesets = JSON.parse(await readFile(join(packages, '../.changeset/config.json'), 'utf8'));
  const expected = await publicOnes(packages);
  for (const list of [names, released, changesets.fixed[0]]) expect([...list].sort()).toEqual(expected);
  expect(changesets.ignore).toEqual(await publicOnes(join(packages, '../templates')));
});

it.each([
  ['npm', ['npm', 'pack']],
  ['pnpm', [...pnpm, 'pack']],
])('no package is packed by hand with %s', async (_, command) => {
  const folder = folderOf('collector-host');
  const { code, stdout, stderr } = await run(command, folder);
  expect(code).toBe(1);
  expect(stdout + stderr).toContain(
    'collector-host is not packed: run `npm run release` in the root of the repository.',
  );
  expect((await readdir(folder)).filter((file) => file.endsWith('.tgz'))).toEqual([]);
});

it('what is not built is not packed', async () => {
  const folder = folderOf('collector-host');
  await rename(join(folder, 'dist/index.d.ts'), join(folder, 'dist/index.d.ts.aside'));
  try {
    const { code, stdout, stderr } = await run([...pnpm, 'pack'], folder, releasing);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(
      'collector-host is not packed: it is not built, ./dist/index.d.ts missing; run `npm run build` first.',
    );
  } finally {
    await rename(join(folder, 'dist/index.d.ts.aside'), join(folder, 'dist/index.d.ts'));
  }
});
