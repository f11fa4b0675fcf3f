import { check } from '../measure/check.ts';
import type { Entrant } from '../measure/entrants.ts';
import { scraper } from '../measure/http.ts';
import { forgetPeak, peakBytes } from '../measure/proc.ts';
import { nodeProgram } from '../measure/programs.ts';
import { Tally, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

/**
 * Peak growth of memory during some scrapes, beyond that of a server that only holds the same input. One process after the
 * other, and one round: what differs is processes, and each run has new ones.
 */
export function memory(scrapes: number): Measure {
  return async (entrants, { n }) => {
    const tally = new Tally();
    const held = await peak({ name: 'held', program: nodeProgram('hold') }, n, scrapes);
    for (const entrant of entrants) {
      const growth = (await peak(entrant, n, scrapes)) - held;
      tally.add(entrant.name, { growthMb: growth / 1e6, growthPerSeries: growth / n });
    }
    return tally.measured();
  };
}

function peak({ name, program }: Entrant, n: number, scrapes: number): Promise<number> {
  const collectable = { name, program: { ...program, args: ['--expose-gc', ...program.args] } };
  return withContenders([collectable], ['mixed', String(n), 'told'], async ([contender]) => {
    const { pid, url, ask } = contender!;
    const prometheus = scraper();
    try {
      await ask('turn 0');
      // Garbage from creating the input would hide the growth.
      await ask('settle');
      forgetPeak(pid);
      for (let scrape = 0; scrape < scrapes; scrape++) {
        if (scrape > 0) await ask(`turn ${scrape}`);
        if (scrape === 0 && name !== 'held') await check([contender!], prometheus, { served: 'mixed', count: n, n: 0 });
        else await prometheus.scrape(url);
      }
      return peakBytes(pid);
    } finally {
      prometheus.close();
    }
  });
}
