import { mkdtemp, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { Refusal } from '../refusal.ts';
import { bytesOf, type Disk, realDisk, same, whatIs } from './disk.ts';
import { workFolder } from './lock.ts';

/** One file as it was and as it shall be; `undefined` is: not there. */
export interface Change {
  readonly before?: Uint8Array | undefined;
  readonly after?: Uint8Array | undefined;
  /** Permissions of a new file; a replaced one keeps its own. */
  readonly mode?: number;
}

/** What shall change below a root: relative paths, with `/`. */
export interface Changes {
  readonly files: ReadonlyMap<string, Change>;
  /** Folders to remove, with all that is in them. */
  readonly folders?: readonly string[];
}

/** A change that was made. */
export interface Committed {
  /** Puts everything back. */
  undo(): Promise<void>;
  /** Lets go of what undoing would need. */
  finish(): Promise<void>;
}

interface Move {
  readonly path: string;
  readonly kind: 'add' | 'replace' | 'remove';
}

const finished = '.done';

/**
 * Makes all changes, or none. Everything is written beside the tree first; then it is moved, a new folder as a whole; then
 * one rename of the stage says that it happened. Until then the next {@link recover} takes it back. Call it while locked.
 *
 * @throws Refusal when a file is not as it was when the plan was made, or the disk refuses; the tree is as before.
 */
export async function commit(root: string, changes: Changes, disk: Disk = realDisk): Promise<Committed> {
  let stage: string | undefined;
  try {
    for (const path of [...changes.files.keys(), ...(changes.folders ?? [])]) await refuseOutside(root, path);
    for (const [path, { before }] of changes.files) await refuseChanged(root, path, before);
    await disk.mkdir(workFolder(root), { recursive: true });
    stage = await mkdtemp(join(workFolder(root), `${process.pid}-`));
    const moves = await staged(root, stage, changes, disk);
    await disk.writeFile(join(stage, 'journal.json'), JSON.stringify(moves), { flag: 'wx' });
    for (const move of moves) await make(root, stage, move, disk);
    const done = stage + finished;
    await disk.rename(stage, done);
    return {
      undo: () => takeBack(root, done),
      finish: async () => {
        await disk.rm(done, { recursive: true, force: true }).catch(() => {});
        for (const { path, kind } of moves) if (kind === 'remove') await removeEmpty(root, dirname(path));
      },
    };
  } catch (error) {
    // With the real disk: one that fails on the way forward may do so on the way back.
    if (stage !== undefined) await takeBack(root, stage);
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${root} can't be written to, and nothing was: ${(error as Error).message}.`, 1, {
      cause: error,
    });
  }
}

/** Takes back what a run that was killed had begun. Call it while locked. */
export async function recover(root: string, disk: Disk = realDisk): Promise<void> {
  const folder = workFolder(root);
  for (const name of await readdir(folder).catch(() => [])) {
    const stage = join(folder, name);
    if (!/^\d+-/.test(name)) continue;
    if (name.endsWith(finished)) await disk.rm(stage, { recursive: true, force: true });
    else await takeBack(root, stage, disk);
  }
}

/** Writes all that is new, and copies all that will be replaced. */
async function staged(root: string, stage: string, changes: Changes, disk: Disk): Promise<Move[]> {
  const moves = new Map<string, Move>();
  for (const [path, { before, after, mode: wanted = 0o666 }] of changes.files) {
    if (after === undefined) {
      if (before !== undefined) moves.set(path, { path, kind: 'remove' });
      continue;
    }
    const fresh = join(stage, 'new', path);
    await disk.mkdir(dirname(fresh), { recursive: true });
    const mode = before === undefined ? wanted : (await stat(join(root, path))).mode & 0o777;
    await disk.writeFile(fresh, after, { flag: 'wx', mode });
    if (before === undefined) {
      const top = await topmostNew(root, path);
      moves.set(top, { path: top, kind: 'add' });
      continue;
    }
    const old = join(stage, 'old', path);
    await disk.mkdir(dirname(old), { recursive: true });
    await disk.copyFile(join(root, path), old);
    moves.set(path, { path, kind: 'replace' });
  }
  for (const path of changes.folders ?? []) moves.set(path, { path, kind: 'remove' });
  return [...moves.values()];
}

/** The outermost folder on the way to a file that is not there yet, or the file. */
async function topmostNew(root: string, path: string): Promise<string> {
  const steps = path.split('/');
  for (let length = 1; length < steps.length; length++) {
    const part = steps.slice(0, length).join('/');
    if ((await whatIs(join(root, part))) === undefined) return part;
  }
  return path;
}

async function make(root: string, stage: string, { path, kind }: Move, disk: Disk): Promise<void> {
  const target = join(root, path);
  if (kind !== 'remove') {
    // A rename would replace an empty folder, and a file.
    if (kind === 'add' && (await whatIs(target)) !== undefined) throw existing(target);
    return disk.rename(join(stage, 'new', path), target);
  }
  const old = join(stage, 'old', path);
  await disk.mkdir(dirname(old), { recursive: true });
  await disk.rename(target, old);
}

/** Removes the folders that the last file has left. */
async function removeEmpty(root: string, folder: string): Promise<void> {
  for (let at = folder; at.includes('/'); at = dirname(at)) {
    const gone = await realDisk.rmdir(join(root, at)).then(
      () => true,
      () => false,
    );
    if (!gone) return;
  }
}

/** Takes a stage back, however far it came; killed on the way, it can be done again. */
async function takeBack(root: string, stage: string, disk: Disk = realDisk): Promise<void> {
  const journal = join(stage, 'journal.json');
  // Half a journal was written before anything was moved.
  const moves = whole(await readFile(journal, 'utf8').catch(() => '')) ?? [];
  for (const { path, kind } of moves.reverse()) {
    const [target, fresh, old] = [join(root, path), join(stage, 'new', path), join(stage, 'old', path)];
    const moved = (await whatIs(fresh)) === undefined;
    if (kind === 'add') {
      if (moved) await disk.rm(target, { recursive: true, force: true });
    } else if (moved && (await whatIs(old)) !== undefined) await disk.rename(old, target);
  }
  // First, or what is no longer there would seem to have been moved.
  await disk.rm(journal, { recursive: true, force: true });
  await disk.rm(stage, { recursive: true, force: true });
}

function whole(text: string): Move[] | undefined {
  try {
    return JSON.parse(text) as Move[];
  } catch {
    return undefined;
  }
}

/** @throws Refusal when a path leaves the root, by `..` or through a link. */
async function refuseOutside(root: string, path: string): Promise<void> {
  if (isAbsolute(path) || normalize(path).split(sep).includes('..')) {
    throw new Refusal(`${path} is not below ${root}; nothing was written.`);
  }
  const real = await realpath(root);
  for (let folder = dirname(join(root, path)); folder.length > root.length; folder = dirname(folder)) {
    const kind = await whatIs(folder);
    if (kind === undefined) continue;
    if (kind === 'file' || kind === 'other') throw new Refusal(`${folder} is not a folder; nothing was written.`);
    if ((await realpath(folder)) !== join(real, folder.slice(root.length))) {
      throw new Refusal(`${folder} leads elsewhere, by a symbolic link; nothing was written.`);
    }
    return;
  }
}

async function refuseChanged(root: string, path: string, before: Uint8Array | undefined): Promise<void> {
  const target = join(root, path);
  const kind = await whatIs(target);
  if (kind === 'link') throw new Refusal(`${target} is a symbolic link; it is not written through.`);
  if (before === undefined && kind !== undefined) throw existing(target);
  if (before !== undefined && !same(await bytesOf(target), before)) {
    throw new Refusal(`${target} has changed meanwhile; nothing was written. Run this again.`);
  }
}

const existing = (target: string): Refusal =>
  new Refusal(`${target} exists; nothing is overwritten. Choose another name.`);
