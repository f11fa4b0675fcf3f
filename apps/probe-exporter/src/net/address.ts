import { type Destination, gauge, type Resolve, type Resolved, type Writers } from 'exporter-kit';
import { z } from 'exporter-kit/config';

/** How the one address to probe is chosen. */
export const addressConfig = {
  preferred_ip_protocol: z.enum(['ip4', 'ip6']).default('ip6'),
  /** Whether to use the other protocol if there is no address of the preferred one. */
  ip_protocol_fallback: z.boolean().default(true),
};

/** Metrics of every probe about the address. */
export const addressMetrics = {
  lookup: gauge({
    name: 'probe_dns_lookup_time_seconds',
    help: 'Duration of the DNS lookup.',
    unit: 'seconds',
  }),
  protocol: gauge({
    name: 'probe_ip_protocol',
    help: 'IP version of the probed address, 4 or 6; 0 without one.',
  }),
  hash: gauge({ name: 'probe_ip_addr_hash', help: "Hash of the target's IP address; it changes with the address." }),
};

/** The address to probe. */
export interface Chosen {
  readonly address: string;
  readonly family: 4 | 6;
  readonly lookupSeconds: number;
}

/** As in blackbox_exporter: the first address of the preferred protocol, or else the first of all. */
export function choose({ addresses, lookupMs }: Resolved, config: z.infer<z.ZodObject<typeof addressConfig>>): Chosen {
  const wanted = config.preferred_ip_protocol === 'ip4' ? 4 : 6;
  const preferred = addresses.find(({ family }) => family === wanted);
  const chosen = preferred ?? (config.ip_protocol_fallback ? addresses[0] : undefined);
  if (chosen === undefined)
    throw new Error(`the target has no IPv${wanted} address; set ip_protocol_fallback to use another`);
  return { ...chosen, lookupSeconds: lookupMs / 1000 };
}

/** Resolves a target, chooses one of its addresses, and writes the metrics about it. */
export async function chooseAddress(
  write: Writers<typeof addressMetrics>,
  resolve: Resolve,
  destination: Destination | URL,
  config: z.infer<z.ZodObject<typeof addressConfig>>,
): Promise<Chosen> {
  const started = performance.now();
  let chosen: Chosen | undefined;
  try {
    chosen = choose(await resolve(destination), config);
    return chosen;
  } finally {
    write.lookup.set(chosen?.lookupSeconds ?? (performance.now() - started) / 1000);
    write.protocol.set(chosen?.family ?? 0);
    write.hash.set(chosen === undefined ? 0 : fnv1a(bytesOf(chosen)));
  }
}

/** FNV-1a, 32 bits. */
function fnv1a(bytes: readonly number[]): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}

/** The bytes of an address, in network order. */
function bytesOf({ address, family }: Chosen): number[] {
  if (family === 4) return address.split('.').map(Number);
  const canonical = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((one) => Number.parseInt(one, 16));
  const [first, last] = [groups(head), tail === undefined ? [] : groups(tail)];
  const all = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  return all.flatMap((group) => [group >> 8, group & 255]);
}
