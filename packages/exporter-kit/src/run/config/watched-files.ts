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

/**
 * Looks at the contents of files from time to time, and tells when they are others than when they were read. Contents,
 * because a file that is mounted into a container changes without an event, and with any time of change.
 *
 * @param files which to look at, asked anew each time.
 * @returns a function that ends it.
 */
export function watchFiles(files: () => FilesRead, changed: () => Promise<unknown>, everyMs: number): () => void {
  const seen = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  async function look(): Promise<void> {
    let others = false;
    for (const [file, read] of files()) {
      const now = await digestNow(file);
      others ||= now !== (seen.get(file) ?? read);
      seen.set(file, now);
    }
    if (others && !over) await changed();
  }

  function lookLater(): void {
    if (over) return;
    // A hung file system holds one thread and no more: the next look waits for this one.
    timer = setTimeout(() => void look().finally(lookLater), everyMs);
    timer.unref();
  }

  lookLater();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
