import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Disk, realDisk } from '../disk/disk.ts';
import { workFolder } from '../disk/lock.ts';
import { UserError } from '../user-error.ts';

// Says which folders still have to be installed: written before anything is, removed after the installation. A run that was
// killed in between leaves it to the next.
const file = (root: string): string => join(workFolder(root), 'install-pending');

/**
 * @param places from the root, with `/`.
 * @throws UserError when the disk refuses.
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

/** The folders that a killed run has left without their dependencies. */
export async function pendingIn(root: string): Promise<string[]> {
  const text = await readFile(file(root), 'utf8').catch(() => '[]');
  let found: string[];
  try {
    const value: unknown = JSON.parse(text);
    // Earlier versions wrote the number of their process.
    found = typeof value === 'number' ? ['.'] : z.array(z.string()).parse(value);
  } catch {
    // It was killed while it wrote this, so before it wrote anything else.
    return [];
  }
  // What was taken back needs nothing.
  return found.filter((place) => existsSync(join(root, place, 'package.json')));
}
