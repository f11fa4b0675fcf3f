import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { outerWorkspace } from './outer.ts';
import { installerOf } from './package-manager.ts';

async function folderWith(files: { readonly [path: string]: string }): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'outer-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

const pnpm = (...packages: string[]) => ({ 'pnpm-workspace.yaml': JSON.stringify({ packages }) });
const npm = (workspaces: unknown) => ({ 'package.json': JSON.stringify({ workspaces }) });

it.each([
  ['apps/a', pnpm('apps/*'), true],
  ['apps/a', pnpm('./apps/*/'), true],
  ['apps/deep/a', pnpm('apps/*'), false],
  ['apps/deep/a', pnpm('apps/**'), true],
  ['apps/a', pnpm('apps/*', '!apps/a'), false],
  ['a', pnpm('.'), false],
  ['a', { 'pnpm-workspace.yaml': '' }, false],
  ['a', { 'pnpm-workspace.yaml': '\uFEFFpackages:\r\n  - a\r\n' }, true],
  ['packages/a', npm(['packages/*']), true],
  ['packages/a', npm({ packages: ['packages/*'], nohoist: [] }), true],
  ['tools/a', npm(['packages/*']), false],
  ['packages/a', { ...pnpm('apps/*'), ...npm(['packages/*']) }, false],
])('%s in the workspace of %j: a member, %s', async (project, files, isMember) => {
  const root = await folderWith(files);
  const file = join(root, Object.keys(files)[0]!);
  expect(await outerWorkspace(join(root, project))).toEqual({ root, file, isMember });
});

it('is not any package.json above it, and not its own', async () => {
  const root = await folderWith({ 'package.json': '{ "name": "home" }', 'a/package.json': '{ "workspaces": ["b"] }' });
  expect(await outerWorkspace(join(root, 'a'))).toBeUndefined();
});

it('says what it cannot read', async () => {
  const root = await folderWith({ 'pnpm-workspace.yaml': 'packages: 7\n' });
  await expect(outerWorkspace(join(root, 'a'))).rejects.toThrow(/pnpm-workspace\.yaml cannot be read: /);
});

it.each([
  ['pnpm', pnpm('apps/*')],
  ['yarn', { ...npm(['apps/*']), 'yarn.lock': '' }],
  ['npm', { ...npm(['apps/*']), 'package-lock.json': '{}' }],
  ['bun', { 'package.json': '{ "workspaces": ["apps/*"], "packageManager": "bun@1.3.0" }' }],
])('a member is installed by %s, whoever started us, from the lockfile of the workspace', async (manager, files) => {
  vi.stubEnv('npm_config_user_agent', 'npm/11.2.0 node/v24.1.0 linux x64');
  onTestFinished(() => void vi.unstubAllEnvs());
  const root = await folderWith(files);
  expect(await installerOf(join(root, 'apps/a'))).toMatchObject({ manager, home: root });
  expect(await installerOf(join(root, 'tools/a'))).toMatchObject({ manager: 'npm', home: join(root, 'tools/a') });
});
