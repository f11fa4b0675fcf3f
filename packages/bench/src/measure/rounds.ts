import type { Figure, Measured, Visit } from '../figures.ts';
import { type Contender, start } from './contender.ts';
import type { Entrant } from './entrants.ts';

/** Collects the results of visits. */
export class Tally {
  readonly #samples = new Map<string, { [F in Figure]?: number[] }>();

  add(name: string, visit: Visit): void {
    const figures = this.#samples.get(name) ?? {};
    this.#samples.set(name, figures);
    for (const [figure, value] of Object.entries(visit) as [Figure, number][]) {
      figures[figure] ??= [];
      figures[figure].push(value);
    }
  }

  measured(): Measured {
    return this.#samples;
  }
}

/** The results of several runs as those of one. */
export function together(runs: readonly Measured[]): Measured {
  const all = new Map<string, { [F in Figure]?: readonly number[] }>();
  for (const run of runs) {
    for (const [name, of] of run) {
      const figures = all.get(name) ?? {};
      all.set(name, figures);
      for (const [figure, values] of Object.entries(of) as [Figure, readonly number[]][]) {
        figures[figure] = [...(figures[figure] ?? []), ...values];
      }
    }
  }
  return all;
}

/** Each figure's mean over several visits. */
export function meanVisit(visits: readonly Visit[]): Visit {
  const figures = Object.keys(visits[0] ?? {}) as Figure[];
  return Object.fromEntries(
    figures.map((figure) => [figure, visits.reduce((sum, visit) => sum + visit[figure]!, 0) / visits.length]),
  );
}

/** Runs a function with all entrants started, and stops them afterwards. */
export async function withContenders<T>(
  entrants: readonly Entrant[],
  args: readonly string[],
  use: (contenders: readonly Contender[]) => Promise<T>,
): Promise<T> {
  const contenders: Contender[] = [];
  try {
    for (const { name, program } of entrants) contenders.push(await start(name, program, args));
    return await use(contenders);
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
}

/**
 * Visits A, B, C, A, B, C, …, so that a machine that slows down does so for all. The first rounds are warm-ups and not
 * counted.
 */
export async function interleave<C extends { readonly name: string }>(
  contenders: readonly C[],
  { warmups, rounds }: { readonly warmups: number; readonly rounds: number },
  visit: (contender: C, round: number) => Promise<Visit>,
): Promise<Measured> {
  const tally = new Tally();
  for (let round = 0; round < warmups + rounds; round++) {
    for (const contender of contenders) {
      const measured = await visit(contender, round);
      if (round >= warmups) tally.add(contender.name, measured);
    }
  }
  return tally.measured();
}
