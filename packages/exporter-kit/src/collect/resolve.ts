import { isIP, type LookupFunction } from 'node:net';
import { codeOf, messageOf } from '../errors/thrown.ts';
import { unlessAborted } from '../time/wait.ts';
import { type Destination, destinationOf, type ReachableAddress, type Resolve, type Resolved } from './destination.ts';
import { type Lookup, sharedLookup, systemLookup } from './lookup.ts';

/** Addresses of a host, and how long the lookup took; 0 for an address. */
export interface Found {
  readonly addresses: readonly ReachableAddress[];
  readonly lookupMs: number;
}

/** Returns a function that finds the addresses of hosts until the signal aborts, each host once. */
export function hostFinder(shared: Lookup, signal: AbortSignal): (host: string) => Promise<Found> {
  const found = new Map<string, Promise<Found>>();
  return (host) => {
    const family = isIP(host);
    if (family !== 0) return Promise.resolve({ addresses: [{ address: host, family: family as 4 | 6 }], lookupMs: 0 });
    const known = found.get(host) ?? unlessAborted(timed(shared, host), signal);
    found.set(host, known);
    return known;
  };
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

/** Where to connect: rules may match any part, so none may be missing. @throws TypeError naming what is accepted. */
export function destinationIn(where: Destination | URL): Destination {
  if (where instanceof URL) return destinationOf(where);
  const { host, port, scheme } = where;
  if (typeof host === 'string' && host !== '' && Number.isInteger(port) && typeof scheme === 'string') {
    return { host: host.replace(/^\[(.*)\]$/, '$1'), port, scheme };
  }
  throw new TypeError('resolve: give a URL, or { host, port, scheme }.');
}

/** A result with these addresses only. */
export function resolvedTo(addresses: readonly [ReachableAddress, ...ReachableAddress[]], lookupMs: number): Resolved {
  return { addresses, lookup: pinned(addresses), lookupMs };
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

let shared: Lookup | undefined;

/** Resolves hosts without judging them, for targets that the operator has named; the signal ends its waiting. */
export function systemResolve(signal: AbortSignal): Resolve {
  shared ??= sharedLookup(systemLookup);
  const find = hostFinder(shared, signal);
  return async (where) => {
    const { addresses, lookupMs } = await find(destinationIn(where).host);
    return resolvedTo(addresses as readonly [ReachableAddress, ...ReachableAddress[]], lookupMs);
  };
}
