import { check } from '../measure/check.ts';
import { scraper } from '../measure/http.ts';
import { load } from '../measure/load.ts';
import { interleave, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

// Here, contenders advance by themselves at each read of their source; the check is the first read.
const FIRST = 0;

/** Responses per second over some connections; every collection has new values. */
export function rate(connections: number): Measure {
  return (entrants, { n, rounds }) =>
    withContenders(entrants, ['mixed', String(n), 'self'], async (contenders) => {
      const one = scraper();
      try {
        await check(contenders, one, { served: 'mixed', count: n, n: FIRST });
      } finally {
        one.close();
      }
      return interleave(contenders, { warmups: 2, rounds }, async ({ url }) => ({
        perSecond: await load(url, { connections, atMostMs: 1_000, atMostRequests: 100_000 }),
      }));
    });
}
