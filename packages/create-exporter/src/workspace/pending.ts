import { join } from 'node:path';
import { bytesOf, type Disk, realDisk } from '../disk/disk.ts';
import { workFolder } from '../disk/lock.ts';
import { Refusal } from '../refusal.ts';

// Says that the lockfile may lack what is on the disk: written before anything is, removed after the installation. A run
// that was killed in between leaves it to the next.
const file = (root: string): string => join(workFolder(root), 'install-pending');

/** @throws Refusal when the disk refuses. */
export async function markPending(root: string, disk: Disk = realDisk): Promise<void> {
  try {
    await disk.writeFile(file(root), String(process.pid), { flag: 'w' });
  } catch (error) {
    throw new Refusal(`${file(root)} can't be written, and nothing was: ${(error as Error).message}.`, 1, {
      cause: error,
    });
  }
}

export const clearPending = (root: string): Promise<void> => realDisk.rm(file(root), { recursive: true, force: true });

export const isPending = async (root: string): Promise<boolean> => (await bytesOf(file(root))) !== undefined;
