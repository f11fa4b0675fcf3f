import { check } from '../measure/check.ts';
import { scraper } from '../measure/http.ts';
import { interleave, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

// As Prometheus sends it.
const prometheusHeaders = {
  accept:
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  'accept-encoding': 'gzip',
  'x-prometheus-scrape-timeout-seconds': '10',
};

/** Longest response time of `/-/healthy` during a scrape. */
export const health: Measure = (entrants, { n, rounds }) =>
  withContenders(entrants, ['mixed', String(n), 'told'], async (contenders) => {
    const [plain, prometheus, prober] = [scraper(), scraper(prometheusHeaders), scraper()];
    try {
      for (const contender of contenders) await contender.ask('turn 0');
      await check(contenders, plain, { served: 'mixed', count: n, n: 0 });
      return await interleave(contenders, { warmups: 2, rounds }, async ({ url, ask }, round) => {
        await ask(`turn ${round + 1}`);
        let scraping = true;
        const scraped = prometheus.scrape(url).finally(() => {
          scraping = false;
        });
        let waitMs = 0;
        while (scraping) waitMs = Math.max(waitMs, (await prober.scrape(new URL('/-/healthy', url).href)).wallMs);
        return { waitMs, wallMs: (await scraped).wallMs };
      });
    } finally {
      for (const one of [plain, prometheus, prober]) one.close();
    }
  });
