import { CYCLE } from '../data/calls.ts';
import { checkLines } from '../measure/check.ts';
import { expectedOfCalls } from '../measure/expected-calls.ts';
import { scraper } from '../measure/http.ts';
import { Tally, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

const SCRAPES = 5;

/**
 * Bytes that each series holds once it was counted and scraped; label values are held by the application. One round: what
 * differs is processes, and each run has new ones.
 */
export function held(kind: 'inc-fresh' | 'observe-fresh'): Measure {
  return async (entrants, { n }) => {
    const tally = new Tally();
    const prometheus = scraper();
    try {
      for (const { name, program } of entrants) {
        const collectable = { name, program: { ...program, args: ['--expose-gc', ...program.args] } };
        await withContenders([collectable], [kind, String(n), 'told'], async ([contender]) => {
          const { url, ask } = contender!;
          const used = async (): Promise<number> => {
            await ask('settle');
            return Number(await ask('held'));
          };
          // The server's own memory is in use before.
          for (let i = 0; i < SCRAPES; i++) await prometheus.scrape(url);
          const before = await used();
          await ask(`turn ${CYCLE}`);
          await checkLines(contender!, prometheus, expectedOfCalls(kind, n, CYCLE));
          for (let i = 0; i < SCRAPES; i++) await prometheus.scrape(url);
          tally.add(name, { heldPerSeries: ((await used()) - before) / n });
        });
      }
      return tally.measured();
    } finally {
      prometheus.close();
    }
  };
}
