import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cli, commitAll, edit, emptyFolder, workspace } from './bed.ts';
import { olderTemplate } from './old-template.ts';

const run = (cwd: string, command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd, stdio: 'pipe', encoding: 'utf8' });
const git = (cwd: string, ...args: string[]): string =>
  run(cwd, 'git', '-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always', ...args);

/** A project in a workspace, or alone in a folder that has a broken project and a file where a lock would be. */
async function project(kind: string, name = 'acme-queue'): Promise<{ root: string; at: string; parent: string }> {
  const alone = kind === 'alone';
  const root = alone ? await emptyFolder() : await workspace();
  const said = await cli(root, 'scrape-exporter', `--name=${name}`, '--yes', '--no-install');
  expect(said).toMatchObject({ code: 0 });
  const parent = alone ? root : join(root, 'apps');
  if (alone) {
    await mkdir(join(root, 'broken'));
    await writeFile(join(root, 'broken/package.json'), '{');
    await writeFile(join(root, 'broken/.exporter.json'), '{');
    await writeFile(join(root, '.scaffolding'), 'a file');
  }
  return { root, parent, at: join(parent, `${name}-exporter`) };
}

/** Everything below a folder but `.git`: kind and mode, with content or aim; names as bytes. */
async function all(root: string, folder = '', seen: Record<string, string> = {}): Promise<Record<string, string>> {
  for (const name of await readdir(Buffer.from(join(root, folder), 'latin1'), { encoding: 'latin1' })) {
    const path = join(folder, name);
    const full = Buffer.from(join(root, path), 'latin1');
    if (path === '.git') continue;
    const stat = await lstat(full);
    const about = (stat.mode & 0o7777).toString(8);
    if (stat.isDirectory()) {
      seen[`${path}/`] = about;
      await all(root, path, seen);
    } else if (stat.isSymbolicLink()) seen[path] = `-> ${await readlink(full)}`;
    else if (stat.isFile())
      seen[path] = `${about} ${stat.size > 2 ** 24 ? `${stat.size} bytes` : (await readFile(full)).toString('latin1')}`;
    else seen[path] = 'special';
  }
  return seen;
}

const odd: Record<string, string | Uint8Array> = {
  'src/coverage/reader.ts': 'export const acmeQueue = 1;\n',
  'src/dist/reader.ts': 'export const other = 1;\n',
  'src/.turbo/x': 'x',
  'data/binary': new Uint8Array([...Buffer.from('acme-queue'), 0xff, 0xfe]),
  'data/nul': Buffer.from('acme-queue\0acme-queue'),
  'docs/dos.md': '\uFEFFacme-queue\r\nAcmeQueue\r\n',
  'docs/mixed.md': 'acme_queue\r\none\ntwo\rthree\r\nno end',
  'acme-queue/acme-queue.txt': 'ACME_QUEUE\n',
};
const renamed: Record<string, string | Uint8Array> = {
  ...odd,
  'src/coverage/reader.ts': 'export const acmeBroker = 1;\n',
  'docs/dos.md': '\uFEFFacme-broker\r\nAcmeBroker\r\n',
  'docs/mixed.md': 'acme_broker\r\none\ntwo\rthree\r\nno end',
  'acme-broker/acme-broker.txt': 'ACME_BROKER\n',
};
delete renamed['acme-queue/acme-queue.txt'];

async function write(at: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(at, path, '..'), { recursive: true });
    await writeFile(join(at, path), content);
  }
}

describe.each(['workspace', 'alone'])('rename, %s', (kind) => {
  it.each(['committed', 'without git'])('moves everything as it is but for the name, %s', async (how) => {
    const { root, parent, at } = await project(kind);
    await write(at, odd);
    await write(at, { 'bin/go': '#!/bin/sh\n', 'data/fixed': 'acme-queue\n', '.env': 'SECRET=acme-queue\n' });
    await chmod(join(at, 'bin/go'), 0o755);
    await chmod(join(at, 'data/fixed'), 0o444);
    await appendFile(join(at, '.gitignore'), '.env\n/heap\n/data/run/\n');
    for (const [path, aim] of [
      ['near', 'package.json'],
      ['bin/folder', '../src'],
      ['dangling', 'nowhere'],
      ['out', '../../../etc'],
    ]) {
      await symlink(aim!, join(at, path!));
    }
    await mkdir(join(at, 'data/run/empty'), { recursive: true });
    run(at, 'mkfifo', 'data/run/pipe');
    run(at, 'sh', '-c', `printf x > "$(printf 'data/latin-\\351')"`);
    await writeFile(join(at, 'heap'), '');
    await truncate(join(at, 'heap'), 5 * 2 ** 30);
    if (how === 'committed') commitAll(kind === 'alone' ? at : root);
    const before = await all(at);
    const said = await cli(root, 'rename', 'acme-queue', 'acme-broker', '--no-install', '--allow-dirty');
    expect(said).toMatchObject({ code: 0 });
    const after = await all(join(parent, 'acme-broker-exporter'));
    const mine = (path: string): boolean =>
      /^(src\/(coverage|dist|\.turbo)|data|bin|docs\/|heap|near|dangling|out|acme-queue|\.env)/.test(path);
    const wanted: Record<string, string> = {};
    for (const [path, about] of Object.entries(before).filter(([each]) => mine(each))) {
      wanted[path.replaceAll('acme-queue', 'acme-broker')] = /^(data\/(binary|nul)|\.env)/.test(path)
        ? about
        : about
            .replaceAll('acme-queue', 'acme-broker')
            .replaceAll('AcmeQueue', 'AcmeBroker')
            .replaceAll('acmeQueue', 'acmeBroker')
            .replaceAll('ACME_QUEUE', 'ACME_BROKER')
            .replaceAll('acme_queue', 'acme_broker');
    }
    // Without git nobody says that .env is ignored.
    if (how === 'without git') wanted['.env'] = wanted['.env']!.replace('acme-queue', 'acme-broker');
    expect(after).toMatchObject(wanted);
    expect(Object.keys(after).filter((path) => path.includes('acme-queue'))).toEqual([]);
    expect(Object.keys(after)).toHaveLength(Object.keys(before).length);
    expect(await readdir(parent)).not.toContain('acme-queue-exporter');
    expect(Buffer.from(renamed['docs/dos.md'] as string).toString('latin1')).toBe(after['docs/dos.md']!.slice(4));
  });

  it('refuses what would be written over, and changes nothing', async () => {
    const { root, at } = await project(kind);
    await write(at, { 'src/acme-broker.ts': 'mine' });
    commitAll(kind === 'alone' ? at : root);
    const before = await all(at);
    const said = await cli(root, 'rename', 'acme-queue', 'acme-broker', '--no-install');
    expect(said).toMatchObject({ code: 1, err: expect.stringMatching(/acme-broker\.ts (exists|; rename)|two files/) });
    expect(await all(at)).toEqual(before);
  });

  it('any tree survives, byte for byte but for the name', async () => {
    const { root, parent, at } = await project(kind);
    const name = fc.stringMatching(/^[a-z]{1,4}(acme-queue)?[a-z]{0,2}$/);
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((steps) => `own/${steps.join('/')}.x`);
    const text = fc
      .array(fc.constantFrom('acme-queue', 'acmeQueue', 'é', '\r\n', '\n', '\r', ' ', '\uFEFF', 'x'), { maxLength: 8 })
      .map((parts) => Buffer.from(parts.join('')));
    const noise = fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.concat([bytes, Buffer.from([0xff])]));
    let names = ['acme-queue', 'acme-broker'];
    await fc.assert(
      fc.asyncProperty(fc.dictionary(path, fc.oneof(text, noise), { maxKeys: 5 }), async (files) => {
        const [from, to] = names as [string, string];
        const own = (value: string): string =>
          value.replaceAll('acme-queue', from).replaceAll('acmeQueue', camel(from));
        const folder = join(parent, `${from}-exporter`);
        run(folder, 'rm', '-rf', 'own');
        const put: Record<string, Uint8Array> = {};
        for (const [key, bytes] of Object.entries(files)) {
          const content = bytes.includes(0xff) ? bytes : Buffer.from(own(bytes.toString()));
          put[own(key)] = content;
        }
        await write(folder, put);
        const before = await all(folder);
        const said = await cli(root, 'rename', from, to, '--no-install', '--allow-dirty');
        expect(said).toMatchObject({ code: 0 });
        const after = await all(join(parent, `${to}-exporter`));
        const say = (value: string): string => value.replaceAll(from, to).replaceAll(camel(from), camel(to));
        for (const [key, about] of Object.entries(before).filter(([each]) => each.startsWith('own'))) {
          expect(after[say(key)]).toBe(about.includes('\xff') ? about : say(about));
        }
        expect(Object.keys(after)).toHaveLength(Object.keys(before).length);
        names = [to, from];
      }),
      { numRuns: 8 },
    );
    expect(at).toContain('acme-queue');
  });
});

const camel = (kebab: string): string => kebab.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

describe('a project with a repository of its own', () => {
  it('is added to, renamed and removed; its repository is left alone', async () => {
    const { root, parent, at } = await project('alone');
    commitAll(at);
    git(at, 'remote', 'add', 'origin', 'https://example.org/acme-queue.git');
    git(at, 'branch', 'acme-queue');
    git(at, 'tag', 'acme-queue-1');
    const history = async (folder: string): Promise<unknown[]> => [
      await readFile(join(folder, '.git/config'), 'utf8'),
      git(folder, 'for-each-ref'),
      await readFile(join(folder, '.git/logs/HEAD'), 'utf8'),
    ];
    const said = await cli(at, 'add', 'collector', 'streams', '--no-install');
    expect(said).toMatchObject({ code: 0 });
    expect(git(at, 'status', '--porcelain')).not.toContain('scaffolding');
    expect((await cli(at, 'rename', '.', 'acme-broker', '--no-install')).err).toMatch(
      /^create-exporter: not committed/,
    );
    git(at, 'add', '-A');
    git(at, 'commit', '-qm', 'added');
    const before = await history(at);
    expect(await cli(at, 'rename', '.', 'acme-broker', '--no-install')).toMatchObject({ code: 0 });
    const now = join(parent, 'acme-broker-exporter');
    expect(await history(now)).toEqual(before);
    expect(await readdir(now)).not.toContain('.scaffolding');
    git(now, 'fsck');
    git(now, 'add', '-A');
    git(now, 'commit', '-qm', 'renamed');
    await write(now, { 'coverage/x': 'what tools leave' });
    await writeFile(join(now, 'debug.log'), 'ignored');
    const removed = await cli(root, 'remove', 'acme-broker');
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.out).toContain('\n  acme-broker-exporter/.git\n  acme-broker-exporter/debug.log\n');
    expect((await readdir(now)).sort()).toEqual(['.git', 'debug.log']);
    git(now, 'checkout', '-q', '.');
    expect(await readdir(now)).toContain('.exporter.json');
  });

  it('may be a worktree, or a submodule', async () => {
    const { at, parent } = await project('alone');
    commitAll(at);
    git(at, 'worktree', 'add', '-q', '../wt/acme-queue-exporter');
    const tree = join(parent, 'wt/acme-queue-exporter');
    const link = await readFile(join(tree, '.git'), 'utf8');
    expect(await cli(tree, 'rename', '.', 'acme-broker', '--no-install')).toMatchObject({ code: 0 });
    const now = join(parent, 'wt/acme-broker-exporter');
    expect(await readFile(join(now, '.git'), 'utf8')).toBe(link);
    git(now, 'status');
    expect(git(at, 'worktree', 'list')).toContain(now);

    const outer = join(parent, 'outer');
    await mkdir(outer);
    git(outer, 'init', '-q');
    git(outer, 'submodule', '--quiet', 'add', at, 'acme-queue-exporter');
    git(outer, 'commit', '-qm', 'all');
    const module = join(outer, 'acme-queue-exporter');
    const file = await readFile(join(module, '.git'), 'utf8');
    expect(await cli(module, 'rename', '.', 'acme-broker', '--no-install')).toMatchObject({ code: 0 });
    const moved = join(outer, 'acme-broker-exporter');
    expect(await readFile(join(moved, '.git'), 'utf8')).toBe(file);
    expect(git(moved, 'rev-parse', '--show-toplevel').trim()).toBe(moved);
    expect(git(moved, 'status', '--porcelain')).toContain('acme-broker.ts');
  });

  it('is not clean where a repository around ignores it, or only some file of it', async () => {
    const { root, at } = await project('alone');
    await writeFile(join(root, '.gitignore'), '*\n');
    git(root, 'init', '-q');
    expect((await cli(at, 'remove', '.')).err).toMatch(/\.exporter\.json, which git ignores/);
    git(at, 'init', '-q');
    await appendFile(join(at, '.gitignore'), 'README.md\n');
    git(at, 'add', '-A');
    git(at, 'commit', '-qm', 'all');
    expect((await cli(at, 'rename', '.', 'acme-broker')).err).toMatch(/README\.md, which git ignores/);
  });
});

describe.each(['workspace', 'alone'])('a clone with CRLF, %s', (kind) => {
  it('works in every command', async () => {
    const made = await project(kind);
    const origin = kind === 'alone' ? made.at : made.root;
    commitAll(origin);
    const folder = await emptyFolder();
    const name = kind === 'alone' ? 'acme-queue-exporter' : 'clone';
    git(folder, 'clone', '-q', '-c', 'core.autocrlf=true', origin, name);
    const root = join(folder, name);
    const at = kind === 'alone' ? root : join(root, 'apps/acme-queue-exporter');
    expect(await readFile(join(at, 'src/main.ts'), 'utf8')).toContain('\r\n');
    if (kind === 'workspace') await writeFile(join(root, 'pnpm-lock.yaml'), 'i:\r\n  apps/acme-queue-exporter:\r\n');
    if (kind === 'workspace') git(root, 'commit', '-qam', 'lock');
    expect(await cli(at, 'upgrade', '--check')).toMatchObject({ code: 0 });
    expect(await cli(at, 'doctor')).toMatchObject({ code: 0, out: 'No problems found.\n' });
    const added = await cli(at, 'add', 'collector', 'streams', '--no-install');
    expect(added).toMatchObject({ code: 0, out: expect.not.stringContaining('by hand') });
    await edit(at, 'README.md', (text) => `${text}acme-queue is mine\r\n`);
    git(at, 'add', '-A');
    git(at, 'commit', '-qm', 'added');
    expect(git(at, 'show', '--stat', 'HEAD')).toMatch(/src\/added\.ts +\| +\d \+/);
    expect(await cli(at, 'upgrade')).toMatchObject({ code: 0, out: expect.stringContaining('up to date') });
    expect(await cli(at, 'rename', 'acme-queue', 'acme-broker', '--no-install')).toMatchObject({ code: 0 });
    const now = join(at, '../acme-broker-exporter');
    const readme = await readFile(join(now, 'README.md'), 'utf8');
    expect(readme).toMatch(/acme-broker is mine\r\n$/);
    expect(readme.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    git(now, 'add', '-A');
    git(now, 'commit', '-qm', 'renamed');
    expect(await cli(now, 'upgrade', '--check')).toMatchObject({ code: 0 });
    expect(await cli(now, 'remove', 'acme-broker', '--no-install')).toMatchObject({ code: 0 });
  });
});

it('a checkout with CRLF is upgraded without a conflict, edits are kept', async () => {
  const root = await workspace();
  const templates = join(root, 'templates');
  await cp(templates, join(root, 'today'), { recursive: true });
  await olderTemplate(root);
  expect((await cli(root, 'scrape-exporter', '--name=acme-queue', '--yes', '--no-install')).code).toBe(0);
  await rm(templates, { recursive: true });
  await rename(join(root, 'today'), templates);
  const at = join(root, 'apps/acme-queue-exporter');
  for (const [path, about] of Object.entries(await all(at))) {
    if (/^\d+ /.test(about)) await edit(at, path, (text) => text.replaceAll('\n', '\r\n'));
  }
  await edit(at, 'README.md', (text) => text.replace('# Acme Queue exporter', '# Ours\r\n\r\n# Acme Queue exporter'));
  expect(await cli(at, 'upgrade', '--no-install', '--allow-dirty')).toMatchObject({ code: 0 });
  for (const [path, about] of Object.entries(await all(at))) {
    expect(`${path} ${about.replaceAll('\r\n', '')}`).not.toMatch(/[\r\n]/);
  }
  expect(await readFile(join(at, 'README.md'), 'utf8')).toMatch(/# Ours[\s\S]*## Quick start/);
  expect(await cli(at, 'upgrade', '--check')).toMatchObject({ code: 0 });
});

it('removing keeps what git could not bring back', async () => {
  const { root, at } = await project('workspace');
  await write(at, { '.env': 'SECRET', 'src/main.local': 'ignored', 'node_modules/x/y': '', 'dist/main.js': '' });
  await writeFile(join(root, '.gitignore'), '.env\n*.local\nnode_modules/\ndist/\n');
  commitAll(root);
  git(at, 'update-index', '--assume-unchanged', 'README.md');
  await writeFile(join(at, 'README.md'), 'an edit that git does not see');
  expect(await cli(root, 'remove', 'acme-queue', '--no-install')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/Kept[\s\S]*\.env\n[\s\S]*src\/main\.local\n[\s\S]*README\.md\n/),
  });
  expect(Object.keys(await all(at)).sort()).toEqual(['.env', 'README.md', 'src/', 'src/main.local']);
});

it('a hook that runs us does not make git answer for another repository', async () => {
  const { at } = await project('alone');
  commitAll(at);
  const other = await emptyFolder();
  git(other, 'init', '-q');
  process.env.GIT_DIR = join(other, '.git');
  process.env.GIT_WORK_TREE = other;
  process.env.GIT_INDEX_FILE = join(other, '.git/index');
  try {
    expect(await cli(at, 'add', 'collector', 'streams', '--no-install')).toMatchObject({ code: 0 });
  } finally {
    for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) delete process.env[name];
  }
});
