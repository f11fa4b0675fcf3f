import { BlockList, isIPv4 } from 'node:net';

/** A network, as rules have it. */
export interface Network {
  readonly address: string;
  /** Bits. */
  readonly prefix: number;
}

/** Addresses that no probe reaches unless a rule allows them by address. */
const special: readonly (readonly [what: string, ...networks: string[]])[] = [
  ['a loopback address', '127.0.0.0/8', '::1/128'],
  // Linux takes 0.0.0.0 and :: for this machine.
  ['an unspecified address', '0.0.0.0/8', '::/128'],
  // The clouds' metadata services that are not link-local: AWS, Google, Alibaba, Azure, Oracle.
  [
    'a metadata address',
    '169.254.169.254/32',
    'fd00:ec2::/32',
    'fd20:ce::254/128',
    '100.100.100.200/32',
    '168.63.129.16/32',
    '192.0.0.192/32',
  ],
  ['a link-local address', '169.254.0.0/16', 'fe80::/10'],
  ['a multicast address', '224.0.0.0/4', 'ff00::/8'],
  ['a reserved address', '240.0.0.0/4', '192.0.0.0/24'],
  // They lead to an IPv4 address by way of somebody's relay: 6to4, Teredo, local NAT64.
  ['an address of a tunnel', '2002::/16', '2001::/32', '64:ff9b:1::/48'],
];

const ranges = special.flatMap(([what, ...networks]) =>
  networks.map((text) => {
    const network = networkOf(text);
    return { what, prefix: network.prefix, has: within(network) };
  }),
);

/** What is special about an address, as `a loopback address`; `undefined` where nothing is. As {@link canonicalAddress} has it. */
export function specialRange(address: string): string | undefined {
  return ranges.find(({ has }) => has(address))?.what;
}

/** Whether a network lies in a special range as a whole. */
export function isSpecial({ address, prefix }: Network): boolean {
  return ranges.some((range) => prefix >= range.prefix && range.has(address));
}

/** Makes the test whether an address lies in a network. */
export function within({ address, prefix }: Network): (address: string) => boolean {
  let list: BlockList | undefined;
  return (other) => {
    if (versionOf(other) !== versionOf(address)) return false;
    // Only now: an exporter without probes never needs one.
    if (list === undefined) {
      list = new BlockList();
      list.addSubnet(address, prefix, versionOf(address));
    }
    return list.check(other, versionOf(other));
  };
}

function networkOf(text: string): Network {
  const [address = '', prefix] = text.split('/');
  return { address, prefix: Number(prefix) };
}

function versionOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

// IPv4-mapped, IPv4-translated (RFC 2765), NAT64 (RFC 6052), IPv4-compatible.
const embedding = ['::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '::/96'].map((text) => within(networkOf(text)));

/**
 * The address that rules are held against: without a zone, and where an IPv6 address only wraps an IPv4 address, that.
 *
 * @param address one that `node:net` calls one
 */
export function canonicalAddress(address: string): string {
  const [plain = ''] = address.split('%');
  if (isIPv4(plain)) return plain;
  const groups = groupsOf(plain);
  const [high = 0, low = 0] = groups.slice(6);
  // `::` and `::1` are what they are.
  if (groups.slice(0, 7).every((group) => group === 0) && low < 2) return plain;
  if (!embedding.some((has) => has(plain))) return plain;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  // The URL parser writes all of them in hexadecimal.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const numbers = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return numbers(head);
  const [first, last] = [numbers(head), numbers(tail)];
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}
