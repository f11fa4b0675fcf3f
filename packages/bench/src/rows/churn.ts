import { check } from '../measure/check.ts';
import { scraper } from '../measure/http.ts';
import { residentBytes } from '../measure/proc.ts';
import { Tally, withContenders } from '../measure/rounds.ts';
import { median } from '../measure/statistics.ts';
import type { Measure } from './row.ts';

/** Whether memory stays flat while label sets change: the median of the last fifth of the scrapes relative to the second. */
export function churn(scrapes: number): Measure {
  return (entrants, { n }) =>
    withContenders(entrants, ['churning', String(n), 'told'], async (contenders) => {
      const tally = new Tally();
      const prometheus = scraper();
      try {
        for (const contender of contenders) {
          const resident: number[] = [];
          for (let scrape = 0; scrape < scrapes; scrape++) {
            await contender.ask(`turn ${scrape}`);
            await prometheus.scrape(contender.url);
            resident.push(residentBytes(contender.pid) / 1e6);
          }
          await check([contender], prometheus, { served: 'churning', count: n, n: scrapes - 1 });
          const fifth = (i: number): number => median(resident.slice((scrapes * i) / 5, (scrapes * (i + 1)) / 5));
          tally.add(contender.name, { settledMb: fifth(1), lateMb: fifth(4), memoryRatio: fifth(4) / fifth(1) });
        }
        return tally.measured();
      } finally {
        prometheus.close();
      }
    });
}
