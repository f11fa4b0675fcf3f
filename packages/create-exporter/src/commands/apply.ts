import type { Disk } from '../disk/disk.ts';
import { locked } from '../disk/lock.ts';
import { type Changes, commit, recover } from '../disk/transaction.ts';
import { install } from '../workspace/install.ts';
import { clearPending, isPending, markPending } from '../workspace/pending.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Run } from './command.ts';

/** What shall be done, worked out while nobody else writes. */
export interface Work<T> {
  readonly changes: Changes;
  /** The projects whose dependencies may have changed. */
  readonly install: readonly string[];
  readonly result: T;
}

/**
 * The way of everything that is written: lock, take back what a killed run left, plan, write all or nothing, bring the
 * lockfile up to date. If that last step fails, what was written is taken back.
 */
export async function apply<T>(
  workspace: Workspace,
  { around, progress }: Run,
  installing: boolean,
  work: () => Promise<Work<T>>,
): Promise<T> {
  const { root } = workspace;
  const disk: Disk | undefined = around.disk;
  const onWait = (owner: string): unknown => around.stderr.write(`Waiting for process ${owner}, which writes here …\n`);
  const task = async (): Promise<T> => {
    await recover(root);
    if (installing && workspace.kind === 'repository' && (await isPending(root))) {
      await progress('Installing what an earlier run could not', () => install(workspace, '.'));
      await clearPending(root);
    }
    const { changes, install: folders, result } = await progress('Planning', work);
    if (changes.files.size === 0 && (changes.folders ?? []).length === 0) return result;
    const lockfile = installing && folders.length > 0;
    if (lockfile) await markPending(root, disk);
    try {
      const done = await commit(root, changes, disk);
      if (lockfile) {
        const where = workspace.kind === 'repository' ? ['.'] : folders;
        await progress('Updating the lockfile and installing', async () => {
          for (const folder of where) await install(workspace, folder);
        }).catch(async (error: unknown) => {
          await done.undo();
          throw error;
        });
      }
      await done.finish();
    } finally {
      // Also of what failed: it is as before then.
      if (lockfile) await clearPending(root);
    }
    return result;
  };
  return locked(root, task, { disk, onWait });
}
