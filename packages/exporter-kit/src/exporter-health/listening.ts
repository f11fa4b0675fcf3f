import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Address } from '../serve/http/address.ts';

/** The state LISTEN of /proc/net/tcp. */
const LISTEN = '0A';
/** The flag __SO_ACCEPTCON of /proc/net/unix. */
const ACCEPTS = 0x10000;

/**
 * Addresses on which other processes of this user listen, from Linux's `/proc`: whatever flags, environment, configuration
 * or systemd said, and with ports that the system chose. In a container, those are the processes of the container.
 */
export function listeningAddresses(): Address[] {
  const inodes = inodesOf(readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid));
  return [...tcp('/proc/net/tcp'), ...tcp('/proc/net/tcp6'), ...unix()]
    .filter(({ inode }) => inodes.has(inode))
    .map(({ address }) => address);
}

interface Listening {
  readonly inode: string;
  readonly address: Address;
}

/** The sockets of processes; those of other users can't be read. */
function inodesOf(pids: readonly string[]): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const pid of pids) {
    for (const fd of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const inode = /^socket:\[(\d+)\]$/.exec(attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? '')?.[1];
      if (inode !== undefined) inodes.add(inode);
    }
  }
  return inodes;
}

/** Without IPv6, there is no /proc/net/tcp6. */
const linesOf = (file: string): string[] => (attempt(() => readFileSync(file, 'utf8')) ?? '').split('\n').slice(1);

const tcp = (file: string): Listening[] =>
  linesOf(file)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN)
    .map((fields) => {
      const [host = '', port = ''] = fields[1]!.split(':');
      return { inode: fields[9]!, address: { host: hostOf(host), port: Number.parseInt(port, 16) } };
    });

/** The inode is the seventh field, the path what follows it; an abstract socket begins with `@`. */
const unix = (): Listening[] =>
  linesOf('/proc/net/unix').flatMap((line) => {
    const [, flags = '', inode = '', path = ''] = /^\S+ \S+ \S+ ([0-9A-F]+) \S+ \S+ +(\d+) (\/.*)$/.exec(line) ?? [];
    return (Number.parseInt(flags, 16) & ACCEPTS) === 0 ? [] : [{ inode, address: { path } }];
  });

/** `0100007F` and its like: words of four bytes, in the order of this machine. */
function hostOf(hex: string): string {
  const words = Uint32Array.from(hex.match(/.{8}/g) ?? [], (word) => Number.parseInt(word, 16));
  const bytes = new Uint8Array(words.buffer);
  if (bytes.length === 4) return bytes.join('.');
  const pairs = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  const host = pairs.join(':');
  return host === '0:0:0:0:0:0:0:0' ? '::' : host;
}

/** A process may end while it is read. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
