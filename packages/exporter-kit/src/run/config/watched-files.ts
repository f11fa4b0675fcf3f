import { readFile } from 'node:fs/promises';

/** Digests of the files that were read, by path. */
export type FilesRead = ReadonlyMap<string, string>;

/** Reads a text file. */
export async function readText(path: string): Promise<{ readonly text: string; readonly digest: string }> {
  const bytes = await readFile(path);
  // Loaded with the first file: without one, it would be 0.6 MB for nothing.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return { text: bytes.toString(), digest: createHash('sha256').update(bytes).digest('hex') };
}

/** Digest of a file's present content, or the code of the error on reading it. */
export async function digestNow(path: string): Promise<string> {
  try {
    return (await readText(path)).digest;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/**
 * Polls the contents of files and reports changes since they were read. It compares contents because a file mounted into a
 * container changes without an event and with an arbitrary modification time.
 *
 * @param files called at each poll.
 * @returns a function that stops polling.
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
    // The next poll waits for this one, so that a hung file system blocks only one thread.
    timer = setTimeout(() => void look().finally(lookLater), everyMs);
    timer.unref();
  }

  lookLater();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
