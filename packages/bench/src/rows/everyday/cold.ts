import { setTimeout as sleep } from 'node:timers/promises';
import type { Visit } from '../../figures.ts';
import { check } from '../../measure/check.ts';
import type { Contender } from '../../measure/contender.ts';
import { scraper } from '../../measure/http.ts';
import { restedCpuMs } from '../../measure/proc.ts';
import { Tally, withContenders } from '../../measure/rounds.ts';
import type { Measure } from '../row.ts';

const SCRAPES = 10;
const INTERVAL_MS = 8_000;
// An exporter runs for weeks: what V8 compiles in its first minutes is not what a scrape costs.
const BEFORE = 2_000;

/**
 * Scrapes as Prometheus does: one, then seconds of nothing, in which caches go cold and connections may end. CPU time is that
 * of the whole interval, with what a process does after its answer. All contenders are asked in the same intervals, one
 * after the other.
 */
export const cold: Measure = (entrants, { n }) =>
  withContenders(entrants, ['mixed', String(n), 'told'], async (contenders) => {
    const tally = new Tally();
    const prometheus = scraper();
    try {
      for (const contender of contenders) await contender.ask('turn 0');
      await check(contenders, prometheus, { served: 'mixed', count: n, n: 0 });
      for (const { url, ask } of contenders) {
        for (let scrape = 1; scrape <= BEFORE; scrape++) {
          await ask(`turn ${scrape}`);
          await prometheus.scrape(url);
        }
      }
      for (let scrape = BEFORE + 1; scrape <= BEFORE + SCRAPES; scrape++) {
        const from = performance.now();
        const asked = new Map<Contender, Visit & { readonly before: number }>();
        for (const contender of contenders) {
          const { pid, url, ask } = contender;
          await ask(`turn ${scrape}`);
          const before = restedCpuMs(pid);
          const { bytes, wallMs } = await prometheus.scrape(url);
          asked.set(contender, { before, wallMs, bytesPerSeries: bytes / n });
        }
        await sleep(INTERVAL_MS - (performance.now() - from));
        for (const [{ name, pid }, { before, ...visit }] of asked) {
          const cpuMs = restedCpuMs(pid) - before;
          tally.add(name, { cpuMs, nsPerSeries: (cpuMs * 1e6) / n, ...visit });
        }
      }
      await check(contenders, prometheus, { served: 'mixed', count: n, n: BEFORE + SCRAPES });
      return tally.measured();
    } finally {
      prometheus.close();
    }
  });
