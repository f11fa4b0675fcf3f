import { CYCLE } from '../data/calls.ts';
import type { Visit } from '../figures.ts';
import { checkLines } from '../measure/check.ts';
import type { Contender } from '../measure/contender.ts';
import { expectedOfCalls } from '../measure/expected-calls.ts';
import { scraper } from '../measure/http.ts';
import { restedCpuMs } from '../measure/proc.ts';
import { interleave, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

// Long enough that most of a visit is not spent on filling the processor's caches, which the contender before has emptied; short
// enough that something else slows few of them down.
const VISIT_MS = 200;
const VISITS_A_ROUND = 3;

/** CPU time of the kind of call that a row is named after. */
export function called(kind: `${'inc' | 'observe'}-${'bound' | 'labels'}` | 'add-bound'): Measure {
  return (entrants, { n, rounds }) =>
    withContenders(entrants, [kind, String(n), 'told'], async (contenders) => {
      const prometheus = scraper();
      const made = new Map<Contender, number>();
      const many = new Map<Contender, number>();

      async function make(contender: Contender, calls: number): Promise<Visit> {
        const before = restedCpuMs(contender.pid);
        await contender.ask(`turn ${calls}`);
        made.set(contender, (made.get(contender) ?? 0) + calls);
        return { nsPerCall: ((restedCpuMs(contender.pid) - before) * 1e6) / calls };
      }

      async function checkAll(): Promise<void> {
        for (const contender of contenders) {
          await checkLines(contender, prometheus, expectedOfCalls(kind, n, made.get(contender)!));
        }
      }

      try {
        for (const contender of contenders) {
          // Warms up, until a visit takes long enough to be measured.
          let calls = CYCLE;
          for (; ((await make(contender, calls)).nsPerCall! * calls) / 1e6 < VISIT_MS; calls *= 2);
          many.set(contender, calls);
        }
        await checkAll();
        const measured = await interleave(contenders, { warmups: 5, rounds: rounds * VISITS_A_ROUND }, (contender) =>
          make(contender, many.get(contender)!),
        );
        await checkAll();
        return measured;
      } finally {
        prometheus.close();
      }
    });
}
