import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../user-error.ts';
import { type Disk, realDisk } from './disk.ts';

/** The name of {@link workFolder}. */
export const workFolderName = '.scaffolding';

/** Our folder in a workspace or a standalone project; it exists only while something is written. */
export const workFolder = (root: string): string => join(root, workFolderName);

/** Arguments of {@link locked}. */
export interface LockOptions {
  readonly disk?: Disk | undefined;
  /** How long to wait for another run, in milliseconds; default five minutes. */
  readonly patienceMs?: number;
  /** Called once, if another process holds the lock. */
  readonly onWait?: (owner: string) => void;
  /** Aborts the wait. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a task while no other run writes to this workspace: two at once would find the same free port.
 *
 * @throws UserError naming the process that holds the lock, if it does not release it in time.
 */
export async function locked<T>(root: string, task: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { disk = realDisk, patienceMs = 300_000, onWait, signal } = options;
  const file = lockOf(root);
  const until = Date.now() + patienceMs;
  for (let told = false; !(await taken(file, disk)); ) {
    signal?.throwIfAborted();
    const owner = await readFile(file, 'utf8').catch(() => '');
    if (owner !== '' && !alive(Number(owner))) {
      await takeAway(file, disk);
      continue;
    }
    if (Date.now() > until) {
      throw new UserError(
        `process ${owner} is writing to ${root}; wait for it, or remove ${file} if there is no such process.`,
      );
    }
    if (!told && owner !== '') onWait?.(owner);
    told ||= owner !== '';
    await sleep(20 + Math.random() * 30);
  }
  try {
    return await task();
  } finally {
    await release(root, disk);
  }
}

/** Removes the lock; if that fails, the next run does it. */
export async function release(root: string, disk: Disk = realDisk): Promise<void> {
  const file = lockOf(root);
  await disk.rm(file, { recursive: true, force: true }).catch(() => {});
  await disk.rmdir(removalOf(file)).catch(() => {});
  await disk.rmdir(workFolder(root)).catch(() => {});
}

const lockOf = (root: string): string => join(workFolder(root), 'lock');

const removalOf = (file: string): string => `${file}-removal`;

async function taken(file: string, disk: Disk): Promise<boolean> {
  try {
    // Not its parents: a project that another run has moved must not seem to be there again.
    await disk.mkdir(dirname(file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        throw new UserError(`${dirname(dirname(file))} no longer exists; another run has moved it.`);
      if (error.code !== 'EEXIST') throw error;
    });
    await disk.writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    // ENOENT: the one before us just removed the folder.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    // A half-written one must not block the next run.
    await disk.rm(file, { recursive: true, force: true }).catch(() => {});
    throw new UserError(`${file} cannot be written; nothing was changed: ${message}.`, 1, { cause: error });
  }
}

/** Removes the lock of a dead process. Only one process may do it: a second one would remove the lock of the next owner. */
async function takeAway(file: string, disk: Disk): Promise<void> {
  const right = removalOf(file);
  try {
    await disk.mkdir(right);
  } catch {
    // It takes milliseconds; a process that needs longer was killed.
    const { mtimeMs } = await stat(right).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > 5000) await disk.rmdir(right).catch(() => {});
    return void (await sleep(20));
  }
  try {
    const owner = await readFile(file, 'utf8').catch(() => '');
    if (owner !== '' && !alive(Number(owner))) await disk.rm(file, { recursive: true, force: true });
  } finally {
    await disk.rmdir(right).catch(() => {});
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
