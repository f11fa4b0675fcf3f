import { stat } from 'node:fs/promises';
import { within } from '../../time/wait.ts';

// A hung file system must not delay requests longer than this.
const PATIENCE_MS = 250;

/** Detects changed files: edited, replaced, or behind a changed link. */
export interface FileChanges {
  /** Whether any noted file has changed; false if the file system takes longer than 250 ms. */
  have(): Promise<boolean>;
  /** Forgets all noted files. */
  forget(): void;
  /** Adds files. Call it before reading them, so that a change during the read is detected. */
  note(files: readonly string[]): Promise<void>;
}

/** Checks files only on request, one check at a time; there is no timer. */
export function fileChanges(): FileChanges {
  const prints = new Map<string, string>();
  let checking: Promise<boolean> | undefined;

  async function look(): Promise<boolean> {
    // One at a time: a hung file system must not block more than one thread of the pool.
    for (const [file, print] of [...prints]) if ((await printOf(file)) !== print) return true;
    return false;
  }

  return {
    have() {
      if (checking === undefined) {
        const looking = look().finally(() => {
          checking = undefined;
        });
        // While that hangs, later calls share this promise and do not wait.
        checking = within(looking, PATIENCE_MS, false);
      }
      return checking;
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
