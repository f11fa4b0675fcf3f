import { isIPv6 } from 'node:net';

/** Limits each client's requests. */
export interface RateLimit {
  /** Takes one of the client's tokens: 0, or the milliseconds until the next one. */
  take(client: string, now: number): number;
}

/** Token bucket parameters. */
export interface Rate {
  readonly intervalMs: number;
  readonly burst: number;
}

const MOST_CLIENTS = 1000;

/**
 * A token bucket for each client: `burst` requests, refilled by one each interval. Beyond 1000 clients, new ones share one
 * bucket until others are full again.
 */
export function rateLimit({ intervalMs, burst }: Rate): RateLimit {
  // When each client's bucket is full again; others are full.
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
      // Tolerates floating-point error.
      if (tooEarlyMs > 1e-6) return tooEarlyMs;
      fullAt.set(key, now + owedMs);
      return 0;
    },
  };
}

/** One client: an IPv4 address, or an IPv6 /64. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('%')[0]!.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
