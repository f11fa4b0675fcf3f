import type { Metric } from '../../metric/metric.ts';

import type { InputSeries } from '../declared.ts';
import { is, selector } from '../selector.ts';

/** Range of rates: Prometheus' own for rules. Covers four scrapes at the default interval of a minute. */
export const RANGE = '5m';

/**
 * The level of a metric, one number for each of its series, which can be compared with a threshold: of a counter, its increase
 * per second; of what has observations, their mean.
 */
export interface Level {
  /** PromQL, for one name of the metric. `sum` wraps what is to be summed up. */
  expr(name: string, matchers: readonly string[], sum: Sum): string;
  /** Series with this level. */
  series(name: string, labels: SeriesLabels, level: number): InputSeries[];
  /** The same with native histograms, if the metric may have them. */
  nativeSeries?(name: string, labels: SeriesLabels, level: number): InputSeries[];
}

export type Sum = (expr: string) => string;
export type SeriesLabels = { readonly [label: string]: string };

/** How a metric's level is asked. */
export function levelOf({ kind, native, buckets }: Metric): Level {
  switch (kind) {
    case 'counter':
      return counted;
    case 'summary':
      return observed;
    case 'histogram':
      return native === false ? observed : buckets.length === 0 ? natively : either;
    case 'gaugehistogram':
      return distributed;
    default:
      return plain;
  }
}

const rate = (name: string, matchers: readonly string[]): string => `rate(${selector(name, ...matchers)}[${RANGE}])`;

const plain: Level = {
  expr: (name, matchers, sum) => sum(selector(name, ...matchers)),
  series: (name, labels, level) => [constant(name, labels, level)],
};

const counted: Level = {
  expr: (name, matchers, sum) => sum(rate(name, matchers)),
  series: (name, labels, level) => [rising(name, labels, level)],
};

const observed: Level = {
  expr: (name, matchers, sum) => `${sum(rate(`${name}_sum`, matchers))} / ${sum(rate(`${name}_count`, matchers))}`,
  series: (name, labels, level) => [rising(`${name}_sum`, labels, level), rising(`${name}_count`, labels, 1)],
};

const natively: Level = {
  expr: (name, matchers, sum) => `histogram_avg(${sum(rate(name, matchers))})`,
  series: (name, labels, level) => {
    const first = `{{schema:0 sum:0 count:0 buckets:[0]}}`;
    const each = `{{schema:0 sum:${level * 60} count:60 buckets:[60]}}`;
    return [{ series: selector(name, ...matching(labels)), values: `${first}+${each}` }];
  },
};

const either: Level = {
  expr: (...all) => `(${observed.expr(...all)} or ${natively.expr(...all)})`,
  series: observed.series,
  nativeSeries: natively.series,
};

/** Under the names of text formats, and under those that Prometheus gives to what it reads from protobuf. */
const distributed: Level = {
  expr(name, matchers, sum) {
    const mean = (total: string, count: string): string =>
      `${sum(selector(name + total, ...matchers))} / ${sum(selector(name + count, ...matchers))}`;
    const native = `histogram_avg(${sum(selector(name, ...matchers))})`;
    return `(${mean('_gsum', '_gcount')} or ${mean('_sum', '_count')} or ${native})`;
  },
  series: (name, labels, level) => [constant(`${name}_gsum`, labels, level), constant(`${name}_gcount`, labels, 1)],
};

/** A series that stays at `value`. */
export const constant = (name: string, labels: SeriesLabels, value: number): InputSeries => ({
  series: selector(name, ...matching(labels)),
  values: String(value),
});

/** A counter that rises by `perSecond`, and did so before: the rate of one that begins with 0 is not extrapolated below. */
export const rising = (name: string, labels: SeriesLabels, perSecond: number): InputSeries => ({
  series: selector(name, ...matching(labels)),
  values: `${perSecond * 600}+${perSecond * 60}`,
});

export const matching = (labels: SeriesLabels): string[] =>
  Object.entries(labels).map(([name, value]) => is(name, value));
