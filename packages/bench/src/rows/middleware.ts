import type { Figure } from '../figures.ts';
import type { Contender } from '../measure/contender.ts';
import { scraper } from '../measure/http.ts';
import { loader } from '../measure/load.ts';
import { restedCpuMs } from '../measure/proc.ts';
import { withContenders } from '../measure/rounds.ts';
import { marginOfMedian } from '../measure/statistics.ts';
import type { Measure } from './row.ts';

/** The applications of the contender `express`, in the order of its turns. */
const applications = ['kit', 'kit as middleware', 'empty middleware', 'bare', 'bare again'] as const;
type Application = (typeof applications)[number];

// Short turns, so that a pair of them sees the same machine; and many, since garbage is collected in some of them only.
const REQUESTS = 100;
const AT_MOST_MS = 5_000;
const PAIRS_A_ROUND = 200;
const WARMUPS = 50;

/**
 * CPU time and number of requests to one application of Express with and without what counts its requests, in one process and in turns:
 * A B C … C B A. What it loses of its throughput is the median of its difference from the application without, turn by turn.
 */
export const middleware: Measure = (entrants, { n, rounds }) =>
  withContenders(entrants, [], async (contenders) => {
    const [contender] = contenders as [Contender];
    const { pid, url, ask } = contender;
    const clients = loader(url, n);
    const made = new Map(applications.map((name) => [name, { cpuMs: [] as number[], perSecond: [] as number[] }]));

    async function visit(name: Application): Promise<{ readonly cpuMs: number; readonly perSecond: number }> {
      await ask(`turn ${applications.indexOf(name)}`);
      const [before, served] = [restedCpuMs(pid), Number(await ask('reads'))];
      const perSecond = await clients.run({ atMostMs: AT_MOST_MS, atMostRequests: REQUESTS });
      const requests = Number(await ask('reads')) - served;
      return { perSecond, cpuMs: ((restedCpuMs(pid) - before) / requests) * 1_000 };
    }

    for (let pair = 0; pair < WARMUPS + rounds * PAIRS_A_ROUND; pair++) {
      // Whatever else changes with time affects those that come first as often as those that come last.
      const order = pair % 2 === 0 ? applications : applications.toReversed();
      for (const name of order) {
        const { cpuMs, perSecond } = await visit(name);
        if (pair < WARMUPS) continue;
        made.get(name)!.cpuMs.push(cpuMs);
        made.get(name)!.perSecond.push(perSecond);
      }
    }
    clients.close();
    await checkCounts(contender);

    const bare = made.get('bare')!;
    return new Map(
      applications.map((name): [string, { [F in Figure]?: number[] }] => {
        const own = made.get(name)!;
        if (name === 'bare') return [name, own];
        const more = own.cpuMs.map((cpuMs, pair) => 100 * (cpuMs / bare.cpuMs[pair]! - 1));
        const lost = own.perSecond.map((perSecond, pair) => 100 * (1 - perSecond / bare.perSecond[pair]!));
        return [name, { ...own, lostPercent: lost, morePercent: more, marginPercent: [marginOfMedian(lost)] }];
      }),
    );
  });

/** @throws Error unless every request was counted by its route. */
async function checkCounts({ url, ask }: Contender): Promise<void> {
  const prometheus = scraper();
  try {
    let served = 0;
    for (const name of ['kit', 'kit as middleware'] as const) {
      await ask(`turn ${applications.indexOf(name)}`);
      served += Number(await ask('reads'));
    }
    const text = await prometheus.read(new URL('/metrics', url).href);
    const [, counted] =
      /^http_server_request_duration_seconds_count\{.*route="\/users\/:id".*\} (\d+)$/m.exec(text) ?? [];
    if (Number(counted) !== served) throw new Error(`kit counted ${counted} of ${served} requests`);
  } finally {
    prometheus.close();
  }
}
