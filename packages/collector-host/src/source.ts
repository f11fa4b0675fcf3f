import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unsupported } from 'exporter-kit';

/** One line of a file, split at white space, and where it stands. */
export interface Row {
  readonly fields: readonly string[];
  /** `path:line`, for messages. */
  readonly at: string;
}

/**
 * Reads a file of procfs or sysfs, as it is.
 *
 * @throws `unsupported` when this kernel has no such file; an error when the root itself is not there, or it can't be read.
 */
export async function read(root: string, file: string, signal: AbortSignal): Promise<string> {
  const text = await readIfThere(root, file, signal);
  if (text !== undefined) return text;
  await stat(root).catch((cause: unknown) => {
    throw new Error(`${root} is not there; check the path that was given for it.`, { cause });
  });
  return unsupported(`this kernel has no ${join(root, file)}`);
}

/** Reads a file of procfs or sysfs; `undefined` when there is none, or when its device has just gone. */
export async function readIfThere(root: string, file: string, signal: AbortSignal): Promise<string | undefined> {
  const path = join(root, file);
  try {
    return await readFile(path, { encoding: 'utf8', signal });
  } catch (cause) {
    signal.throwIfAborted();
    if (isGone(cause)) return undefined;
    throw new Error(`${path} can't be read: ${(cause as Error).message}`, { cause });
  }
}

/** Reads a file of procfs or sysfs line by line; empty lines are left out. Throws as {@link read} does. */
export async function readRows(root: string, file: string, signal: AbortSignal): Promise<Row[]> {
  return rows(await read(root, file, signal), join(root, file));
}

/** Reads a file whose first line is all that matters. Throws as {@link read} does. */
export async function readRow(root: string, file: string, signal: AbortSignal): Promise<Row> {
  const [row] = await readRows(root, file, signal);
  return row ?? { fields: [], at: `${join(root, file)}:1` };
}

/** Reads a file that holds one number; `undefined` when there is no such file. */
export async function readNumber(root: string, file: string, signal: AbortSignal): Promise<number | undefined> {
  const text = await readIfThere(root, file, signal);
  if (text === undefined) return undefined;
  return amount({ fields: text.trim().split(/\s+/), at: `${join(root, file)}:1` }, 0);
}

/** The lines of a text that hold anything. */
export function rows(text: string, path: string): Row[] {
  return text.split('\n').flatMap((line, index) => {
    const fields = line.trim().split(/\s+/);
    return fields[0] === '' ? [] : [{ fields, at: `${path}:${index + 1}` }];
  });
}

/** The field as a number that is not negative. @throws Error naming file and line when it is none. */
export function amount(row: Row, index: number): number {
  const field = row.fields[index];
  if (field === undefined || !/^\d+(\.\d+)?$/.test(field)) throw malformed(row, `a number in column ${index + 1}`);
  return Number(field);
}

/** What to throw for a line that is not as the kernel writes it. */
export function malformed(row: Row, expected: string): Error {
  const text = row.fields.join(' ');
  return new Error(`${row.at}: expected ${expected}, found ${JSON.stringify(text.slice(0, 80))}.`);
}

/** No file, no directory, or a device that was removed while its file was open. */
function isGone(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO'].includes(code);
}
