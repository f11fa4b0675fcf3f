import { lstat, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Refusal } from './refusal.ts';

/** Starts the names of folders that are still being written. */
const staging = '.scaffolding-';

/**
 * Writes a whole project, or nothing: into a folder beside the target, then one rename. On any error the tree is as it was.
 *
 * @param write puts the files into a folder; given by tests.
 * @throws Refusal when the target exists, or the disk refuses.
 */
export async function writeProject(
  files: ReadonlyMap<string, Uint8Array>,
  target: string,
  write: typeof writeFiles = writeFiles,
): Promise<void> {
  await refuseExisting(target);
  const parent = dirname(target);
  let made: string | undefined;
  let stage: string | undefined;
  try {
    made = await mkdir(parent, { recursive: true });
    await sweep(parent);
    stage = await mkdtemp(join(parent, `${staging}${process.pid}-`));
    const project = join(stage, 'project');
    await write(files, project);
    await refuseExisting(target);
    await rename(project, target);
    await rmdir(stage).catch(() => {});
  } catch (error) {
    if (stage !== undefined) await rm(stage, { recursive: true, force: true });
    if (made !== undefined) await removeEmpty(parent, made);
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${target} can't be written, and nothing was: ${(error as Error).message}.`, 1, { cause: error });
  }
}

/** Writes files below a folder; none may exist. */
export async function writeFiles(files: ReadonlyMap<string, Uint8Array>, folder: string): Promise<void> {
  for (const [path, bytes] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes, { flag: 'wx' });
  }
}

/** @throws Refusal when anything is there, be it a dangling link. */
export async function refuseExisting(target: string): Promise<void> {
  const there = await lstat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Refusal(`${target} can't be looked at: ${error.message}.`, 1, { cause: error });
  });
  if (there !== undefined) throw new Refusal(`${target} exists; nothing is overwritten. Choose another name.`);
}

/** Removes what a run that was killed left behind; the folder's name tells its process. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(staging)) continue;
    const owner = Number.parseInt(name.slice(staging.length), 10);
    if (!alive(owner)) await rm(join(parent, name), { recursive: true, force: true });
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

/** Removes the folders made on the way, as far as nobody else has put something there. */
async function removeEmpty(from: string, upTo: string): Promise<void> {
  for (let folder = from; folder.length >= upTo.length; folder = dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}
