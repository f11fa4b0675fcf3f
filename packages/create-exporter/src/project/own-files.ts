import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workFolderName } from '../disk/lock.ts';
import { git, named, pathsOf } from '../git.ts';
import { exporterFileName } from './exporter-file.ts';

/** Larger files are data, not sources, and are not read. */
const largest = 2 ** 24;

/** A file's bytes; `undefined` if it is not a regular file, or too large to be a source. */
export async function readSource(file: string): Promise<Uint8Array | undefined> {
  const found = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  return found?.isFile() && found.size <= largest ? readFile(file) : undefined;
}

/**
 * The paths of a project's own files and links, with `/`: those that git tracks or would track. Without git, all but `.git`,
 * `node_modules`, and `dist` at the top. Names that are not UTF-8 are left out.
 *
 * @param known a file that git has to know, or it would know none.
 */
export async function ownPaths(directory: string, known: string = exporterFileName): Promise<string[]> {
  const listing = await git(directory, 'ls-files', '-z', '-c', '-o', '--exclude-standard', '--', '.');
  const answered = [...new Set(listing.code === 0 ? pathsOf(listing) : [])].flatMap((path) => named(path) ?? []);
  // An outer repository may ignore the whole project.
  const all = answered.includes(known) ? answered : await walked(directory, '');
  return all.filter((path) => !path.endsWith('/') && !path.startsWith(`${workFolderName}/`)).sort();
}

async function walked(directory: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(join(directory, folder), { withFileTypes: true, encoding: 'latin1' });
  // A folder with a repository of its own is not this project's.
  if (folder !== '' && entries.some(({ name }) => name === '.git')) return [];
  for (const entry of entries) {
    const name = named(entry.name);
    if (name === undefined || name === '.git' || name === 'node_modules') continue;
    if (folder === '' && (name === 'dist' || name === workFolderName)) continue;
    const path = folder === '' ? name : `${folder}/${name}`;
    if (entry.isDirectory()) found.push(...(await walked(directory, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
  }
  return found;
}
