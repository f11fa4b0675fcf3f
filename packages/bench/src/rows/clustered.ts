import { setTimeout as sleep } from 'node:timers/promises';
import { familyName, makeApplication } from '../data/calls.ts';
import type { Visit } from '../figures.ts';
import { checkLines } from '../measure/check.ts';
import type { Contender } from '../measure/contender.ts';
import { seriesKey } from '../measure/exposition.ts';
import { scraper } from '../measure/http.ts';
import { restedCpuMs, withChildren } from '../measure/proc.ts';
import { interleave, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

const WORKERS = 4;
const VISITS_A_ROUND = 2;
const SETTLED_MS = 20_000;

/** A scrape of a cluster whose workers have counted every series since the one before: the CPU time of all its processes. */
export const clustered: Measure = (entrants, { n, rounds }) =>
  withContenders(entrants, ['counters', String(n), 'told'], async (contenders) => {
    const prometheus = scraper();
    const { series } = makeApplication(n);
    const turns = new Map<Contender, number>();

    async function turn(contender: Contender): Promise<void> {
      await contender.ask('turn 1');
      turns.set(contender, (turns.get(contender) ?? 0) + 1);
    }

    /** Workers may tell later than they count. */
    async function checked(contender: Contender): Promise<void> {
      const value = turns.get(contender)! * WORKERS * 0.5;
      const lines = new Map(series.map(({ family, labels }) => [seriesKey(familyName('inc', family), labels), value]));
      for (const from = performance.now(); ; ) {
        try {
          await checkLines(contender, prometheus, lines);
          return;
        } catch (error) {
          if (performance.now() - from > SETTLED_MS) throw error;
          await sleep(50);
        }
      }
    }

    async function visit(contender: Contender): Promise<Visit> {
      await turn(contender);
      // Until all is told, so that it is only the scrape that is measured.
      await checked(contender);
      const pids = withChildren(contender.pid);
      const cpuMs = (): number => pids.reduce((sum, pid) => sum + restedCpuMs(pid), 0);
      await contender.ask('watch');
      const before = cpuMs();
      const { wallMs } = await prometheus.scrape(contender.url);
      return { cpuMs: cpuMs() - before, wallMs, stallMs: Number(await contender.ask('stall')) };
    }

    try {
      return await interleave(contenders, { warmups: 5, rounds: rounds * VISITS_A_ROUND }, visit);
    } finally {
      prometheus.close();
    }
  });
