import { isIP } from 'node:net';
import type { Place } from '../collect/destination.ts';
import { canonicalAddress, isSpecial, within } from './special-addresses.ts';

/** One entry of an allow or deny list. */
export interface Rule {
  /** The rule as written. */
  readonly text: string;
  /** Whether it covers special addresses: only such a rule allows them. */
  readonly special: boolean;
  /**
   * Whether it is about a place and one of its addresses, as {@link canonicalAddress} has it; `unknown` says whether what is not known
   * of the place fits.
   */
  fits(place: Place, address: string, unknown: boolean): boolean;
}

const syntax = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:\[([^[\]]+)\]|([^[\]]*?))(?::(\d{1,5})(?:-(\d{1,5}))?)?$/;
const hostSyntax = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/**
 * Parses a rule: `[scheme://]where[:port|:from-to]`, where `where` is a network (`10.0.0.0/8`, `fd00::/8`, `[fd00::/8]:443`),
 * an address, a host (`db.example.com`, `*.example.com` for all below it), or `*`.
 *
 * @throws Error if the rule is invalid.
 */
export function parseRule(text: string): Rule {
  const wrong = (why: string): Error => new Error(`the rule ${JSON.stringify(text)} ${why}`);
  if (typeof text !== 'string') throw wrong('is no text.');
  const lower = text.toLowerCase();
  // An IPv6 network without brackets has no port behind it.
  const bare = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*(?:\/\d+)?)$/.exec(lower);
  const match = bare ?? syntax.exec(lower);
  const [, scheme, bracketed, plain, first, last = first] = match ?? [];
  const where = bracketed ?? plain ?? '';
  if (match === null || where === '') {
    throw wrong(
      'is not of the form [scheme://]where[:port]; write 10.0.0.0/8, [fd00::/8]:443, https://*.example.com or *:443.',
    );
  }
  const [from, to] = [Number(first), Number(last)];
  if (first !== undefined && (from < 1 || to > 65535 || from > to))
    throw wrong('has no such ports; write 443 or 8000-8999.');

  const { special, has } = hostMatcher(where, wrong);
  return {
    text,
    special,
    fits: ({ host, port, scheme: spoken }, address, unknown) =>
      (scheme === undefined || (spoken === undefined ? unknown : spoken === scheme)) &&
      (first === undefined || (port === undefined ? unknown : port >= from && port <= to)) &&
      has(host, address),
  };
}

/** The target that a rule names, if it is one host or address, with at most one port. */
export function exactTarget(rule: string): string | undefined {
  const bare = isIP(rule) === 6 ? `[${rule}]` : rule;
  const [, scheme = '', host = '', port = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)?(\[[^[\]/]+\]|[^[\]:/*]+)(:\d+)?$/i.exec(bare) ?? [];
  return host === '' ? undefined : scheme + host + port;
}

interface HostMatcher {
  readonly special: boolean;
  has(host: string, address: string): boolean;
}

function hostMatcher(where: string, wrong: (why: string) => Error): HostMatcher {
  if (where === '*') return { special: false, has: () => true };
  const [address = '', bits] = where.split('/');
  const version = isIP(address);
  if (version === 0) {
    // What looks like a number is an address to resolvers, in spellings that are not one here.
    if (!hostSyntax.test(where) || /(^|\.)(0x[0-9a-f]*|\d+)$/.test(where)) {
      throw wrong('names no network, address or host; write 10.0.0.0/8, 10.1.2.3, db.example.com or *.example.com.');
    }
    const [suffix, exact] = [where.slice(1), where];
    const named = (host: string): string => host.toLowerCase().replace(/\.$/, '');
    if (where.startsWith('*.')) return { special: false, has: (host) => named(host).endsWith(suffix) };
    return { special: false, has: (host) => named(host) === exact };
  }
  const most = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (!(bits === undefined || /^\d{1,3}$/.test(bits)) || prefix > most)
    throw wrong(`has no such prefix; write 0 to ${most}.`);
  const itself = canonicalAddress(address);
  if (itself !== address.split('%')[0] && prefix < 128) {
    throw wrong('is about wrapped IPv4 addresses, which are judged as what they wrap; write the IPv4 network.');
  }
  const network = { address: itself, prefix: itself === address ? prefix : isIP(itself) === 4 ? 32 : prefix };
  const inside = within(network);
  return { special: isSpecial(network), has: (_host, other) => inside(other) };
}
