import { check } from '../measure/check.ts';
import { scraper } from '../measure/http.ts';
import { load } from '../measure/load.ts';
import { interleave, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

// Contenders turn by themselves here, once at each reading of their source; the check is the first of them.
const FIRST = 0;

/** As many answers as go through some connections in a second; every collection has new numbers. */
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
