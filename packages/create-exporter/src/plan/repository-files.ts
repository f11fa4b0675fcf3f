import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { whatIs } from '../disk/disk.ts';

/** Where other bots and forges are configured, and Renovate in other places. */
const bots = [
  ...['renovate.json', 'renovate.json5', '.renovaterc', '.renovaterc.json', '.github/dependabot.yml'],
  ...['.github/renovate.json', '.github/renovate.json5', '.gitlab/renovate.json'],
];
const forges = [
  '.gitlab-ci.yml',
  '.gitlab',
  '.circleci',
  'Jenkinsfile',
  'azure-pipelines.yml',
  'bitbucket-pipelines.yml',
];

/**
 * What a new standalone project gets as a repository of its own: workflows and Renovate's configuration. They are its owner's from
 * then on: no upgrade looks at them. None for a project inside a repository or a workspace of others, and nothing in place
 * of what is there.
 *
 * @param files all that there are: path to text.
 */
export async function repositoryFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
  hasImage: boolean,
): Promise<Map<string, Uint8Array>> {
  if (await isInside(directory)) return new Map();
  const there = async (paths: readonly string[]): Promise<boolean> =>
    (await Promise.all(paths.map((path) => whatIs(join(directory, path))))).some((kind) => kind !== undefined);
  const workflows = await readdir(join(directory, '.github/workflows')).catch(() => []);
  const [hasBot, hasForge] = [await there(bots), workflows.length > 0 || (await there(forges))];
  const wanted = (path: string): boolean => {
    if (!path.startsWith('.github/workflows/')) return !hasBot;
    return !hasForge && (hasImage || !path.endsWith('/image.yml'));
  };
  const chosen = Object.entries(files).filter(([path]) => wanted(path));
  return new Map(chosen.map(([path, text]) => [path, new TextEncoder().encode(text)]));
}

/** Whether a folder above it is a repository or a package. */
async function isInside(directory: string): Promise<boolean> {
  if ((await whatIs(join(directory, '.git'))) !== undefined) return false;
  for (let folder = dirname(directory); ; folder = dirname(folder)) {
    for (const name of ['.git', 'package.json', 'pnpm-workspace.yaml']) {
      if ((await whatIs(join(folder, name))) !== undefined) return true;
    }
    if (folder === dirname(folder)) return false;
  }
}
