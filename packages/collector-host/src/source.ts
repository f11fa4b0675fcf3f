import { isUtf8 } from 'node:buffer';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { unsupported } from 'exporter-kit';
import { readKernelFile } from './kernel-file.ts';

/** A path; as bytes where it is not UTF-8. */
export type Path = string | Buffer;

/** One line of a file, split at blanks, and where it stands. Its fields are latin1, a character for each byte; see {@link text}. */
export interface Row {
  readonly fields: readonly string[];
  /** `path:line`, for messages. */
  readonly at: string;
}

/**
 * Reads a file of procfs that a collector can't do without, line by line; empty lines are left out.
 *
 * @throws `unsupported` when this kernel does not provide such file; an error when the root itself is not there, or it can't be read.
 */
export function readRows(root: string, file: string): Row[] {
  return rows(read(root, file), join(root, file));
}

/** Reads a file whose first line is all that matters. Throws as {@link readRows} does. */
export function readRow(root: string, file: string): Row {
  const [row] = readRows(root, file);
  return row ?? { fields: [], at: `${join(root, file)}:1` };
}

/** Reads a file that a collector can't do without. Throws as {@link readRows} does. */
export function read(root: string, file: string): Buffer {
  const path = join(root, file);
  try {
    return readKernelFile(path);
  } catch (cause) {
    if (!isGone(cause)) throw new Error(`${path} can't be read: ${(cause as Error).message}`, { cause });
  }
  try {
    statSync(root);
  } catch (cause) {
    throw new Error(`${root} does not exist; check the configured path.`, { cause });
  }
  return unsupported(`this kernel does not provide ${path}`);
}

/**
 * The lines of a text that hold anything. The kernel separates fields with blanks and tabs; other white space, such as a
 * no-break space, may be part of a name.
 */
export function rows(content: Buffer, path: string): Row[] {
  return lines(content, path, (line) => line.match(/[^ \t]+/g) ?? []);
}

/** The lines of a text whose fields are separated by one blank each, so that some may be empty. */
export function exactRows(content: Buffer, path: string): Row[] {
  return lines(content, path, (line) => (line === '' ? [] : line.split(' ')));
}

function lines(content: Buffer, path: string, split: (line: string) => readonly string[]): Row[] {
  const found: Row[] = [];
  content
    .toString('latin1')
    .split('\n')
    .forEach((line, index) => {
      const fields = split(line);
      if (fields.length > 0) found.push({ fields, at: `${path}:${index + 1}` });
    });
  return found;
}

/** A field as UTF-8. Each run of invalid bytes becomes U+FFFD, as in node_exporter. */
export function text(field: string): string {
  const bytes = Buffer.from(field, 'latin1');
  const decoded = bytes.toString('utf8');
  return isUtf8(bytes) ? decoded : decoded.replace(/\uFFFD+/g, '\uFFFD');
}

/** The path of something whose name is a field. */
export function below(root: string, name: string): Path {
  const path = join(Buffer.from(root).toString('latin1'), name);
  const bytes = Buffer.from(path, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes;
}

/** The field as a non-negative number. @throws Error naming file and line if it is not one. */
export function amount(row: Row, index: number): number {
  const field = row.fields[index];
  const value = field !== undefined && /^\d+(\.\d+)?$/.test(field) ? Number(field) : Number.NaN;
  if (!Number.isFinite(value)) throw malformed(row, `a number in column ${index + 1}`);
  return value;
}

/** What to throw for a line that is not as the kernel writes it. */
export function malformed(row: Row, expected: string): Error {
  const found = text(row.fields.join(' ').slice(0, 80));
  return new Error(`${row.at}: expected ${expected}, found ${JSON.stringify(found)}.`);
}

/** No file, no directory, or a device that was removed while its file was open. */
function isGone(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO'].includes(code);
}
