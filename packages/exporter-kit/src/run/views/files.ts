import { lstat, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf } from '../../errors/thrown.ts';
import { MARK } from '../../views/mark.ts';

// Beyond this, a file is not one of ours.
const MOST_BYTES = 16 * 2 ** 20;
// Of a folder, what is looked at.
const MOST_FILES = 1000;

/** What stands where a generated file belongs. */
export type Found =
  | { readonly is: 'missing' }
  | { readonly is: 'same' }
  | { readonly is: 'different'; readonly text: string }
  /** Not a generated file, or none at all: it stays. `why` ends a sentence about it. */
  | { readonly is: 'foreign'; readonly why: string };

/** A folder beside what belongs there. */
export interface ViewsFolder {
  /** By name, in the order of the files. */
  readonly found: ReadonlyMap<string, Found>;
  /** Generated files that are no longer generated. */
  readonly stale: readonly string[];
}

/**
 * Compares a folder with the files that belong there. Line ends don't count: git may change them.
 *
 * @throws Error if it is not a folder, or can't be read.
 */
export async function compareFolder(folder: string, files: ReadonlyMap<string, string>): Promise<ViewsFolder> {
  const there = await namesIn(folder);
  const found = new Map<string, Found>();
  for (const [name, text] of files) found.set(name, there.has(name) ? await lookAt(join(folder, name), text) : MISSING);
  const stale: string[] = [];
  for (const name of [...there].sort().slice(0, MOST_FILES)) {
    if (!files.has(name) && (await isGenerated(join(folder, name)))) stale.push(name);
  }
  return { found, stale };
}

const MISSING: Found = { is: 'missing' };

async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is not a folder; name one, or move it away.`);
    return new Set(await readdir(folder));
  } catch (cause) {
    // A link to nothing is in the way of the folder.
    if (codeOf(cause) === 'ENOENT' && (await lstat(folder).catch(() => undefined)) === undefined) return new Set();
    if (codeOf(cause) === undefined) throw cause;
    throw new Error(`${folder} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

async function lookAt(path: string, wanted: string): Promise<Found> {
  const about = await lstat(path);
  if (about.isSymbolicLink()) return { is: 'foreign', why: 'is a link' };
  if (!about.isFile()) return { is: 'foreign', why: 'is not a file' };
  const text = await textOf(path);
  if (text === wanted) return { is: 'same' };
  if (text === undefined || !text.includes(MARK)) return { is: 'foreign', why: 'was not generated' };
  return { is: 'different', text };
}

async function isGenerated(path: string): Promise<boolean> {
  const about = await lstat(path);
  return about.isFile() && ((await textOf(path))?.includes(MARK) ?? false);
}

/** A file's text, with the line ends of Unix; `undefined` if it is larger than ours could be. */
async function textOf(path: string): Promise<string | undefined> {
  const file = await open(path);
  try {
    if ((await file.stat()).size > MOST_BYTES) return undefined;
    return (await file.readFile('utf8')).replaceAll('\r\n', '\n');
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${messageOf(cause)}`, { cause });
  } finally {
    await file.close();
  }
}

/**
 * Writes files into a folder, which is made if it is missing: all of them, or none.
 *
 * @throws Error naming the file that could not be written.
 */
export async function writeAll(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  let at = folder;
  let made: string | undefined;
  const asides = new Map<string, string>();
  const before = new Map<string, Uint8Array | undefined>();
  try {
    made = await mkdir(folder, { recursive: true });
    for (const [name, text] of files) {
      at = join(folder, name);
      const aside = join(folder, `.${name}.${process.pid}.tmp`);
      asides.set(name, aside);
      await writeFile(aside, text, { flag: 'wx' });
    }
    for (const [name, aside] of asides) {
      at = join(folder, name);
      before.set(name, await bytesOf(at));
      await rename(aside, at);
    }
  } catch (cause) {
    for (const [name, bytes] of before) {
      if (bytes === undefined) await rm(join(folder, name), { force: true });
      else await writeFile(join(folder, name), bytes);
    }
    for (const aside of asides.values()) await rm(aside, { force: true }).catch(() => {});
    if (made !== undefined) await rmdir(folder).catch(() => {});
    throw new Error(`${at} cannot be written: ${messageOf(cause)}; nothing was changed.`, { cause });
  }
}

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
