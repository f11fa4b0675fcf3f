import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Disk, realDisk } from '../disk/disk.ts';
import { workFolder } from '../disk/lock.ts';
import { UserError } from '../user-error.ts';

// Lists the folders that still have to be installed: written before any change, removed after the installation. After a
// killed run, the next one installs them.
const file = (root: string): string => join(workFolder(root), 'install-pending');

/**
 * @param places from the root, with `/`.
 * @throws UserError if it can't be written.
 */
export async function markPending(root: string, places: readonly string[], disk: Disk = realDisk): Promise<void> {
  try {
    await disk.writeFile(file(root), JSON.stringify(places), { flag: 'w' });
  } catch (error) {
    throw new UserError(`${file(root)} cannot be written; nothing was changed: ${(error as Error).message}.`, 1, {
      cause: error,
    });
  }
}

export const clearPending = (root: string): Promise<void> => realDisk.rm(file(root), { recursive: true, force: true });

/** Folders that a killed run left without their dependencies. */
export async function pendingIn(root: string): Promise<string[]> {
  const text = await readFile(file(root), 'utf8').catch(() => '[]');
  let found: string[];
  try {
    const value: unknown = JSON.parse(text);
    // Earlier versions wrote the number of their process.
    found = typeof value === 'number' ? ['.'] : z.array(z.string()).parse(value);
  } catch {
    // Killed while writing this, so before any other change.
    return [];
  }
  // Rolled back folders need no installation.
  return found.filter((place) => existsSync(join(root, place, 'package.json')));
}
