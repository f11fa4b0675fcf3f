import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those that it is in. Node's own `recursive` never returns where the kernel refuses new folders with ENOENT, as
 * in /proc.
 *
 * @throws Error if it can't be made, or if the path is something else.
 */
export function makeFolder(path: string, mode = 0o777): void {
  if (makeOne(path, mode)) return;
  makeFolder(dirname(path), mode);
  if (!makeOne(path, mode)) throw new Error(`nothing can be made in ${dirname(path)}`);
}

/** @returns whether it is there now; if not, the folder that it would be in is missing, or refuses new ones. */
function makeOne(path: string, mode: number): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    if (isFolder(path)) return true;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new Error(`${path} is ${existsSync(path) ? 'not a folder' : 'a link to nothing'}`, { cause: error });
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    return false;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
