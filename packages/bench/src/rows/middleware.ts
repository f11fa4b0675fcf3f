import { scraper } from '../measure/http.ts';
import { load } from '../measure/load.ts';
import { restedCpuMs } from '../measure/proc.ts';
import { interleave, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

// Short visits, so that those during which something else slows the machine down are few.
const REQUESTS = 1_000;
// As many as start within this time.
const AT_MOST_MS = 5_000;
const VISITS_A_ROUND = 9;

/** Responses per second of an application, with and without what counts its requests. */
export const middleware: Measure = (entrants, { n, rounds }) =>
  withContenders(entrants, [], async (contenders) => {
    const measured = await interleave(
      contenders,
      { warmups: 9, rounds: rounds * VISITS_A_ROUND },
      async ({ pid, url, ask }) => {
        const [before, served] = [restedCpuMs(pid), Number(await ask('reads'))];
        const perSecond = await load(url, { connections: n, atMostMs: AT_MOST_MS, atMostRequests: REQUESTS });
        const made = Number(await ask('reads')) - served;
        return { perSecond, cpuMs: ((restedCpuMs(pid) - before) / made) * 1_000 };
      },
    );
    const prometheus = scraper();
    try {
      for (const { name, url, ask } of contenders) {
        if (name !== 'kit') continue;
        const text = await prometheus.read(new URL('/metrics', url).href);
        const counted = /^http_server_request_duration_seconds_count\{.*route="\/users\/:id".*\} (\d+)$/m.exec(
          text,
        )?.[1];
        const served = await ask('reads');
        if (counted !== served) throw new Error(`${name} counted ${counted} of ${served} requests`);
      }
    } finally {
      prometheus.close();
    }
    return measured;
  });
