import {
  blockedDestination,
  type Guard,
  isBlockedDestination,
  type Place,
  type Resolved,
} from '../collect/destination.ts';
import { type Lookup, sharedLookup, systemLookup } from '../collect/lookup.ts';
import { destinationIn, hostFinder, resolvedTo } from '../collect/resolve.ts';
import { parseRule } from './rule.ts';
import { canonicalAddress, specialRange } from './special-addresses.ts';

/**
 * Where probes may go. A rule is `[scheme://]where[:port|:from-to]`; `where` is a network (`10.0.0.0/8`, `[fd00::/8]:443`), an
 * address, a host (`db.example.com`, `*.example.com`) or `*`.
 *
 * Rules apply to the resolved addresses. Loopback, unspecified, link-local, multicast, reserved and metadata addresses
 * are refused unless a rule of `allow` names them by address, such as `127.0.0.0/8`: neither `*` nor `0.0.0.0/0` does.
 */
export interface GuardOptions {
  /** If set, only destinations that match one of them; default: everywhere except special addresses. */
  readonly allow?: readonly string[];
  /** A second list, one of whose rules must match as well. */
  readonly within?: readonly string[];
  /** Takes precedence over `allow`. */
  readonly deny?: readonly string[];
}

/**
 * Each host is resolved once per run.
 *
 * @param lookup replaces the system's resolver
 * @throws Error with the invalid rule.
 */
export function guard({ allow, within, deny = [] }: GuardOptions = {}, lookup: Lookup = systemLookup): Guard {
  const allowed = [allow, within].flatMap((rules) => (rules === undefined ? [] : [rules.map(parseRule)]));
  const denied = deny.map(parseRule);
  const shared = sharedLookup(lookup);

  /** Why an address is blocked; `undefined` if it is allowed. */
  function refusalOf(place: Place, address: string): string | undefined {
    if (denied.some((rule) => rule.fits(place, address, false))) return 'a rule denies it';
    const allowing = allowed.map((rules) => rules.filter((rule) => rule.fits(place, address, true)));
    const what = specialRange(address);
    if (
      what !== undefined &&
      !(allowing.length > 0 && allowing.every((rules) => rules.some(({ special }) => special)))
    ) {
      return `it is ${what}, which no rule allows`;
    }
    return allowing.every((rules) => rules.length > 0) ? undefined : 'no rule allows it';
  }

  return (signal) => {
    const find = hostFinder(shared, signal);
    let begun = false;

    async function reachable(place: Place): Promise<Resolved> {
      const { addresses, lookupMs } = await find(place.host);
      const refusals = addresses.map(({ address }) => refusalOf(place, canonicalAddress(address)));
      const [first, ...others] = addresses.filter((_, i) => refusals[i] === undefined);
      if (first !== undefined) return resolvedTo([first, ...others], lookupMs);
      throw blockedDestination(refusals[0]!);
    }

    return {
      get begun() {
        return begun;
      },
      async judge(place) {
        try {
          await reachable(place);
        } catch (error) {
          if (isBlockedDestination(error)) throw error;
        }
      },
      async resolve(where) {
        const resolved = await reachable(destinationIn(where));
        begun = true;
        return resolved;
      },
    };
  };
}
