import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { whatIs } from '../disk/disk.ts';
import { git, named, pathsOf } from './git.ts';

/** The submodules that a repository has in a folder, as paths from there. */
export async function submodulesIn(folder: string): Promise<string[]> {
  const found = pathsOf(await git(folder, 'ls-files', '-z', '--stage', '--', '.'));
  return found.filter((line) => line.startsWith('160000 ')).flatMap((line) => named(line.split('\t')[1]!) ?? []);
}

/**
 * Has git bring its own records up to date where they name a folder that was moved: those of a worktree, of the repository
 * that has worktrees, of a submodule.
 */
export async function settle(folder: string): Promise<void> {
  const link = join(folder, '.git');
  const kind = await whatIs(link);
  if (kind === undefined) return;
  if (kind === 'file') {
    const [, to] = /^gitdir: (.*)$/m.exec(await readFile(link, 'utf8')) ?? [];
    const own = resolve(folder, to ?? '.');
    // Asked from elsewhere: here git would look for the old place first.
    const worktree = ['config', '--file', join(own, 'config'), 'core.worktree'];
    if ((await git(tmpdir(), ...worktree)).code === 0) await git(tmpdir(), ...worktree, relative(own, folder));
  }
  await git(folder, 'worktree', 'repair');
}
