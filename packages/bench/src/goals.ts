import { type Figure, type Measured, moreIsBetter } from './figures.ts';
import { median } from './measure/statistics.ts';

/** A goal for the kit. */
export interface Goal {
  readonly figure: Figure;
  /** The contender that has the goal; default: `kit`. */
  readonly of?: string;
  /** The contender to compare with; absent for an absolute figure. */
  readonly against?: string;
  /** Minimum factor by which the kit is better. */
  readonly times?: number;
  /** Maximum: as a share of the other's figure, or absolute. */
  readonly atMost?: number;
}

/** A goal and its result in some runs. */
export interface Verdict extends Goal {
  /** One for each run in which both were measured. */
  readonly measured: readonly number[];
  /** The number of runs that reached it. */
  readonly reached: number;
}

/** Compares the results of each run with a goal. */
export function judge(goal: Goal, runs: readonly Measured[]): Verdict {
  const { times, atMost = Number.POSITIVE_INFINITY } = goal;
  const measured = runs.map((run) => compare(goal, run)).filter((value) => !Number.isNaN(value));
  const reached = measured.filter((value) => (times === undefined ? value <= atMost : value >= times)).length;
  return { ...goal, measured, reached };
}

function compare({ figure, of = 'kit', against, times }: Goal, run: Measured): number {
  const medianOf = (name: string): number => median(run.get(name)?.[figure] ?? []);
  const own = medianOf(of);
  const other = against === undefined ? 1 : medianOf(against);
  return times !== undefined && !moreIsBetter.has(figure) ? other / own : own / other;
}

/** The goal as text, such as `≥ 12 ×` or `≤ 8`. */
export function bound({ against, times, atMost }: Goal): string {
  const sign = times === undefined ? `≤ ${atMost}` : `≥ ${times}`;
  return against === undefined ? sign : `${sign} ×`;
}
