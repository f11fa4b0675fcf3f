import { isIP, type LookupFunction } from 'node:net';
import { property } from '../errors/thrown.ts';

/** A place in the network that a probe wants to connect to. */
export interface Destination {
  /** A name or an address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** What is spoken there, such as `https` or `tcp`; rules may be about it. */
  readonly scheme: string;
}

/** Where a destination leads: only addresses that may be connected to. */
export interface Resolved {
  /** In the resolver's order. */
  readonly addresses: readonly [ReachableAddress, ...ReachableAddress[]];
  /** For `lookup` of `net.connect`, `http.request` and their like: knows these addresses and no others, whatever it is asked. */
  readonly lookup: LookupFunction;
  /** How long it took to look the name up; 0 for an address. */
  readonly lookupMs: number;
}

/** An address that may be connected to. */
export interface ReachableAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Resolves a destination, and refuses it where the exporter's operator does not want it reached.
 *
 * @throws Error when the name can't be resolved; a {@link blockedDestination} when none of its addresses may be reached.
 */
export type Resolve = (destination: Destination | URL) => Promise<Resolved>;

/** Judges where one run of a probe goes. */
export interface Visit {
  readonly resolve: Resolve;
  /**
   * Judges what is known of a place, before anything is sent. A name that has no addresses is for the probe to find out.
   *
   * @throws a {@link blockedDestination}.
   */
  judge(place: Place): Promise<void>;
  /** Whether anything was resolved for the probe, so that it may have connected to it. */
  readonly begun: boolean;
}

/** Makes what judges one run; the signal ends its waiting. */
export type Guard = (signal: AbortSignal) => Visit;

// Registered, so that a probe built on another copy of the kit is understood.
const BLOCKED: symbol = Symbol.for('exporter-kit/blocked-destination');

/** The error that says why a probe may not connect to a destination. */
export function blockedDestination(why: string): Error {
  return Object.assign(new Error(`the target is refused: ${why}`), { [BLOCKED]: true });
}

/** Whether an error is a {@link blockedDestination}. */
export function isBlockedDestination(error: unknown): error is Error {
  return property(error, BLOCKED) === true;
}

const ports: { readonly [scheme: string]: number } = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21 };

/**
 * The place that a URL means.
 *
 * @throws Error when it has no host, or no port is known for its scheme.
 */
export function destinationOf(url: URL): Destination {
  const { host, port, scheme } = placeOf(url);
  if (host !== '' && port !== undefined && scheme !== undefined) return { host, port, scheme };
  throw new Error(`${url.protocol}//…: this URL has no ${host === '' ? 'host' : 'port'}; write scheme://host:port.`);
}

/** What is known of a destination. */
export type Place = Pick<Destination, 'host'> & { readonly [K in 'port' | 'scheme']?: Destination[K] | undefined };

/** The place a target means, if it is a URL, `host:port` or a host; spellings of IPv4 addresses become the usual one. */
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
  // Only some schemes have their hosts brought into the usual form.
  const host =
    ports[scheme] === undefined && URL.canParse(`http://${hostname}`)
      ? new URL(`http://${hostname}`).hostname
      : hostname;
  return { host: unbracketed(host), port: known, scheme };
}

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');
