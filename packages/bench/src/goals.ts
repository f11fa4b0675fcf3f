import { type Figure, type Measured, moreIsBetter } from './figures.ts';
import { median } from './measure/statistics.ts';

/** What the kit is to reach. */
export interface Goal {
  readonly figure: Figure;
  /** Whom it is compared with; the figure stands for itself without. */
  readonly against?: string;
  /** How many times better than the other at least. */
  readonly times?: number;
  /** How large it may be: as a share of the other's, or as it is. */
  readonly atMost?: number;
}

/** A goal, and what became of it. */
export interface Verdict extends Goal {
  /** `undefined` when one of the two was not measured. */
  readonly measured: number | undefined;
  readonly reached: boolean | undefined;
}

/** Holds what was measured against a goal. */
export function judge(goal: Goal, measured: Measured): Verdict {
  const { figure, against, times, atMost = Number.POSITIVE_INFINITY } = goal;
  const of = (name: string): number => median(measured.get(name)?.[figure] ?? []);
  const kit = of('kit');
  const other = against === undefined ? 1 : of(against);
  const better = times !== undefined && !moreIsBetter.has(figure) ? other / kit : kit / other;
  if (Number.isNaN(better)) return { ...goal, measured: undefined, reached: undefined };
  return { ...goal, measured: better, reached: times === undefined ? better <= atMost : better >= times };
}

/** What is asked, such as `≥ 12 ×` or `≤ 8`. */
export function bound({ against, times, atMost }: Goal): string {
  const sign = times === undefined ? `≤ ${atMost}` : `≥ ${times}`;
  return against === undefined ? sign : `${sign} ×`;
}
