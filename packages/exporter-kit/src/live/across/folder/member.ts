import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { lstat, readdir, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../../disk/make-folder.ts';
import { messageOf } from '../../../errors/thrown.ts';
import type { Across, View } from '../across.ts';
import { Mirror } from '../process/mirror.ts';
import { fileName, isTemporary, ours, temporary } from './file-names.ts';
import { Files, type ReadFile } from './files.ts';
import { parseSnapshot, snapshotText } from './snapshot.ts';

// Files of ended processes that are remembered, in case one of them was only suspended.
const MOST_INHERITED = 500;
// The time that a file is watched until its process is thought to have ended without a word.
const GONE_MS = 60_000;
// Files that nobody can use are removed after a day.
const USELESS_MS = 24 * 60 * 60_000;

/** A process' own file in a folder, and what it does for those of processes that have ended. */
export class Member {
  readonly #across: Across;
  readonly #folder: string;
  readonly #files: Files;
  readonly #view: View;
  #id = newId();
  #inherited: string[] = [];
  #written = '';
  // Inherited files, where others find the counts until it is written that they are inherited.
  readonly #taken: Set<string> = new Set();
  // Files that have been silent: since when, on this process' clock, and their version.
  readonly #silent: Map<string, readonly [version: string, since: number]> = new Map();

  /** @throws Error if the folder can't be written and read. */
  constructor(across: Across, folder: string) {
    this.#across = across;
    this.#folder = folder;
    this.#files = new Files(across, folder);
    this.#view = across.without(this.#files);
    this.#files.own.add(this.#id);
    makeFolder(folder);
    readdirSync(folder);
    this.writeLast(false);
    across.isJoined = true;
    across.add(this.#files);
  }

  get #path(): string {
    return join(this.#folder, fileName(this.#across.name, this.#id));
  }

  /** Writes what has changed, or only that this process still runs. Never rejects. */
  async write(): Promise<void> {
    try {
      if (await this.#wasInherited()) this.#startOver();
      const text = snapshotText(this.#across, this.#view, false, this.#inherited);
      if (text === this.#written && (await exists(this.#path))) await utimes(this.#path, new Date(), new Date());
      else {
        await this.#writeAside(text);
        await rename(temporary(this.#path, 'next'), this.#path);
        this.#written = text;
      }
      this.#files.now = (await stat(this.#path)).mtimeMs;
      for (const path of this.#taken) await unlink(path).catch(() => {});
      this.#taken.clear();
    } catch (error) {
      const why = `${this.#path} can't be written: ${messageOf(error)}`;
      this.#across.refuse(`${why}; other processes serve older counts of this one until it can.`);
    }
  }

  async #writeAside(text: string): Promise<void> {
    const aside = temporary(this.#path, 'next');
    try {
      await writeFile(aside, text);
    } catch (error) {
      // On a full disk, half a file takes what others need.
      await rm(aside, { force: true });
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      makeFolder(this.#folder);
      await writeFile(aside, text);
    }
  }

  /** No longer serves what others have counted. */
  leave(): void {
    this.#across.remove(this.#files);
  }

  /** The same as `write`, at once. */
  writeLast(ended: boolean): void {
    // After a suspension, another may have inherited all that is known here.
    if (this.#written !== '' && !existsSync(this.#path)) return;
    const text = snapshotText(this.#across, this.#view, ended, this.#inherited);
    // `write` may be at the other.
    const aside = temporary(this.#path, 'last');
    try {
      writeFileSync(aside, text);
      renameSync(aside, this.#path);
    } catch (error) {
      rmSync(aside, { force: true });
      throw error;
    }
    this.#written = text;
    this.#files.now = statSync(this.#path).mtimeMs;
  }

  /** Adds the counts of ended processes to those here, and removes their files. Never rejects. */
  async inherit(): Promise<void> {
    await this.#files.refresh();
    for (const file of this.#files.others())
      if (file.mirror !== undefined && this.#isGone(file)) await this.#take(file);
    await this.#clean();
  }

  #isGone(file: ReadFile): boolean {
    if (file.heir === undefined || file.heir === this.#id) return file.ended || this.#isSilent(file);
    // Its heir is at it, unless that one has ended too.
    const heir = this.#files.find(file.heir);
    return heir === undefined ? this.#isSilent(file) : heir.ended || this.#isSilent(heir);
  }

  /** Whether a file was not written for so long that its process can't only be busy, in time in which this one ran. */
  #isSilent({ id, version }: ReadFile): boolean {
    const now = performance.now();
    const known = this.#silent.get(id);
    if (known?.[0] === version) return now - known[1] > GONE_MS;
    this.#silent.set(id, [version, now]);
    return false;
  }

  async #take({ id, file }: ReadFile): Promise<void> {
    const name = fileName(this.#across.name, id, this.#id);
    const path = join(this.#folder, name);
    try {
      // Only one process succeeds.
      await rename(join(this.#folder, file), path);
      await this.#files.refresh();
      const taken = this.#files.others().find((other) => other.id === id);
      if (taken?.file !== name || taken.mirror === undefined) return;
      // From here on it counts as part of this process.
      taken.mirror.bequeath();
      this.#files.own.add(id);
      this.#inherited = [...this.#inherited, ...taken.inherited, id].slice(-MOST_INHERITED);
      this.#silent.delete(id);
      this.#taken.add(path);
      await this.write();
    } catch {
      // Another has taken it, or it is tried again.
    }
  }

  /** Removes files whose counts are in another, and those that nobody can use. */
  async #clean(): Promise<void> {
    const { name } = this.#across;
    const used = new Set(this.#files.others().flatMap(({ mirror, file }) => (mirror === undefined ? [] : [file])));
    const all = await readdir(this.#folder).catch(() => []);
    const known = ours(all, name).filter(({ file, id }) => !used.has(file) && id !== this.#id);
    for (const file of [...known.map((other) => other.file), ...all.filter((other) => isTemporary(other, name))]) {
      const path = join(this.#folder, file);
      const modified = await lstat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => Infinity,
      );
      if (this.#files.now - modified > USELESS_MS) await unlink(path).catch(() => {});
    }
  }

  /** Whether another has taken this process for ended, as after a suspension. */
  async #wasInherited(): Promise<boolean> {
    if (this.#written === '' || (await exists(this.#path))) return false;
    await this.#files.refresh();
    return this.#files.hasInherited(this.#id);
  }

  /** What was written last is another's now, so it is taken from the numbers here. */
  #startOver(): void {
    const written = parseSnapshot(this.#written)!;
    const mirror = new Mirror(this.#across);
    mirror.apply({ ...written, first: true });
    mirror.withdraw();
    this.#id = newId();
    this.#files.own.clear();
    this.#files.own.add(this.#id);
    this.#inherited = [];
    this.#written = '';
  }
}

const newId = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, 12);

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
