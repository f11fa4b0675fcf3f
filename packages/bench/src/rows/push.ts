import { startPushgateway } from 'test-servers';
import type { Visit } from '../figures.ts';
import type { Contender } from '../measure/contender.ts';
import { expected } from '../measure/expected.ts';
import { difference } from '../measure/exposition.ts';
import { restedCpuMs } from '../measure/proc.ts';
import { interleave, meanVisit, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

// Small pushes are too short to be measured one by one.
const SERIES_A_VISIT = 40_000;

/**
 * Runs a whole job repeatedly: it sets all its series to new values, and pushes them to a real Pushgateway.
 * The gateway holds one contender's group at a time, as it compares each push with everything it has.
 */
export const pushes: Measure = async (entrants, { n, rounds }) => {
  const gateway = await startPushgateway();
  const forget = async ({ name }: Contender): Promise<void> => {
    await fetch(`${gateway.url}/metrics/job/${name}`, { method: 'DELETE' });
  };
  try {
    return await withContenders(entrants, ['mixed', String(n), 'told', gateway.url], async (contenders) => {
      const many = Math.max(1, Math.min(40, Math.round(SERIES_A_VISIT / n)));
      let turn = 0;

      async function visit(contender: Contender, round: number): Promise<Visit> {
        const { pid, ask } = contender;
        const visits: Visit[] = [];
        turn = (round + 1) * many;
        // The first push creates the group.
        await ask('push');
        for (let i = 0; i < many; i++) {
          await ask(`turn ${turn + i}`);
          const before = restedCpuMs(pid);
          const from = performance.now();
          await ask('push');
          const wallMs = performance.now() - from;
          const cpuMs = restedCpuMs(pid) - before;
          visits.push({ cpuMs, nsPerSeries: (cpuMs * 1e6) / n, wallMs });
        }
        await check(contender, n, turn + many - 1);
        await forget(contender);
        return meanVisit(visits);
      }

      for (const contender of contenders) {
        await warmUp(contender);
        await check(contender, n, 0);
        await forget(contender);
      }
      return await interleave(contenders, { warmups: 1, rounds }, visit);
    });
  } finally {
    await gateway.stop();
  }
};

/** Warms up: some seconds, or many pushes if they are small. */
async function warmUp({ ask }: Contender): Promise<void> {
  await ask('turn 0');
  const end = performance.now() + 3_000;
  for (let i = 0; i < 1_000 && performance.now() < end; i++) await ask('push');
}

/**
 * Compares the gateway's content with the expected values.
 *
 * @throws Error that names the contender and the first difference
 */
async function check({ name, url }: Contender, count: number, turn: number): Promise<void> {
  const pushed = await (await fetch(`${url}/metrics`)).text();
  const found = difference(expected('mixed', count, turn), pushed.replaceAll(`instance="",job="${name}",`, ''));
  if (found !== undefined) throw new Error(`${name} pushed something else: ${found}`);
}
