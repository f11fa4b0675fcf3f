import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/**
 * Looks at the contents of files from time to time, and tells when they are others. Contents, because a file that is
 * mounted into a container changes without an event, and with any time of change.
 *
 * @param files which to look at, asked anew each time.
 * @returns a function that ends it.
 */
export function watchFiles(
  files: () => readonly string[],
  changed: () => Promise<unknown>,
  everyMs: number,
): () => void {
  const seen = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  async function look(): Promise<void> {
    let others = false;
    for (const file of files()) {
      const now = await digest(file);
      others ||= seen.has(file) && seen.get(file) !== now;
      seen.set(file, now);
    }
    if (others && !over) await changed();
  }

  function lookAgain(): void {
    if (over) return;
    // A hung file system holds one thread and no more: the next look waits for this one.
    timer = setTimeout(() => void look().finally(lookAgain), everyMs);
    timer.unref();
  }

  void look().finally(lookAgain);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

async function digest(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
