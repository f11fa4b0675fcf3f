import { isIP, type LookupFunction } from 'node:net';
import {
  blockedDestination,
  type Destination,
  destinationOf,
  type Guard,
  isBlockedDestination,
  type Place,
  type ReachableAddress,
  type Resolved,
} from '../collect/destination.ts';
import { codeOf, messageOf } from '../errors/thrown.ts';
import { unlessAborted } from '../time/wait.ts';
import { type Lookup, sharedLookup, systemLookup } from './lookup.ts';
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
  /** Takes precedence over `allow`. */
  readonly deny?: readonly string[];
}

/**
 * Each host is resolved once per run.
 *
 * @param lookup replaces the system's resolver
 * @throws Error with the invalid rule.
 */
export function guard({ allow, deny = [] }: GuardOptions = {}, lookup: Lookup = systemLookup): Guard {
  const allowed = allow?.map(parseRule);
  const denied = deny.map(parseRule);
  const shared = sharedLookup(lookup);

  /** Why an address is blocked; `undefined` if it is allowed. */
  function refusalOf(place: Place, address: string): string | undefined {
    if (denied.some((rule) => rule.fits(place, address, false))) return 'a rule denies it';
    const allowing = allowed?.filter((rule) => rule.fits(place, address, true));
    const what = specialRange(address);
    if (what !== undefined) {
      return allowing?.some((rule) => rule.special) ? undefined : `it is ${what}, which no rule allows`;
    }
    return allowing === undefined || allowing.length > 0 ? undefined : 'no rule allows it';
  }

  return (signal) => {
    const found = new Map<string, Promise<Found>>();
    let begun = false;

    function find(host: string): Promise<Found> {
      const family = isIP(host);
      if (family !== 0)
        return Promise.resolve({ addresses: [{ address: host, family: family as 4 | 6 }], lookupMs: 0 });
      const known = found.get(host) ?? unlessAborted(timed(shared, host), signal);
      found.set(host, known);
      return known;
    }

    async function reachable(place: Place): Promise<Resolved> {
      const { addresses, lookupMs } = await find(place.host);
      const refusals = addresses.map(({ address }) => refusalOf(place, canonicalAddress(address)));
      const [first, ...others] = addresses.filter((_, i) => refusals[i] === undefined);
      if (first !== undefined) return { addresses: [first, ...others], lookup: pinned([first, ...others]), lookupMs };
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
        const resolved = await reachable(where instanceof URL ? destinationOf(where) : checked(where));
        begun = true;
        return resolved;
      },
    };
  };
}

interface Found {
  readonly addresses: readonly ReachableAddress[];
  readonly lookupMs: number;
}

async function timed(lookup: Lookup, host: string): Promise<Found> {
  const started = performance.now();
  try {
    const addresses = await lookup(host);
    if (addresses.length > 0) return { addresses, lookupMs: performance.now() - started };
  } catch (cause) {
    throw new Error(`${host} can't be resolved: ${codeOf(cause) ?? messageOf(cause)}`, {
      cause,
    });
  }
  throw new Error(`${host} can't be resolved: it has no address`);
}

/** Rules may match any part, so none may be missing. */
function checked({ host, port, scheme }: Destination): Destination {
  if (typeof host === 'string' && host !== '' && Number.isInteger(port) && typeof scheme === 'string') {
    return { host: host.replace(/^\[(.*)\]$/, '$1'), port, scheme };
  }
  throw new TypeError('resolve: give a URL, or { host, port, scheme }.');
}

/** A lookup that answers with these addresses, whatever the host. */
function pinned(addresses: readonly [ReachableAddress, ...ReachableAddress[]]): LookupFunction {
  return (host, { all, family = 0 }, callback) => {
    const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family;
    const fitting = wanted === 0 ? addresses : addresses.filter((one) => one.family === wanted);
    const [first] = fitting;
    if (first === undefined) {
      const error = new Error(`${host} has no IPv${wanted} address that may be reached`);
      callback(Object.assign(error, { code: 'ENOTFOUND' }), []);
    } else if (all) callback(null, [...fitting]);
    else callback(null, first.address, first.family);
  };
}
