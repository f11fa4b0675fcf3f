import { check } from '../measure/check.ts';
import { scraper } from '../measure/http.ts';
import { restedCpuMs } from '../measure/proc.ts';
import { interleave, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

/** Several scrapes at once: CPU of all, time until the last is answered, and number of reads of the source. */
export function burst(scrapers: number): Measure {
  return (entrants, { n, rounds }) =>
    withContenders(entrants, ['mixed', String(n), 'told'], async (contenders) => {
      const all = scraper({}, scrapers);
      try {
        for (const contender of contenders) await contender.ask('turn 0');
        await check(contenders, all, { served: 'mixed', count: n, n: 0 });
        return await interleave(contenders, { warmups: 2, rounds }, async ({ pid, url, ask }, round) => {
          await ask(`turn ${round + 1}`);
          const readsBefore = Number(await ask('reads'));
          const before = restedCpuMs(pid);
          const answers = await Promise.all(Array.from({ length: scrapers }, () => all.scrape(url)));
          return {
            cpuMs: restedCpuMs(pid) - before,
            wallMs: Math.max(...answers.map(({ wallMs }) => wallMs)),
            collections: Number(await ask('reads')) - readsBefore,
          };
        });
      } finally {
        all.close();
      }
    });
}
