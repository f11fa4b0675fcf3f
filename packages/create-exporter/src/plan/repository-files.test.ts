import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { repositoryFiles } from './repository-files.ts';

const files = {
  '.github/workflows/ci.yml': 'name: ci\n',
  '.github/workflows/image.yml': 'name: image\n',
  'renovate.json': '{}\n',
};
const workflows = ['.github/workflows/ci.yml', '.github/workflows/image.yml'];

it.each<[what: string, there: readonly string[], got: readonly string[]]>([
  ['in an empty folder', [], [...workflows, 'renovate.json']],
  ['in a fresh clone', ['new/.git/HEAD', 'new/LICENSE'], [...workflows, 'renovate.json']],
  ['in a clone inside a repository of others', ['.git/HEAD', 'new/.git/HEAD'], [...workflows, 'renovate.json']],
  ['inside a repository of others', ['.git/HEAD'], []],
  ['inside a package, or a workspace, without git', ['package.json'], []],
  ['where workflows are', ['new/.github/workflows/other.yaml'], ['renovate.json']],
  ['where another forge is', ['new/.gitlab-ci.yml'], ['renovate.json']],
  ['where another bot is', ['new/.github/dependabot.yml'], workflows],
  ['where Renovate is', ['new/.github/renovate.json5'], workflows],
])('%s', async (_, there, got) => {
  const root = await mkdtemp(join(tmpdir(), 'repository-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const path of there) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), '');
  }
  const made = await repositoryFiles(join(root, 'new'), files, true);
  expect([...made.keys()]).toEqual(got);
  const without = await repositoryFiles(join(root, 'new'), files, false);
  expect([...without.keys()]).toEqual(got.filter((path) => !path.endsWith('image.yml')));
});
