import type { Metric } from '../../metric/metric.ts';
import type { Condition } from '../../metric/views.ts';
import type { InputSeries } from '../declared.ts';
import { type Asked, keptOf, levelExpr, listOf, type Rule, seriesLabels } from './asked.ts';
import { levelOf } from './level.ts';

type Threshold = Extract<Condition, { is: 'above' | 'below' }>;

const compare = { above: '>', below: '<' } as const;

/** The metric's level on one side of a number. */
export function threshold(asked: Asked, { is: side, value }: Threshold): Rule {
  const { metric, scope } = asked;
  const { series, nativeSeries } = levelOf(metric);
  const names = scope.names(metric);
  const labels = seriesLabels(asked, metric);
  const far = distance(value) * (side === 'above' ? 1 : -1);
  const level = value + far;
  // What is compared as it is exposed can be exactly the threshold; the rate of a counter at rest is exactly 0.
  const isExact = metric.kind === 'gauge' || metric.kind === 'unknown' || value === 0;
  const silent = isExact ? value : value - far;
  const what = `${side} ${value}`;
  return {
    expr: `${levelExpr(asked, metric)} ${compare[side]} ${value}`,
    cases: [
      ...names.map((name) => ({ title: `${name} is ${what}`, series: series(name, labels, level), level })),
      ...(nativeSeries === undefined ? [] : names).map((name) => ({
        title: `${name}, a native histogram, is ${what}`,
        series: nativeSeries!(name, labels, level),
        level,
      })),
      { title: `${names[0]} is not ${what}`, series: series(names[0]!, labels, silent) },
    ],
  };
}

const distance = (value: number): number => (value === 0 ? 1 : Math.abs(value) / 2);

/** Of the whole, in tests. */
const WHOLE = 100;

/** The metric divided by another, where that is not 0. */
export function share(asked: Asked, { is: side, value }: Threshold, whole: Metric): Rule {
  const { metric, scope, alert } = asked;
  const extra = keptOf(metric, alert).filter((label) => !keptOf(whole, alert).includes(label));
  const matching = extra.length === 0 ? '' : `${listOf('ignoring', extra)} group_left () `;
  const low = value - distance(value);
  const high = value < 1 ? (value + 1) / 2 : value + distance(value);
  const [level, silent] = side === 'above' ? [high, low] : [low, high];
  const [names, wholes] = [scope.names(metric), scope.names(whole)];
  const at = (one: number, all: number, pick: (names: readonly string[]) => string): InputSeries[] => [
    ...levelOf(metric).series(pick(names), seriesLabels(asked, metric), one),
    ...levelOf(whole).series(pick(wholes), seriesLabels(asked, whole), all),
  ];
  const newName = ([first]: readonly string[]): string => first!;
  const oldName = (all: readonly string[]): string => all.at(-1)!;
  const what = `${metric.name} divided by ${whole.name} is`;
  const isRenamed = names.length + wholes.length > 2;
  return {
    expr: `${levelExpr(asked, metric)} / ${matching}(${levelExpr(asked, whole)} > 0) ${compare[side]} ${value}`,
    cases: [
      { title: `${what} ${side} ${value}`, series: at(level * WHOLE, WHOLE, newName), level },
      ...(isRenamed
        ? [{ title: `${what} ${side} ${value}, by the old names`, series: at(level * WHOLE, WHOLE, oldName), level }]
        : []),
      { title: `${what} not ${side} ${value}`, series: at(silent * WHOLE, WHOLE, newName) },
      { title: `${whole.name} is 0`, series: at(side === 'above' ? WHOLE : 0, 0, newName) },
    ],
  };
}
