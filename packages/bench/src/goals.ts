import { type Figure, type Measured, moreIsBetter } from './figures.ts';
import { median } from './measure/statistics.ts';

/** A goal for the kit. */
export interface Goal {
  readonly figure: Figure;
  /** The contender to compare with; absent for an absolute figure. */
  readonly against?: string;
  /** Minimum factor by which the kit is better. */
  readonly times?: number;
  /** Maximum: as a share of the other's figure, or absolute. */
  readonly atMost?: number;
}

/** A goal and its result. */
export interface Verdict extends Goal {
  /** `undefined` if one of the two was not measured. */
  readonly measured: number | undefined;
  readonly reached: boolean | undefined;
}

/** Compares results with a goal. */
export function judge(goal: Goal, measured: Measured): Verdict {
  const { figure, against, times, atMost = Number.POSITIVE_INFINITY } = goal;
  const of = (name: string): number => median(measured.get(name)?.[figure] ?? []);
  const kit = of('kit');
  const other = against === undefined ? 1 : of(against);
  const better = times !== undefined && !moreIsBetter.has(figure) ? other / kit : kit / other;
  if (Number.isNaN(better)) return { ...goal, measured: undefined, reached: undefined };
  return { ...goal, measured: better, reached: times === undefined ? better <= atMost : better >= times };
}

/** The goal as text, such as `≥ 12 ×` or `≤ 8`. */
export function bound({ against, times, atMost }: Goal): string {
  const sign = times === undefined ? `≤ ${atMost}` : `≥ ${times}`;
  return against === undefined ? sign : `${sign} ×`;
}
