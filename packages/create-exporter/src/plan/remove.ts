import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { whatIs } from '../disk/disk.ts';
import { workFolderName } from '../disk/lock.ts';
import { git, named, pathsOf, submodulesIn } from '../git.ts';
import { leftBehind } from '../templates/templates.ts';

/** What is removed and what is kept: paths relative to the project's folder. */
export interface Removal {
  readonly gone: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Plans the removal of a project. What git could not restore is kept: a repository of its own, and ignored or unwatched
 * files, except for the output of tools.
 *
 * @param everything removes those files as well, but no repository.
 */
export async function removalOf(directory: string, everything: boolean): Promise<Removal> {
  const kept: string[] = [];
  for (const path of ['.git', ...(await submodulesIn(directory)).map((each) => `${each}/.git`)]) {
    const kind = await whatIs(join(directory, path));
    // In a submodule or worktree it is a file that names the repository elsewhere.
    if (kind === 'folder' || (kind === 'file' && path === '.git')) kept.push(Buffer.from(path).toString('latin1'));
  }
  if (!everything) {
    const ignored = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory', '--', '.'];
    for (const path of pathsOf(await git(directory, ...ignored))) {
      if (!leftBehind.has(path.replace(/\/$/, '')) && !path.startsWith(`${workFolderName}/`)) kept.push(path);
    }
    // Status does not report files that are "assumed unchanged" or skipped.
    for (const line of pathsOf(await git(directory, 'ls-files', '-z', '-v', '--', '.'))) {
      if (/^[a-zS] /.test(line) && (await there(directory, line.slice(2)))) kept.push(line.slice(2));
    }
  }
  const keep = kept.map((path) => path.replace(/\/$/, ''));
  return { gone: await without(directory, '', keep), kept: keep.map((path) => named(path) ?? path) };
}

const there = (directory: string, path: string): Promise<boolean> =>
  lstat(join(directory, named(path) ?? path)).then(
    () => true,
    () => false,
  );

/** The outermost entries that hold nothing which is kept; what can't be named is kept as well. */
async function without(directory: string, folder: string, keep: readonly string[]): Promise<string[]> {
  const gone: string[] = [];
  for (const name of await readdir(join(directory, named(folder) ?? folder), 'latin1')) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const text = named(path);
    if (text === undefined || path === workFolderName || keep.includes(path)) continue;
    if (keep.some((each) => each.startsWith(`${path}/`))) gone.push(...(await without(directory, path, keep)));
    else gone.push(text);
  }
  return gone;
}
