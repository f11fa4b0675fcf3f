import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Files with a digest of what was read of them, by their path. */
export type FilesRead = ReadonlyMap<string, string>;

/** Reads a text file. */
export async function readText(path: string): Promise<{ readonly text: string; readonly digest: string }> {
  const bytes = await readFile(path);
  return { text: bytes.toString(), digest: createHash('sha256').update(bytes).digest('hex') };
}

/** The digest of a file as it is now, or why it can't be read. */
export async function digestNow(path: string): Promise<string> {
  try {
    return (await readText(path)).digest;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
