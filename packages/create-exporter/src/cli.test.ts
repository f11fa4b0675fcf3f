import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cli, workspace } from '../test/bed.ts';
import { main } from './cli.ts';
import { parseBaseFile } from './project/base-file.ts';

it('scaffolds without a terminal', async () => {
  const root = await workspace();
  const { code, out, err } = await cli(root, 'scrape-exporter', '--name', 'acme-queue', '--yes', '--no-install');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^Wrote apps\/acme-queue-exporter: \d+ files, port 19100\.\nNext:\n( {2}.+\n){3}$/);
  expect(out).toContain('npm start --prefix apps/acme-queue-exporter');
  const app = join(root, 'apps/acme-queue-exporter');
  expect(existsSync(join(app, 'template.json'))).toBe(false);
  expect(JSON.parse(await readFile(join(app, 'package.json'), 'utf8')).name).toBe('acme-queue-exporter');
  expect(await readFile(join(app, 'src/main.ts'), 'utf8')).toContain('port: 19100');
  const { files, ...written } = JSON.parse(await readFile(join(app, '.exporter.json'), 'utf8'));
  expect(written).toEqual({
    template: 'scrape-exporter',
    version: expect.any(Number),
    name: 'acme-queue',
    port: 19100,
    answers: expect.objectContaining({
      template: 'scrape-exporter',
      name: 'acme-queue',
      title: 'Acme Queue',
      owner: '',
      port: 'auto',
    }),
  });
  const base = parseBaseFile(await readFile(join(app, '.exporter-base.patch'), 'utf8'), '');
  expect([...base.keys()]).toEqual(Object.keys(files));
  for (const [path, text] of base) {
    expect(await readFile(join(app, path), 'utf8')).toBe(text);
    expect(files[path]).toBe(createHash('sha256').update(text).digest('hex'));
  }

  const next = await cli(
    join(root, 'apps'),
    'scrape-exporter',
    '--name=b',
    '--title=B (eu)',
    '--owner=team b',
    '--deploy=none',
    '--port=auto',
    '--no-install',
  );
  expect(next.out).toContain('port 19101');
  expect(await readFile(join(root, 'apps/b-exporter/README.md'), 'utf8')).toContain('# B (eu) exporter');

  const job = await cli(root, 'push-job', '--name=nightly', '--owner=@ops', '--yes', '--no-install');
  expect(job.out).toMatch(/^Wrote apps\/nightly-job: \d+ files\.\n/);
  const about = JSON.parse(await readFile(join(root, 'apps/nightly-job/.exporter.json'), 'utf8'));
  expect(about).not.toHaveProperty('port');
  expect(about.owner).toBe('@ops');
  expect(about.answers).toMatchObject({ template: 'push-job', name: 'nightly', title: 'Nightly', owner: '@ops' });
});

it.each<[args: string, code: number, message: RegExp]>([
  ['', 64, /missing: <template>, --name, --title, --owner. There is no terminal.*--yes/],
  ['--yes', 64, /missing: <template>, --name\. It has no default/],
  ['scrape-exporter --name=a', 64, /missing: --title, --owner, --port/],
  ['push-job --yes', 64, /missing: --name/],
  ['nonsense --name=a --yes', 64, /no template "nonsense"; choose from: .*push-job.*scrape-exporter/],
  ['scrape-exporter --name=2fa --yes', 64, /--name: "2fa" is not kebab-case/],
  ['scrape-exporter --name=../a --yes', 64, /--name: "..\/a" is not kebab-case/],
  ['scrape-exporter --name=a --title=<b> --port=0', 64, /--title: .*\n--port: is "auto"/],
  ['scrape-exporter --name=a --port=x --yes', 64, /--port: is "auto", or a number/],
  ['scrape-exporter --name=a --port= --yes', 64, /--port: is "auto", or a number/],
  ['push-job --name=a --port=19101 --yes', 64, /does not listen on a port/],
  ['scrape-exporter --name=main --yes', 64, /already has a file src\/main\.(test\.)?ts/],
  ['scrape-exporter --nmae=a --yes', 64, /--nmae.*See --help/],
  ['scrape-exporter a --yes', 64, /"a" is an unexpected argument/],
  ['scrape-exporter --name --yes', 64, /--name.*See --help/],
  ['scrape-exporter --yes=no --name=a', 64, /--yes.*See --help/],
  ['scrape-exporter --name=a --port=19999 --yes', 1, /19999 is used by templates\/scrape-exporter/],
  [
    'scrape-exporter --name=acme-widget --yes',
    1,
    /package acme-widget-exporter is already used by templates\/scrape-exporter/,
  ],
  [
    'scrape-exporter --name=there --yes',
    1,
    /there-exporter exists and is not empty \(notes\.txt\); existing files are not overwritten/,
  ],
  ['scrape-exporter --name=a --yes --here', 64, /--here: in a workspace, each template has its folder/],
])('%s: exit %i', async (args, code, message) => {
  const root = await workspace();
  await mkdir(join(root, 'apps/there-exporter'));
  await writeFile(join(root, 'apps/there-exporter/notes.txt'), '');
  const result = await cli(root, ...args.split(' ').filter(Boolean), '--no-install');
  expect(result).toEqual({ code, out: '', err: expect.stringMatching(message) });
  expect(result.err).toMatch(/^create-exporter: /);
  expect(result.err).not.toMatch(/\n\s+at /);
  expect(await readdir(join(root, 'apps'))).toEqual(['there-exporter']);
});

it('shows help, version, and what it would write', async () => {
  const root = await workspace();
  const help = await cli(root, '--help');
  expect(help).toMatchObject({ code: 0, err: '' });
  for (const word of ['scrape-exporter', '--name', '--title', '--port', '--yes', '--dry-run', '--no-install', '130']) {
    expect(help.out).toContain(word);
  }
  for (const line of help.out.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  expect((await cli(root, '--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  const dry = await cli(root, 'push-job', '--name=acme-queue', '--yes', '--dry-run');
  expect(dry.out).toContain('\n+++ b/apps/acme-queue-job/src/acme-queue.ts\n');
  expect(dry.out).toMatch(/\nWould write apps\/acme-queue-job: \d+ files\.\n$/);
  expect(await readdir(join(root, 'apps'))).toEqual([]);
});

it('keeps nothing when the installation fails', async () => {
  const root = await workspace();
  const bin = join(root, 'bin');
  await mkdir(bin);
  const pnpm = `#!/bin/sh
[ "$1" = --version ] && echo 0.0.1 && exit
echo changed > pnpm-lock.yaml; mkdir apps/acme-queue-exporter/node_modules; echo ERR_NO_REGISTRY; exit 1
`;
  await writeFile(join(bin, 'pnpm'), pnpm);
  await chmod(join(bin, 'pnpm'), 0o755);
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, err } = await cli(root, 'scrape-exporter', '--name=acme-queue', '--yes');
  expect(code).toBe(1);
  expect(err).toMatch(/all changes were reverted[\s\S]*ERR_NO_REGISTRY[\s\S]*--no-install/);
  expect(await readdir(join(root, 'apps'))).toEqual([]);
  expect(await readFile(join(root, 'pnpm-lock.yaml'), 'utf8')).toBe('as it was');
});

it.each(['npm error code ETARGET', 'ERR_PNPM_NO_MATCHING_VERSION'])(
  'asks the registry where a cache does not know the version yet: %s',
  async (unknown) => {
    const root = await workspace();
    const bin = join(root, 'bin');
    await mkdir(bin);
    const pnpm = `#!/bin/sh
[ "$1" = --version ] && echo 0.0.1 && exit
echo "$@" >> installs
case "$*" in *--prefer-offline*) echo '${unknown}'; exit 1 ;; esac
`;
    await writeFile(join(bin, 'pnpm'), pnpm);
    await chmod(join(bin, 'pnpm'), 0o755);
    vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await cli(root, 'push-job', '--name=a', '--yes')).toMatchObject({ code: 0 });
    expect(await readFile(join(root, 'installs'), 'utf8')).toBe(
      'install --no-frozen-lockfile --prefer-offline\ninstall --no-frozen-lockfile\n',
    );
  },
);

it('brings the lockfile up to date for a run that was killed before it could', async () => {
  const root = await workspace();
  const bin = join(root, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'pnpm'), `#!/bin/sh\n[ "$1" = --version ] && echo 0.0.1 && exit\necho "$@" >> installs\n`);
  await chmod(join(bin, 'pnpm'), 0o755);
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const installs = async (): Promise<number> =>
    (await readFile(join(root, 'installs'), 'utf8')).trim().split('\n').length;

  expect((await cli(root, 'push-job', '--name=a', '--yes')).code).toBe(0);
  expect(await installs()).toBe(1);
  expect(existsSync(join(root, '.scaffolding'))).toBe(false);
  await mkdir(join(root, '.scaffolding'));
  await writeFile(join(root, '.scaffolding/install-pending'), '2147483647');
  await cli(root, 'push-job', '--name=b', '--yes', '--no-install');
  expect(await installs()).toBe(1);
  expect((await cli(root, 'push-job', '--name=a', '--yes')).err).toMatch(
    /is not empty \(.*\); existing files are not overwritten/,
  );
  expect(await installs()).toBe(2);
  expect(existsSync(join(root, '.scaffolding'))).toBe(false);
});

it('throws what is its own fault', async () => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  await expect(main(['--help'], { stdin, stdout, stderr, cwd: 3 as never })).rejects.toThrow(TypeError);
});

describe('outside of a workspace', () => {
  async function folder(name: string): Promise<string> {
    const root = await mkdtemp(join(tmpdir(), 'here-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    await mkdir(join(root, name));
    return join(root, name);
  }
  const made = ['push-job', '--name=nightly', '--yes', '--no-install', '--deploy=none'];

  it('fills an empty folder of the name, and a fresh clone', async () => {
    const clone = await folder('nightly-job');
    await mkdir(join(clone, '.git'));
    await writeFile(join(clone, 'LICENSE'), 'theirs');
    const { code, out, err } = await cli(dirname(clone), ...made);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Wrote nightly-job: \d+ files\.\nNext:\n {2}cd nightly-job\n/);
    expect(await readFile(join(clone, 'LICENSE'), 'utf8')).toBe('theirs');
    expect(existsSync(join(clone, 'src/main.ts'))).toBe(true);
    expect(await readdir(dirname(clone))).toEqual(['nightly-job']);
  });

  it('writes into this folder with --here, whatever its name', async () => {
    const here = await folder('any name');
    const { code, out, err } = await cli(here, ...made, '--here');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Wrote any name: \d+ files\.\nNext:\n {2}(?!cd)/);
    expect(existsSync(join(here, 'src/main.ts'))).toBe(true);
    expect(existsSync(join(here, '.scaffolding'))).toBe(false);
    expect(await readdir(dirname(here))).toEqual(['any name']);
    expect((await cli(here, 'list')).out).toContain('push-job@');
    expect((await cli(here, ...made, '--here')).err).toMatch(
      /is not empty \(.*…\); existing files are not overwritten\. Move/,
    );
  });

  it('changes nothing where something stands', async () => {
    const here = await folder('nightly-job');
    await writeFile(join(here, 'README.md'), 'mine');
    for (const args of [made, [...made, '--here']]) {
      const { code, err } = await cli(args.includes('--here') ? here : dirname(here), ...args);
      expect([code, err]).toEqual([1, expect.stringContaining('is not empty (README.md)')]);
    }
    expect(await readdir(here)).toEqual(['README.md']);
  });
});
