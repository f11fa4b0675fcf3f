import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FreezeOptions } from '../../../collect/store/frozen.ts';
import { messageOf } from '../../../errors/thrown.ts';
import type { Across } from '../across.ts';
import type { Others, Part } from '../part.ts';
import { Mirror } from '../process/mirror.ts';
import { type FileName, ours } from './file-names.ts';
import { parseSnapshot, type Snapshot } from './snapshot.ts';

// A file that is not written for so long, by the folder's own clock, is of a process that has ended, or hangs.
const SILENT_MS = 10_000;
// Larger files are ignored.
const MOST_BYTES = 64 * 2 ** 20;
const MOST_TRIES = 5;

/** What is known of a file. */
export interface ReadFile extends FileName {
  /** Changes when it is written. */
  readonly version: string;
  readonly modifiedMs: number;
  /** Absent for a file that is not used: of other declarations, or not as it should be. */
  readonly mirror?: Mirror;
  readonly ended: boolean;
  readonly inherited: readonly string[];
}

/** The files of the other processes in a folder. */
export class Files implements Others {
  readonly areServedByEach = true;
  readonly #across: Across;
  readonly #folder: string;
  #names: readonly FileName[] = [];
  // By id.
  #files: ReadonlyMap<string, ReadFile> = new Map();
  /** Ids of this process, and of those whose counts it has inherited. */
  readonly own: Set<string> = new Set();
  /** When this process' file was last written, by the folder's clock. */
  now = 0;

  constructor(across: Across, folder: string) {
    this.#across = across;
    this.#folder = folder;
  }

  parts(options?: FreezeOptions): readonly (readonly (Part | undefined)[])[] {
    return this.others().flatMap(({ mirror, ended, modifiedMs }) =>
      mirror === undefined ? [] : [mirror.parts(options, ended || this.now - modifiedMs > SILENT_MS)],
    );
  }

  /** Files whose counts are not among those of another. */
  others(): readonly ReadFile[] {
    const inherited = new Set(Array.from(this.#files.values(), (file) => file.inherited).flat());
    return [...this.#files.values()].filter(({ id }) => !this.own.has(id) && !inherited.has(id));
  }

  find(id: string): ReadFile | undefined {
    return this.#files.get(id);
  }

  /** Whether another process has added the counts of this id to its own, or is about to. */
  hasInherited(id: string): boolean {
    return (
      this.#names.some((name) => name.id === id && name.heir !== undefined) ||
      [...this.#files.values()].some(({ inherited }) => inherited.includes(id))
    );
  }

  /** Reads what has changed. What can't be read leaves things as they were. Never rejects. */
  async refresh(): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = await this.#list();
      if (before === undefined) return;
      const read = await this.#readAll(before);
      const after = await this.#list();
      if (read === undefined || after === undefined) continue;
      // Otherwise, the counts of a process may be in two of the files read, or in none.
      if (before.map(({ file }) => file).join() !== after.map(({ file }) => file).join()) continue;
      this.#names = after;
      this.#files = new Map(read.map((file) => [file.id, isFresh(file) ? this.#take(file) : file]));
      return;
    }
  }

  async #list(): Promise<readonly FileName[] | undefined> {
    const files = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      // A folder that was removed is made again when something is written.
      if (error.code !== 'ENOENT') this.#across.refuse(`${this.#folder} can't be read: ${messageOf(error)}.`);
      return undefined;
    });
    return files && ours(files, this.#across.name).sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  /** `undefined` if a file is gone meanwhile. */
  async #readAll(names: readonly FileName[]): Promise<readonly (ReadFile | FreshFile)[] | undefined> {
    const files: (ReadFile | FreshFile)[] = [];
    for (const name of names) {
      if (this.own.has(name.id)) continue;
      const read = await this.#read(name);
      if (read === undefined) return undefined;
      files.push(read);
    }
    return files;
  }

  async #read(name: FileName): Promise<ReadFile | FreshFile | undefined> {
    const path = join(this.#folder, name.file);
    const known = this.#files.get(name.id);
    try {
      const stats = await lstat(path);
      const { mtimeMs: modifiedMs, size, ino } = stats;
      const version = `${ino} ${size} ${modifiedMs}`;
      if (known?.version === version) return { ...known, ...name };
      const text = stats.isFile() && size <= MOST_BYTES ? await readFile(path, 'utf8') : '';
      return { ...name, version, modifiedMs, snapshot: parseSnapshot(text) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      this.#across.refuse(`${path} can't be read: ${messageOf(error)}.`);
      return known ?? { ...name, version: '', modifiedMs: 0, ended: false, inherited: [] };
    }
  }

  /** Takes over what a file holds. */
  #take({ snapshot, ...file }: FreshFile): ReadFile {
    const known = this.#files.get(file.id);
    const mirror = known?.mirror ?? new Mirror(this.#across);
    const why = snapshot === undefined ? 'is not a whole snapshot.' : mirror.apply({ ...snapshot, first: true });
    if (why === undefined) {
      const inherited = snapshot!.inherited.filter((id) => typeof id === 'string');
      return { ...file, mirror, ended: snapshot!.ended === true, inherited };
    }
    this.#across.refuse(`${join(this.#folder, file.file)} ${why}`);
    // Torn, but it was whole before.
    if (snapshot === undefined && known !== undefined) return { ...known, ...file };
    return { ...file, ended: false, inherited: [] };
  }
}

/** A file that was read, but not yet taken over. */
interface FreshFile extends FileName {
  readonly version: string;
  readonly modifiedMs: number;
  readonly snapshot: Snapshot | undefined;
}

const isFresh = (file: ReadFile | FreshFile): file is FreshFile => 'snapshot' in file;
