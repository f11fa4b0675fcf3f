import { type Across, acrossOf, type Shareable } from './across.ts';
import type { Membership } from './membership.ts';
import { type Forked, tell } from './process/teller.ts';
import { isSharedCounts, joinThread, type SharedCounts } from './thread/threads.ts';

const memberships = new WeakMap<Across, Map<object, Membership>>();

/**
 * Lets another thread or process serve what is counted here: in a worker thread the one that has called {@link share}, of which
 * `to` is the result; in a worker of `node:cluster` or a child of `fork()` the process that has forked it, where `to` is `process`.
 *
 * @example
 * join(shop, workerData);
 * join([shop, mail], process);
 * @throws TypeError for a value that `live` did not make, for one that was not shared or is declared otherwise there, or if this
 * process was not forked; RangeError if there is no place for another thread.
 */
export function join(lives: Shareable | readonly Shareable[], to: SharedCounts): void;
export function join(lives: Shareable | readonly Shareable[], to: Forked): Membership;
export function join(lives: Shareable | readonly Shareable[], to: SharedCounts | Forked): Membership | undefined {
  const all = acrossOf('join', lives);
  if (isSharedCounts(to)) {
    for (const across of all) joinThread(across, to);
    return undefined;
  }
  if (typeof to?.once !== 'function') {
    throw new TypeError('join: expected what share() returned, by workerData, or process.');
  }
  if (typeof to.send !== 'function') {
    throw new TypeError(
      'join: this process was not forked by node:cluster or fork(), so no other can serve its counts.',
    );
  }
  const joined = all.map((across) => once(across, to, () => tell(across, to)));
  return {
    async leave() {
      await Promise.all(joined.map((membership) => membership.leave()));
    },
  };
}

/** The membership of a live value, which is the same however often it joins. */
function once(across: Across, to: object, begin: () => Membership): Membership {
  const own = memberships.get(across) ?? new Map<object, Membership>();
  memberships.set(across, own);
  const membership = own.get(to) ?? begin();
  own.set(to, membership);
  return membership;
}
