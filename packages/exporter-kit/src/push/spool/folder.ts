import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../collect/context.ts';
import { messageOf } from '../../errors/thrown.ts';
import { locked } from '../disk/lock.ts';
import { removeFile, replaceFile, sweep } from '../disk/replace-file.ts';
import type { Group } from '../sink.ts';
import {
  type Entry,
  type EntryHead,
  EXTENSION,
  entryName,
  type LoadedEntry,
  merged,
  NewerVersion,
  readEntry,
  readHead,
  writeEntry,
} from './entry.ts';

/** A folder that keeps what could not be delivered, and how much of it. */
export interface SpoolOptions {
  /** Made when it is not there. */
  readonly directory: string;
  /** Of all files together; the oldest are dropped. Default 64 MiB. */
  readonly maxBytes?: number;
  /** One for each sink and group; the oldest are dropped. Default 1000. */
  readonly maxEntries?: number;
  /** What is older is dropped. Default seven days. */
  readonly maxAgeMs?: number;
}

const MAX_BYTES = 64 * 2 ** 20;
const MAX_ENTRIES = 1000;
export const MAX_AGE_MS: number = 7 * 24 * 3_600_000;

/** Writing and removing take milliseconds, deliveries have the lock of their entry instead. */
const atMost = (): { signal: AbortSignal; staleMs: number } => ({
  signal: AbortSignal.timeout(5000),
  staleMs: 60_000,
});

/**
 * Keeps a result until {@link drop} is told that it was delivered: alone, or merged with what is there of the same group.
 *
 * @returns what is there now.
 * @throws Error when it can't be kept.
 */
export async function keep(spool: SpoolOptions, result: Entry, log: Logger): Promise<Entry> {
  const { directory, maxBytes = MAX_BYTES } = spool;
  // For who may write there alone: whoever can put files there has them delivered.
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, entryName(result.sink, result.job, result.grouping));
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

/** Two runs of a group may have ended in the other order than they come here. A time that is yet to come is no time. */
function joined(present: Entry | undefined, result: Entry): Entry {
  if (present === undefined) return result;
  const later = present.settledMs > result.settledMs && present.settledMs <= Date.now();
  return later ? merged(result, present) : merged(present, result);
}

/** What a file holds; nothing when it is not there, or damaged: it is then moved aside. */
export function load(path: string, log: Logger): Promise<LoadedEntry | undefined> {
  return loadAs(() => readFile(path, 'utf8'), readEntry, path, log);
}

/** As {@link load}, but reads the first line alone: what the entry says of itself. */
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

/** A file up to the end of its first line; all of it when it has only one. */
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

/** Takes an entry away unless another run has written to it since; whether nothing is left of it. */
export async function drop(directory: string, file: string, id: string, log: Logger): Promise<boolean> {
  return locked(directory, 'spool', atMost(), async () => {
    const path = join(directory, file);
    const now = await loadHead(path, log);
    if (now !== undefined && now.id !== id) return false;
    await removeFile(path);
    return true;
  });
}

/** Takes a group's entry away, whatever it holds: nothing of it is to be delivered any more. */
export async function forget(directory: string, sink: string, { job, grouping }: Group): Promise<void> {
  const path = join(directory, entryName(sink, job, grouping));
  await locked(directory, 'spool', atMost(), () => removeFile(path)).catch((error: NodeJS.ErrnoException) => {
    // There is no spool yet.
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Drops what is too old, and the oldest of what is too much; never the one just written. */
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
