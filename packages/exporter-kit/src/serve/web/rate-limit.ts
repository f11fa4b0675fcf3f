import { isIPv6 } from 'node:net';

/** Counts requests of each client. */
export interface RateLimit {
  /** Takes one of the client's; 0, or after how many milliseconds he may ask again. */
  take(client: string, now: number): number;
}

/** How many, and how often. */
export interface Rate {
  readonly intervalMs: number;
  readonly burst: number;
}

const MOST_CLIENTS = 1000;

/**
 * A bucket of `burst` requests for each client, to which one more comes each interval. At most 1000 clients are told apart:
 * beyond that, newcomers share one bucket until those before have been silent for long enough.
 */
export function rateLimit({ intervalMs, burst }: Rate): RateLimit {
  // When the client's bucket is full again; who is not in it has a full one.
  const fullAt = new Map<string, number>();

  function forgetFull(now: number): void {
    for (const [client, at] of fullAt) if (at <= now) fullAt.delete(client);
  }

  return {
    take(client, now) {
      let key = networkOf(client);
      if (!fullAt.has(key) && fullAt.size >= MOST_CLIENTS) {
        forgetFull(now);
        if (fullAt.size >= MOST_CLIENTS) key = 'others';
      }
      const owedMs = Math.max(0, (fullAt.get(key) ?? 0) - now) + intervalMs;
      const tooEarlyMs = owedMs - burst * intervalMs;
      // Less than that is a fraction that a float has lost.
      if (tooEarlyMs > 1e-6) return tooEarlyMs;
      fullAt.set(key, now + owedMs);
      return 0;
    },
  };
}

/** What belongs to one client: an IPv4 address, or the /64 of an IPv6 one. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('%')[0]!.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
