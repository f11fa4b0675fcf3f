import { type Across, acrossOf, type Shareable } from './across.ts';
import { type Folder, isFolder } from './folder/folder.ts';
import { joinFolder } from './folder/join-folder.ts';
import { type Forked, tell } from './process/teller.ts';
import { isSharedCounts, joinThread, type SharedCounts } from './thread/threads.ts';

/** What `join` returns where counts are reported to another process. */
export interface Membership {
  /** Reports what has not been reported yet, and nothing from then on: for an orderly end. Never rejects. */
  leave(): Promise<void>;
}

const memberships = new WeakMap<Across, Map<object | string, Membership>>();

/**
 * Lets another thread or process serve what is counted here: in a worker thread the one that has called {@link share}, of which
 * `to` is the result; in a worker of `node:cluster` or a child of `fork()` the process that has forked it, where `to` is `process`;
 * of processes that share a {@link folder}, each one.
 *
 * @example
 * join(shop, workerData);
 * join([shop, mail], process);
 * join(shop, folder('/run/shop/metrics'));
 * @throws TypeError for a value that `live` did not make, for one that was not shared or is declared otherwise there, or if this
 * process was not forked; Error if the folder can't be written; RangeError if there is no place for another thread.
 */
export function join(lives: Shareable | readonly Shareable[], to: SharedCounts): void;
export function join(lives: Shareable | readonly Shareable[], to: Forked | Folder): Membership;
export function join(
  lives: Shareable | readonly Shareable[],
  to: SharedCounts | Forked | Folder,
): Membership | undefined {
  const all = acrossOf('join', lives);
  if (isSharedCounts(to)) {
    for (const across of all) joinThread(across, to);
    return undefined;
  }
  if (isFolder(to)) return together(all.map((across) => once(across, to.path, () => joinFolder(across, to))));
  if (typeof to?.once !== 'function') {
    throw new TypeError('join: expected what share() returned, by workerData, process, or folder(path).');
  }
  if (typeof to.send !== 'function') {
    throw new TypeError(
      'join: this process was not forked by node:cluster or fork(), so no other can serve its counts.',
    );
  }
  return together(all.map((across) => once(across, to, () => tell(across, to))));
}

function together(memberships: readonly Membership[]): Membership {
  return {
    async leave() {
      await Promise.all(memberships.map((membership) => membership.leave()));
    },
  };
}

/** The membership of a live value, which is the same however often it joins, until it leaves. */
function once(across: Across, to: object | string, begin: () => Membership): Membership {
  const own = memberships.get(across) ?? new Map<object | string, Membership>();
  memberships.set(across, own);
  const known = own.get(to);
  if (known !== undefined) return known;
  const begun = begin();
  const membership: Membership = {
    leave() {
      own.delete(to);
      return begun.leave();
    },
  };
  own.set(to, membership);
  return membership;
}
