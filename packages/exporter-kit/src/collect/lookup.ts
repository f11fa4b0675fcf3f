import type { ReachableAddress } from './destination.ts';

/** Resolves a host name. */
export type Lookup = (host: string) => Promise<readonly ReachableAddress[]>;

/** The system's resolver: hosts file, search domains, name servers. */
export const systemLookup: Lookup = async (host) => {
  const { lookup } = await import('node:dns/promises');
  return (await lookup(host, { all: true, verbatim: true })) as ReachableAddress[];
};

// A lookup occupies a thread of libuv's pool and cannot be cancelled; files and compression need threads too.
const THREADS = Math.max(1, Number(process.env.UV_THREADPOOL_SIZE || 4) - 1);

/**
 * Shares lookups: one at a time for each name, and so few in total that a hanging resolver leaves threads of the pool to
 * others. A lookup continues when its callers give up; the next one for the same name joins it.
 */
export function sharedLookup(lookup: Lookup, atOnce: number = THREADS): Lookup {
  const underWay = new Map<string, Promise<readonly ReachableAddress[]>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function turn(host: string): Promise<readonly ReachableAddress[]> {
    if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await lookup(host);
    } finally {
      underWay.delete(host);
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  return (host) => {
    const joined = underWay.get(host) ?? turn(host);
    underWay.set(host, joined);
    return joined;
  };
}
