import { join, relative, sep } from 'node:path';
import { Cancelled } from '../ask/prompts.ts';
import { type Disk, realDisk } from '../disk/disk.ts';
import { locked, release } from '../disk/lock.ts';
import { type Changes, commit, recover } from '../disk/transaction.ts';
import { settle } from '../git.ts';
import { UserError } from '../user-error.ts';
import { install } from '../workspace/install.ts';
import { outerWorkspace } from '../workspace/outer.ts';
import { clearPending, markPending, pendingIn } from '../workspace/pending-install.ts';
import { homeOf, type Workspace } from '../workspace/workspace.ts';
import type { Run } from './command.ts';

/** The changes, planned while holding the lock. */
export interface Work<T> {
  readonly changes: Changes & { readonly submodules?: readonly string[] };
  /** The projects whose dependencies may have changed. */
  readonly install: readonly string[];
  readonly result: T;
}

/** Arguments of {@link apply}. */
export interface Application<T> {
  /** The project to change; `undefined` for a new one. */
  readonly folder?: string;
  readonly installing: boolean;
  /** @param unfinished new projects that a killed run wrote without finishing. */
  work(unfinished: readonly string[]): Promise<Work<T>>;
}

/**
 * Makes changes: lock, roll back a killed run, plan, write all or nothing, update the lockfile. If the last step fails or is
 * interrupted, the changes are rolled back. For a standalone project all of it happens in its own folder.
 */
export function apply<T>(workspace: Workspace, run: Run, { folder, installing, work }: Application<T>): Promise<T> {
  const { around, progress } = run;
  const home = folder === undefined ? workspace.root : homeOf(workspace, folder);
  const disk: Disk | undefined = around.disk;
  const onWait = (owner: string): unknown =>
    around.stderr.write(`Waiting for process ${owner}, which is writing here …\n`);
  const task = async (signal: AbortSignal): Promise<T> => {
    const installAll = async (places: readonly string[]): Promise<void> => {
      for (const place of places) await install(workspace.kind, join(home, place), signal);
    };
    const written = await recover(home);
    const pending = await pendingIn(home);
    if (installing && pending.length > 0) {
      await progress('Installing for an interrupted run', () => installAll(pending));
      await clearPending(home);
    }
    const { changes, install: folders, result } = await progress('Planning', () => work([...written, ...pending]));
    const { inside, elsewhere } = within(home, workspace, changes);
    if (inside.files.size === 0 && (inside.folders ?? []).length === 0) return result;
    const places = !installing
      ? []
      : workspace.kind === 'repository'
        ? ['.']
        : folders.map((each) => at(home, workspace, each));
    signal.throwIfAborted();
    if (places.length > 0) await markPending(home, places, disk);
    let last = home;
    const { relocation, submodules = [] } = changes;
    const settleAt = async (folder: string): Promise<void> => {
      for (const path of ['.', ...submodules]) await settle(join(workspace.root, folder, path));
    };
    try {
      const done = await commit(home, inside, disk);
      try {
        if (places.length > 0) await progress('Updating the lockfile and installing', () => installAll(places));
        signal.throwIfAborted();
        if (elsewhere !== undefined) await moved(home, elsewhere, disk);
        if (relocation !== undefined) await settleAt(relocation.to);
      } catch (error) {
        await done.undo();
        if (relocation !== undefined) await settleAt(relocation.from);
        throw error;
      }
      last = elsewhere ?? home;
      await done.finish(last);
    } finally {
      // Also after a failure: everything is as before then.
      if (places.length > 0) await clearPending(last);
      if (last !== home) await release(last);
    }
    return result;
  };
  return interruptible((signal) => locked(home, () => task(signal), { disk, onWait, signal }));
}

/** After a member of somebody's workspace moved or went: its lockfile follows. What was changed stays if that fails. */
export async function installOuter(project: string, { progress }: Run): Promise<void> {
  const outer = await outerWorkspace(project);
  if (outer?.isMember !== true) return;
  const how = () => interruptible((signal) => install('folder', outer.root, signal));
  await progress(`Updating the lockfile in ${outer.root}`, how);
}

/** A path in the workspace, relative to the folder that is written to. */
const at = (home: string, { root }: Workspace, path: string): string =>
  relative(home, join(root, path)).split(sep).join('/') || '.';

/** Changes of the workspace, relative to the folder that is written to; and where that folder itself moves. */
function within(home: string, workspace: Workspace, changes: Changes): { inside: Changes; elsewhere?: string } {
  if (home === workspace.root) return { inside: changes };
  const own = (path: string): string => at(home, workspace, path);
  const { files, folders = [], moves = new Map<string, string>(), relocation } = changes;
  const inside = {
    files: new Map([...files].map(([path, change]) => [own(path), change])),
    folders: folders.map(own),
    moves: new Map([...moves].map(([to, from]) => [own(to), own(from)])),
  };
  return { inside, ...(relocation === undefined ? {} : { elsewhere: join(workspace.root, relocation.to) }) };
}

async function moved(from: string, to: string, disk: Disk = realDisk): Promise<void> {
  await disk.rename(from, to).catch((error: Error) => {
    throw new UserError(`${from} cannot be moved to ${to}; nothing was changed: ${error.message}.`, 1, {
      cause: error,
    });
  });
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a task whose signal aborts at the first SIGINT or SIGTERM; the second one ends the process at once. */
export async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Cancelled());
  for (const name of signals) process.once(name, stop);
  try {
    return await task(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
