import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { install } from './install.ts';
import { installerOf } from './package-manager.ts';

/** A project with these files, and package managers on PATH that note how they were called. */
async function project(files: { readonly [name: string]: string }, ends = 0) {
  const root = await mkdtemp(join(tmpdir(), 'manager-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [bin, folder, calls] = [join(root, 'bin'), join(root, 'project'), join(root, 'calls')];
  for (const path of [bin, folder]) await mkdir(path);
  for (const name of ['npm', 'pnpm', 'yarn', 'bun']) {
    const script = `#!/bin/sh\necho "${name} $* [$NODE_ENV]" >> ${calls}\necho broken > yarn.lock\nexit ${ends}\n`;
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`);
  return { folder, called: () => readFile(calls, 'utf8') };
}

beforeEach(() => {
  vi.stubEnv('npm_config_user_agent', undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
});

describe('the package manager of a standalone project', () => {
  it.each([
    ['npm', 'package-lock.json', 'npm install --no-audit --no-fund --prefer-offline []'],
    ['pnpm', 'pnpm-lock.yaml', 'pnpm install --no-frozen-lockfile --prefer-offline []'],
    ['yarn', 'yarn.lock', 'yarn install []'],
    ['bun', 'bun.lock', 'bun install []'],
    ['bun', 'bun.lockb', 'bun install []'],
  ])('is %s where its %s stands, whoever started us, and in production too', async (_, lockfile, call) => {
    vi.stubEnv('npm_config_user_agent', 'pnpm/12.0.0 node/v24.0.0 linux x64');
    vi.stubEnv('NODE_ENV', 'production');
    const { folder, called } = await project({ [lockfile]: '' });
    await install('folder', folder);
    expect(await called()).toBe(`${call}\n`);
  });

  it.each(['npm', 'pnpm', 'yarn', 'bun'])('is %s if packageManager says so', async (name) => {
    const manifest = JSON.stringify({ packageManager: `${name}@4.9.1+sha512.abc` });
    const { folder } = await project({ 'package.json': manifest, 'package-lock.json': '{}' });
    expect(await installerOf(folder)).toEqual({ manager: name, home: folder });
  });

  it.each([
    ['yarn/4.9.1 npm/? node/v24.0.0 linux x64', 'yarn'],
    ['bun/1.3.0 npm/? node/v24.3.0 linux x64', 'bun'],
    ['npm/11.2.0 node/v24.1.0 linux x64', 'npm'],
    ['cnpm/1.0.0', 'npm'],
    [undefined, 'npm'],
  ])('is of a new project the one that started us: %s', async (agent, name) => {
    vi.stubEnv('npm_config_user_agent', agent);
    const { folder } = await project({});
    expect(await installerOf(folder)).toEqual({ manager: name, home: folder });
  });

  it('is refused by name if it is another one', async () => {
    const { folder } = await project({ 'package.json': '{ "packageManager": "vlt@1.0.0" }' });
    await expect(install('folder', folder)).rejects.toThrow(
      'package.json: packageManager is "vlt@1.0.0", which is not known here; use npm, pnpm, yarn, bun, or add --no-install',
    );
  });

  it('leaves the lockfile as it was when it fails', async () => {
    const { folder } = await project({ 'yarn.lock': 'as before' }, 1);
    await expect(install('folder', folder)).rejects.toThrow('yarn install failed; all changes were reverted.');
    expect(await readFile(join(folder, 'yarn.lock'), 'utf8')).toBe('as before');
  });

  it('is asked for if it is not there', async () => {
    const { folder } = await project({ 'yarn.lock': '' });
    vi.stubEnv('PATH', folder);
    await expect(install('folder', folder)).rejects.toThrow('Install yarn, or add --no-install');
  });
});
