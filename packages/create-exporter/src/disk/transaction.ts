import { lstat, mkdtemp, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { UserError } from '../user-error.ts';
import { bytesOf, type Disk, realDisk, same, whatIs } from './disk.ts';
import { workFolder } from './lock.ts';

/** One file before and after; `undefined` if it does not exist. */
export interface Change {
  readonly before?: Uint8Array | undefined;
  readonly after?: Uint8Array | undefined;
  /** Permissions of a new file; a replaced one keeps its own. */
  readonly mode?: number;
}

/** What shall change below a root: relative paths, with `/`. */
export interface Changes {
  readonly files: ReadonlyMap<string, Change>;
  /** Files, links and folders to remove, with all that is in them. */
  readonly folders?: readonly string[];
  /** What goes elsewhere as it is, unread, before files are written: new path to old. `files` name the new path. */
  readonly moves?: ReadonlyMap<string, string>;
  /** A folder that goes elsewhere with all that is in it, after everything else. */
  readonly relocation?: { readonly from: string; readonly to: string };
}

/** A change that was made. */
export interface Committed {
  /** Puts everything back. */
  undo(): Promise<void>;
  /** Lets go of what undoing would need; at another place, where the root itself was moved. */
  finish(root?: string): Promise<void>;
}

type Move =
  | { readonly path: string; readonly kind: 'add' | 'replace' | 'remove' | 'folder' }
  | { readonly path: string; readonly kind: 'move'; readonly from: string };

const finished = '.done';

/**
 * Makes all changes, or none. Everything is written beside the tree first; then it is moved, a new folder as a whole; then
 * one rename of the stage commits. Until then the next {@link recover} rolls it back. Call it while locked.
 *
 * @throws UserError if a file has changed since the plan was made, or the disk fails; the tree is as before.
 */
export async function commit(root: string, changes: Changes, disk: Disk = realDisk): Promise<Committed> {
  let stage: string | undefined;
  try {
    await check(root, changes);
    await disk.mkdir(workFolder(root), { recursive: true });
    stage = await mkdtemp(join(workFolder(root), `${process.pid}-`));
    const moves = await staged(root, stage, changes, disk);
    await disk.writeFile(join(stage, 'journal.json'), JSON.stringify(moves), { flag: 'wx' });
    for (const move of moves) await make(root, stage, move, disk);
    const done = stage + finished;
    await disk.rename(stage, done);
    return {
      undo: () => takeBack(root, done),
      finish: async (now = root) => {
        await disk.rm(join(workFolder(now), basename(done)), { recursive: true, force: true }).catch(() => {});
        for (const { path, kind } of moves) if (kind === 'remove') await removeEmpty(now, dirname(path));
        for (const [to, from] of changes.moves ?? []) {
          await removeEmpty(now, dirname(relocated(from, changes)), relocated(to, changes));
        }
      },
    };
  } catch (error) {
    // With the real disk: a failing one may fail again in the rollback.
    if (stage !== undefined) await takeBack(root, stage);
    if (error instanceof UserError) throw error;
    throw new UserError(`${root} cannot be written to; nothing was changed: ${(error as Error).message}.`, 1, {
      cause: error,
    });
  }
}

/**
 * Rolls back the unfinished changes of a killed run. Call it while locked.
 *
 * @returns what was added by a run that was killed after its commit, but before it could report it.
 */
export async function recover(root: string, disk: Disk = realDisk): Promise<string[]> {
  const folder = workFolder(root);
  const added: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const stage = join(folder, name);
    if (!/^\d+-/.test(name)) continue;
    if (!name.endsWith(finished)) await takeBack(root, stage, disk);
    else {
      added.push(...(await journalIn(stage)).filter(({ kind }) => kind === 'add').map(({ path }) => path));
      await disk.rm(stage, { recursive: true, force: true });
    }
  }
  return added;
}

/** A half-written journal: nothing was moved yet. */
const journalIn = async (stage: string): Promise<Move[]> =>
  whole(await readFile(join(stage, 'journal.json'), 'utf8').catch(() => '')) ?? [];

/** Where something is after the relocation. */
const relocated = (path: string, { relocation }: Changes): string =>
  relocation !== undefined && path.startsWith(`${relocation.from}/`)
    ? relocation.to + path.slice(relocation.from.length)
    : path;

/** @throws UserError if a path leads outside, a file has changed, or something is in the way. */
async function check(root: string, { files, folders = [], moves = new Map(), relocation }: Changes): Promise<void> {
  const ends = relocation === undefined ? [] : [relocation.from, relocation.to];
  for (const path of [...files.keys(), ...folders, ...moves.keys(), ...moves.values(), ...ends]) {
    await refuseOutside(root, path);
  }
  for (const [path, { before }] of files) await refuseChanged(root, moves.get(path) ?? path, before);
  const leaving = new Set(moves.values());
  for (const [to, from] of moves) {
    if (leaving.has(to) || (await isSame(root, from, to))) continue;
    if ((await whatIs(join(root, to))) !== undefined) throw existing(join(root, to));
  }
  if (relocation !== undefined && (await whatIs(join(root, relocation.to))) !== undefined) {
    throw existing(join(root, relocation.to));
  }
}

/** Whether two paths are the same file, as on file systems that ignore case. */
async function isSame(root: string, a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((path) => lstat(join(root, path)).catch(() => undefined)));
  return one !== undefined && a.toLowerCase() === b.toLowerCase() && one.dev === other?.dev && one.ino === other.ino;
}

/** The moves in an order in which each destination is free, and its folder exists. */
async function ordered(root: string, moves: ReadonlyMap<string, string>): Promise<Move[]> {
  const folders = new Set<string>();
  for (const to of moves.keys()) {
    for (let at = dirname(to); at !== '.' && (await whatIs(join(root, at))) === undefined; at = dirname(at)) {
      folders.add(at);
    }
  }
  const made: Move[] = [...folders].sort().map((path) => ({ path, kind: 'folder' }));
  const waiting = new Map(moves);
  while (waiting.size > 0) {
    const taken = new Set(waiting.values());
    const free = [...waiting].filter(([to, from]) => to === from || !taken.has(to));
    if (free.length === 0) throw new UserError(`files would have to swap names: ${[...waiting.values()].join(', ')}.`);
    for (const [to, from] of free) {
      waiting.delete(to);
      made.push({ path: to, kind: 'move', from });
    }
  }
  return made;
}

/** Writes the new files, and copies those that will be replaced. */
async function staged(root: string, stage: string, changes: Changes, disk: Disk): Promise<Move[]> {
  const { moves: renames = new Map<string, string>(), relocation } = changes;
  const first = await ordered(root, renames);
  const folders = new Set(first.filter(({ kind }) => kind === 'folder').map(({ path }) => path));
  const moves = new Map<string, Move>();
  for (const [path, { before, after, mode: wanted = 0o666 }] of changes.files) {
    const now = join(root, renames.get(path) ?? path);
    if (after === undefined) {
      if (before !== undefined) moves.set(path, { path, kind: 'remove' });
      continue;
    }
    const fresh = join(stage, 'new', path);
    await disk.mkdir(dirname(fresh), { recursive: true });
    const mode = before === undefined ? wanted : (await stat(now)).mode & 0o777;
    await disk.writeFile(fresh, after, { flag: 'wx', mode });
    if (before === undefined) {
      const top = await topmostNew(root, path, folders);
      moves.set(top, { path: top, kind: 'add' });
      continue;
    }
    const old = join(stage, 'old', path);
    await disk.mkdir(dirname(old), { recursive: true });
    await disk.copyFile(now, old);
    moves.set(path, { path, kind: 'replace' });
  }
  for (const path of changes.folders ?? []) moves.set(path, { path, kind: 'remove' });
  const last: Move[] = relocation === undefined ? [] : [{ path: relocation.to, kind: 'move', from: relocation.from }];
  return [...first, ...moves.values(), ...last];
}

/** The outermost folder of a path that does not exist yet, or the file. */
async function topmostNew(root: string, path: string, folders: ReadonlySet<string>): Promise<string> {
  const steps = path.split('/');
  for (let length = 1; length < steps.length; length++) {
    const part = steps.slice(0, length).join('/');
    if (!folders.has(part) && (await whatIs(join(root, part))) === undefined) return part;
  }
  return path;
}

async function make(root: string, stage: string, move: Move, disk: Disk): Promise<void> {
  const { path, kind } = move;
  const target = join(root, path);
  if (kind === 'folder') return void (await disk.mkdir(target));
  if (kind === 'move') {
    if ((await whatIs(target)) !== undefined && !(await isSame(root, move.from, path))) throw existing(target);
    return disk.rename(join(root, move.from), target);
  }
  if (kind !== 'remove') {
    // A rename would replace an empty folder, and a file.
    if (kind === 'add' && (await whatIs(target)) !== undefined) throw existing(target);
    return disk.rename(join(stage, 'new', path), target);
  }
  const old = join(stage, 'old', path);
  await disk.mkdir(dirname(old), { recursive: true });
  await disk.rename(target, old);
}

/** Removes folders that became empty; after a move, also the topmost ones. */
async function removeEmpty(root: string, folder: string, to?: string): Promise<void> {
  for (
    let at = folder;
    to === undefined ? at.includes('/') : at !== '.' && !to.startsWith(`${at}/`);
    at = dirname(at)
  ) {
    const gone = await realDisk.rmdir(join(root, at)).then(
      () => true,
      () => false,
    );
    if (!gone) return;
  }
}

/** Rolls back a stage, however far it got; can be repeated if it is killed. */
async function takeBack(root: string, stage: string, disk: Disk = realDisk): Promise<void> {
  for (const move of (await journalIn(stage)).reverse()) {
    const { path, kind } = move;
    if (kind === 'move') {
      const [there, here] = [join(root, path), join(root, move.from)];
      if ((await whatIs(here)) === undefined && (await whatIs(there)) !== undefined) await disk.rename(there, here);
      continue;
    }
    // Only folders that we created are empty.
    if (kind === 'folder') {
      await disk.rmdir(join(root, path)).catch(() => {});
      continue;
    }
    const [target, fresh, old] = [join(root, path), join(stage, 'new', path), join(stage, 'old', path)];
    const moved = (await whatIs(fresh)) === undefined;
    if (kind === 'add') {
      if (moved) await disk.rm(target, { recursive: true, force: true });
    } else if (moved && (await whatIs(old)) !== undefined) await disk.rename(old, target);
  }
  // First, as missing files would seem to have been moved.
  await disk.rm(join(stage, 'journal.json'), { recursive: true, force: true });
  await disk.rm(stage, { recursive: true, force: true });
}

function whole(text: string): Move[] | undefined {
  try {
    return JSON.parse(text) as Move[];
  } catch {
    return undefined;
  }
}

/** @throws UserError if a path leaves the root, by `..` or through a link. */
async function refuseOutside(root: string, path: string): Promise<void> {
  if (isAbsolute(path) || normalize(path).split(sep).includes('..')) {
    throw new UserError(`${path} is not inside ${root}; nothing was written.`);
  }
  const real = await realpath(root);
  for (let folder = dirname(join(root, path)); folder.length > root.length; folder = dirname(folder)) {
    const kind = await whatIs(folder);
    if (kind === undefined) continue;
    if (kind === 'file' || kind === 'other') throw new UserError(`${folder} is not a folder; nothing was written.`);
    if ((await realpath(folder)) !== join(real, folder.slice(root.length))) {
      throw new UserError(`${folder} is a symbolic link; nothing was written.`);
    }
    return;
  }
}

async function refuseChanged(root: string, path: string, before: Uint8Array | undefined): Promise<void> {
  const target = join(root, path);
  const kind = await whatIs(target);
  if (kind === 'link') throw new UserError(`${target} is a symbolic link; nothing was written.`);
  if (before === undefined && kind !== undefined) throw existing(target);
  if (before !== undefined && !same(await bytesOf(target), before)) {
    throw new UserError(`${target} has changed in the meantime; nothing was written. Run the command again.`);
  }
}

const existing = (target: string): UserError =>
  new UserError(`${target} exists; existing files are not overwritten. Choose another name.`);
