import { isIP, type LookupFunction } from 'node:net';
import { property } from '../errors/thrown.ts';

/** A place in the network that a probe wants to connect to. */
export interface Destination {
  /** A name or an address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The protocol, such as `https` or `tcp`; rules may name it. */
  readonly scheme: string;
}

/** A resolved destination: only addresses that may be reached. */
export interface Resolved {
  /** In the resolver's order. */
  readonly addresses: readonly [ReachableAddress, ...ReachableAddress[]];
  /** For the `lookup` option of `net.connect`, `http.request` and others: returns these addresses for any name. */
  readonly lookup: LookupFunction;
  /** Duration of the DNS lookup; 0 for an address. */
  readonly lookupMs: number;
}

/** An address that may be reached. */
export interface ReachableAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Resolves a destination, and rejects it if the exporter's rules do not allow it.
 *
 * @throws Error if the name can't be resolved; or if none of its addresses may be reached.
 */
export type Resolve = (destination: Destination | URL) => Promise<Resolved>;

/** Checks the destinations of one probe. */
export interface Visit {
  readonly resolve: Resolve;
  /**
   * Checks what is known of a destination, before anything is sent. A name without addresses passes: the probe reports it.
   *
   * @throws Error if it may not be reached.
   */
  judge(place: Place): Promise<void>;
  /** Whether the probe has resolved a destination, so that it may have connected to it. */
  readonly begun: boolean;
}

/** Creates the checks of one probe; the signal aborts them. */
export type Guard = (signal: AbortSignal) => Visit;

// Registered, so that errors of another copy of the kit are recognized.
const BLOCKED: symbol = Symbol.for('exporter-kit/blocked-destination');

/** An error that says why a probe must not connect to a destination. */
export function blockedDestination(why: string): Error {
  return Object.assign(new Error(`the target is refused: ${why}`), { [BLOCKED]: true });
}

/** Whether an error is from `blockedDestination`. */
export function isBlockedDestination(error: unknown): error is Error {
  return property(error, BLOCKED) === true;
}

const ports: { readonly [scheme: string]: number } = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21 };

/**
 * The destination of a URL.
 *
 * @throws Error if it has no host, or no port and its scheme has no default.
 */
export function destinationOf(url: URL): Destination {
  const { host, port, scheme } = placeOf(url);
  if (host !== '' && port !== undefined && scheme !== undefined) return { host, port, scheme };
  throw new Error(`${url.protocol}//…: this URL has no ${host === '' ? 'host' : 'port'}; write scheme://host:port.`);
}

/** A destination, as far as it is known. */
export type Place = Pick<Destination, 'host'> & { readonly [K in 'port' | 'scheme']?: Destination[K] | undefined };

/** The destination of a target that is a URL, `host:port` or a host; other spellings of IPv4 addresses are normalized. */
export function placeOfTarget(target: string): Place | undefined {
  if (isIP(target) !== 0) return { host: target };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    const place = URL.canParse(target) ? placeOf(new URL(target)) : undefined;
    return place?.host === '' ? undefined : place;
  }
  const asUrl = `http://${target}`;
  if (!URL.canParse(asUrl)) return undefined;
  const { hostname } = new URL(asUrl);
  const [, port] = /:(\d+)$/.exec(target) ?? [];
  return { host: unbracketed(hostname), port: port === undefined ? undefined : Number(port) };
}

function placeOf({ hostname, port, protocol }: URL): Place {
  const scheme = protocol.slice(0, -1);
  const known = port === '' ? ports[scheme] : Number(port);
  // `URL` normalizes the hosts of some schemes only.
  const host =
    ports[scheme] === undefined && URL.canParse(`http://${hostname}`)
      ? new URL(`http://${hostname}`).hostname
      : hostname;
  return { host: unbracketed(host), port: known, scheme };
}

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');
