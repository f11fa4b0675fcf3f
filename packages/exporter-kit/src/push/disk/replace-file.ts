import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isGone, MARK, ownMark } from './owner.ts';

let written = 0;

/**
 * Replaces a file as a whole: whoever reads it sees the old one or the new one, whatever happens meanwhile, and when this
 * has resolved the new one outlives a power cut. Written aside under a name that ends in `.tmp`.
 *
 * @param mode permissions, whatever the umask says.
 */
export async function replaceFile(path: string, body: string | Uint8Array, mode: number): Promise<void> {
  const aside = `${path}.${await ownMark()}-${++written}.tmp`;
  try {
    const file = await open(aside, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Takes a file away for good; whether it was there. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await rm(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}

/** Names of what is written aside, and of tickets for a lock. */
const passing = [`\\.(${MARK.source})-\\d+\\.tmp$`, `^\\..*\\.lock\\.\\d{14}-(${MARK.source})-[0-9a-f]{8}$`].map(
  (pattern) => new RegExp(pattern),
);
const LONG_MS = 3_600_000;

/** Takes away what processes that were killed have left in a folder. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const mark = passing.map((pattern) => pattern.exec(name)?.[1]).find((found) => found !== undefined);
    if (mark === undefined) continue;
    const left = join(folder, name);
    if ((await isGone(mark)) ?? (await isOlderThan(left, LONG_MS))) await rm(left, { force: true });
  }
}

/** Whether a file has not been changed for a time; a file that is not there has not. */
export async function isOlderThan(path: string, ms: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined || Date.now() - found.mtimeMs > ms;
}

/** Makes what was renamed or removed in a folder outlive a power cut, where folders can be synced. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some network file systems can't.
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await folder.close();
  }
}
