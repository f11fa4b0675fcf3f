import { stat } from 'node:fs/promises';
import { within } from '../../time/wait.ts';

// A hung file system must not hold up those whose files have not changed.
const PATIENCE_MS = 250;

/** Tells whether files have changed, whatever way: edited, replaced, or a link to them turned elsewhere. */
export interface Changes {
  /** Whether any has, of those noted; waits for its file system a quarter of a second at most. */
  have(): Promise<boolean>;
  /** Forgets all files, to note others. */
  forget(): void;
  /** From now on, these too. To be called before they are read, so that what is written meanwhile is noticed. */
  note(files: readonly string[]): Promise<void>;
}

/** Starts with no files. Asks the file system when it is asked, and one question at a time; there is no timer. */
export function fileChanges(): Changes {
  const prints = new Map<string, string>();
  let asked: Promise<boolean> | undefined;

  async function look(): Promise<boolean> {
    // One after the other: a hung file system is to hold one thread of the pool, not all of them.
    for (const [file, print] of [...prints]) if ((await printOf(file)) !== print) return true;
    return false;
  }

  return {
    have() {
      if (asked === undefined) {
        const looking = look().finally(() => {
          asked = undefined;
        });
        // While that hangs, nobody else waits.
        asked = within(looking, PATIENCE_MS, false);
      }
      return asked;
    },
    forget: () => prints.clear(),
    async note(files) {
      for (const file of files) prints.set(file, await printOf(file));
    },
  };
}

async function printOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}
