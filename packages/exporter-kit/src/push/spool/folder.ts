import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../collect/context.ts';
import { locked } from '../../disk/lock.ts';
import { makeFolder } from '../../disk/make-folder.ts';
import { removeFile, replaceFile, sweep } from '../../disk/replace-file.ts';
import { messageOf } from '../../errors/thrown.ts';
import type { Group } from '../sink.ts';
import {
  type Entry,
  type EntryHead,
  type LoadedEntry,
  merged,
  NewerVersion,
  readEntry,
  readHead,
  sha256,
  writeEntry,
} from './entry.ts';

/** A folder that keeps undelivered results, and its limits. */
export interface SpoolOptions {
  /** Created if missing. */
  readonly directory: string;
  /** Total size; the oldest entries are dropped. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Number of entries, one for each sink and group; the oldest are dropped. Default 1000. */
  readonly maxEntries?: number;
  /** Older entries are dropped; default seven days. */
  readonly maxAgeMs?: number;
}

const MAX_BYTES = 64 * 2 ** 20;
const MAX_ENTRIES = 1000;
export const MAX_AGE_MS: number = 7 * 24 * 3_600_000;

/** The file name of an entry: readable, and with a digest of sink and group. */
export function entryName({ sink, job, grouping }: Group & { readonly sink: string }): string {
  const readable = job.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60);
  const whole = JSON.stringify([sink, job, Object.entries(grouping).sort()]);
  return `${readable}-${sha256(whole).slice(0, 16)}${EXTENSION}`;
}

/** Ends the file names of entries. */
export const EXTENSION = '.spool';

/** Writing and removing take milliseconds; deliveries hold the lock of their entry instead. */
const atMost = (): { signal: AbortSignal; staleMs: number } => ({
  signal: AbortSignal.timeout(5000),
  staleMs: 60_000,
});

/**
 * Writes a result, merged with what the spool has of the same group; it stays until {@link drop}.
 *
 * @returns the entry as it is now.
 * @throws Error if it can't be written.
 */
export async function keep(spool: SpoolOptions, result: Entry, log: Logger): Promise<Entry> {
  const { directory, maxBytes = MAX_BYTES } = spool;
  // Private: files that others put there would be delivered.
  if ((await stat(directory).catch(() => undefined))?.isDirectory() !== true) makeFolder(directory, 0o700);
  const path = join(directory, entryName(result));
  return locked(directory, 'spool', atMost(), async () => {
    await sweep(directory);
    const entry = joined((await load(path, log))?.entry, result);
    const file = writeEntry(entry);
    if (Buffer.byteLength(file) > maxBytes) {
      throw new Error(`it would exceed the spool's limit of ${maxBytes} bytes`);
    }
    await replaceFile(path, file, 0o600);
    await makeRoom(spool, path, log);
    return entry;
  });
}

/** Runs of a group may arrive in another order than they ended. A time in the future is ignored. */
function joined(present: Entry | undefined, result: Entry): Entry {
  if (present === undefined) return result;
  const later = present.settledMs > result.settledMs && present.settledMs <= Date.now();
  return later ? merged(result, present) : merged(present, result);
}

/** Reads an entry; `undefined` if there is none, or if it is damaged: it is then moved aside. */
export function load(path: string, log: Logger): Promise<LoadedEntry | undefined> {
  return loadAs(() => readFile(path, 'utf8'), readEntry, path, log);
}

/** As {@link load}, but reads the first line only. */
export function loadHead(path: string, log: Logger): Promise<EntryHead | undefined> {
  return loadAs(() => firstLine(path), readHead, path, log);
}

async function loadAs<T>(
  text: () => Promise<string>,
  read: (text: string) => T,
  path: string,
  log: Logger,
): Promise<T | undefined> {
  let file: string;
  try {
    file = await text();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return read(file);
  } catch (error) {
    if (error instanceof NewerVersion) throw new Error(`${path} has ${error.message}, upgrade it`);
    const aside = `${path}.corrupt`;
    await rename(path, aside);
    log.error({ file: aside, reason: messageOf(error) }, 'spool file damaged; moved aside');
    return undefined;
  }
}

/** A file's beginning, at least its first line. */
async function firstLine(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const parts: Buffer[] = [];
    for (;;) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(4096) });
      parts.push(buffer.subarray(0, bytesRead));
      if (bytesRead === 0 || parts.at(-1)!.includes(10)) return Buffer.concat(parts).toString('utf8');
    }
  } finally {
    await file.close();
  }
}

/** Removes an entry unless another run has written to it since; returns whether it is gone. */
export async function drop(directory: string, file: string, id: string, log: Logger): Promise<boolean> {
  return locked(directory, 'spool', atMost(), async () => {
    const path = join(directory, file);
    const now = await loadHead(path, log);
    if (now !== undefined && now.id !== id) return false;
    await removeFile(path);
    return true;
  });
}

/** Removes a group's entry, whatever it holds. */
export async function forget(directory: string, sink: string, group: Group): Promise<void> {
  const path = join(directory, entryName({ sink, ...group }));
  await locked(directory, 'spool', atMost(), () => removeFile(path)).catch((error: NodeJS.ErrnoException) => {
    // No spool yet.
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Drops expired entries, and the oldest above the limits; never the one just written. */
async function makeRoom(spool: SpoolOptions, written: string, log: Logger): Promise<void> {
  const { directory, maxBytes = MAX_BYTES, maxEntries = MAX_ENTRIES, maxAgeMs = MAX_AGE_MS } = spool;
  const files: { path: string; size: number; mtimeMs: number }[] = [];
  for (const name of await readdir(directory)) {
    if (!name.endsWith(EXTENSION) && !name.endsWith(`${EXTENSION}.corrupt`)) continue;
    const path = join(directory, name);
    const { size, mtimeMs } = await stat(path);
    files.push({ path, size, mtimeMs: path === written ? Infinity : mtimeMs });
  }
  files.sort((a, b) => b.mtimeMs - a.mtimeMs);
  let bytes = 0;
  for (const [i, { path, size, mtimeMs }] of files.entries()) {
    bytes += size;
    const old = Date.now() - mtimeMs > maxAgeMs;
    if (!old && bytes <= maxBytes && i < maxEntries) continue;
    await rm(path, { force: true });
    log.error({ file: path, reason: old ? 'too old' : 'no room' }, 'undelivered result dropped from the spool');
  }
}
