import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isGone, MARK, ownMark } from './owner.ts';

let written = 0;

/**
 * Replaces a file atomically: a reader sees the old content or the new. Once resolved, the new content survives a power
 * cut. Written first to a file whose name ends in `.tmp`.
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

/** Removes a file durably; returns whether it existed. */
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

/** Names of temporary files and lock tickets. */
const passing = [`\\.(${MARK.source})-\\d+\\.tmp$`, `^\\..*\\.lock\\.\\d{14}-(${MARK.source})-[0-9a-f]{8}$`].map(
  (pattern) => new RegExp(pattern),
);
const LONG_MS = 3_600_000;

/** Removes what killed processes have left in a folder. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const mark = passing.map((pattern) => pattern.exec(name)?.[1]).find((found) => found !== undefined);
    if (mark === undefined) continue;
    const left = join(folder, name);
    if ((await isGone(mark)) ?? (await isOlderThan(left, LONG_MS))) await rm(left, { force: true });
  }
}

/** Whether a file was last changed that long ago, or does not exist. */
export async function isOlderThan(path: string, ms: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined || Date.now() - found.mtimeMs > ms;
}

/** Syncs a folder, so that renames and removals survive a power cut; where folders can't be synced, does nothing. */
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
