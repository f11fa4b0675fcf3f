import { join, relative } from 'node:path';
import { workFolderName } from '../disk/lock.ts';
import type { Changes } from '../disk/transaction.ts';
import { git, pathsOf } from '../git.ts';
import { exporterFileName } from '../project/exporter-file.ts';
import { UserError } from '../user-error.ts';
import type { Workspace } from './workspace.ts';

const hint = 'so that you can review and revert the changes; or add --allow-dirty';

/**
 * Checks that git could restore a project's files, in its own folder, which may be a repository of its own.
 *
 * @param known paths that git has to track, besides those that change.
 * @throws UserError if something is not committed, or git is missing.
 */
export async function refuseDirty(
  { root }: Pick<Workspace, 'root'>,
  folder: string,
  changes?: Changes,
  known: readonly string[] = [exporterFileName],
): Promise<void> {
  const directory = join(root, folder);
  const here = ['--', '.', `:(exclude)${workFolderName}`];
  const flags = ['--porcelain', '-z', '--untracked-files=all', '--ignore-submodules=none'];
  const status = await git(directory, 'status', ...flags, ...here);
  if (status.code !== 0) throw new UserError(unanswered(directory, status));
  const [first, ...more] = pathsOf(status);
  if (first !== undefined) refuse(Buffer.from(first, 'latin1').toString().trim(), more.length);
  // An outer repository that ignores the project is clean, but holds nothing of it.
  const tracked = new Set(pathsOf(await git(directory, 'ls-files', '-z', '--', '.')));
  const written = [...(changes?.files ?? [])]
    .filter(([, { before }]) => before !== undefined)
    .map(([path]) => relative(folder, changes?.moves?.get(path) ?? path).replaceAll('\\', '/'));
  const unknown = [...known, ...written].filter((path) => !tracked.has(Buffer.from(path).toString('latin1')));
  if (unknown.length > 0) refuse(`${folder}/${unknown[0]}, which git ignores`, unknown.length - 1);
}

function refuse(first: string, more: number): never {
  throw new UserError(`not committed: ${first}${more === 0 ? '' : ` and ${more} more`}. Commit first, ${hint}.`);
}

function unanswered(directory: string, { code, said }: { code: number; said: string }): string {
  if (code === 127) return `cannot run git (${said}) to find uncommitted changes; install it, or add --allow-dirty.`;
  if (said.includes('not a git repository')) return `${directory} is not under git. Commit first, ${hint}.`;
  return `git status failed in ${directory}; fix that, or add --allow-dirty. Its output:\n${said.trim()}`;
}
