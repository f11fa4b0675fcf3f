import type { ReachableAddress } from '../collect/destination.ts';

/** Finds the addresses of a name. */
export type Lookup = (host: string) => Promise<readonly ReachableAddress[]>;

/** As programs of this machine do: its hosts file, its search domains, its name servers. */
export const systemLookup: Lookup = async (host) => {
  const { lookup } = await import('node:dns/promises');
  return (await lookup(host, { all: true, verbatim: true })) as ReachableAddress[];
};

// A look-up holds a thread of libuv's pool until it ends, and can't be ended; files and compression need threads too.
const THREADS = Math.max(1, Number(process.env.UV_THREADPOOL_SIZE || 4) - 1);

/**
 * Shares look-ups: one at a time for each name, and altogether so few that a resolver which hangs leaves a thread of the
 * pool to others. Who waits may leave; the look-up goes on, and the next one who asks the same joins it.
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
