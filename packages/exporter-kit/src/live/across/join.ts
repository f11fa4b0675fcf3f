import { type Across, acrossOf, type Shareable } from './across.ts';
import type { Membership } from './membership.ts';
import { type Forked, tell } from './process/teller.ts';

const memberships = new WeakMap<Across, Map<object, Membership>>();

/**
 * In a worker of `node:cluster`, or a child of `fork()`: tells the process that forked it what is counted here, every second and
 * on exit. That one calls {@link share}.
 *
 * @example
 * join(shop, process);
 * @throws TypeError for a value that `live` did not make, or if this process was not forked.
 */
export function join(lives: Shareable | readonly Shareable[], to: Forked): Membership {
  const all = acrossOf('join', lives);
  if (typeof to.send !== 'function') {
    throw new TypeError('join: this process was not forked by node:cluster or fork(), so nobody would hear it.');
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
