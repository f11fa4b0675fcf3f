import type { Metric } from '../../metric/metric.ts';
import { camelCase, type Slo } from '../../metric/views.ts';
import type { AlertCase, AlertRule, InputSeries, RecordingRule } from '../declared.ts';
import { isBound, selector } from '../selector.ts';
import { matching, rising } from './level.ts';
import { nameIn, type Scope, targetIn } from './scope.ts';
import { labelValue } from './texts.ts';

/**
 * Burn rates of an error budget over 30 days, as multiples of the rate that would just use it up. Each holds over a long window,
 * and over a short one, so that the alert ends soon after the trouble. Source: The Site Reliability Workbook, chapter 5.
 */
const burns = {
  fast: [
    { factor: 14.4, long: '1h', short: '5m' },
    { factor: 6, long: '6h', short: '30m' },
  ],
  slow: [
    { factor: 3, long: '1d', short: '2h' },
    { factor: 1, long: '3d', short: '6h' },
  ],
} as const;

const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

/** The share of observations above the objective's bound, over each window. */
export function sloRules(scope: Scope, metric: Metric, { under }: Slo): RecordingRule[] {
  return windows.map((window) => ({
    record: recorded(metric, window),
    expr: scope
      .names(metric)
      .flatMap((name) => slowShares(scope, { ...metric, name }, under, window))
      .map((share, _, all) => (all.length === 1 ? share : `(${share})`))
      .join(' or '),
  }));
}

const recorded = ({ name }: Metric, window: string): string =>
  `job:${name.replace(/[^a-zA-Z0-9_]/g, '_')}:slow_ratio_rate${window}`;

function slowShares({ matcher }: Scope, { name, buckets, native }: Metric, under: number, window: string): string[] {
  const sum = (one: string, ...matchers: readonly string[]): string =>
    `sum by (job) (rate(${selector(one, matcher, ...matchers)}[${window}]))`;
  const classic = `1 - ${sum(`${name}_bucket`, isBound(under))} / ${sum(`${name}_count`)}`;
  const natively = `1 - histogram_fraction(-Inf, ${under}, ${sum(name)})`;
  return [...(buckets.length === 0 ? [] : [classic]), ...(native === false ? [] : [natively])];
}

/** Alerts on an error budget that does not last: one that wakes somebody up, and one that becomes a ticket. */
export function sloAlerts(scope: Scope, metric: Metric, slo: Slo): AlertRule[] {
  const budget = exact((100 - slo.objective) / 100);
  return (['fast', 'slow'] as const).flatMap((pace) => {
    // A share above 1 does not exist.
    const reachable = burns[pace].filter(({ factor }) => factor * budget < 1);
    if (reachable.length === 0) return [];
    const arms = reachable.map(({ factor, long, short }) => {
      const over = (window: string): string =>
        `${selector(recorded(metric, window), scope.matcher)} > ${exact(factor * budget)}`;
      return `(${over(long)} and ${over(short)})`;
    });
    return [
      {
        alert: nameIn(scope, `${camelCase(metric.name)}Budget${pace === 'fast' ? 'BurnsFast' : 'Burns'}`),
        expr: arms.join(' or '),
        for: pace === 'fast' ? '2m' : '15m',
        severity: pace === 'fast' ? 'critical' : 'warning',
        summary: `Error budget is spent ${pace === 'fast' ? 'far ' : ''}too fast.`,
        description:
          `{{ $value | humanizePercentage }} of what ${metric.name} of job ${labelValue('job')} observes is above ${slo.under} ${metric.unit}; its objective of ${slo.objective}% allows ${exact(budget * 100)}%.`.replace(
            ' ;',
            ';',
          ),
        metrics: scope.names(metric),
        cases: casesOf(scope, metric, slo, budget, pace),
      } satisfies AlertRule,
    ];
  });
}

/** Without what binary fractions add: 0.1 × 3 is 0.3. */
const exact = (value: number): number => Number(value.toPrecision(12));

function casesOf(scope: Scope, metric: Metric, { under }: Slo, budget: number, pace: 'fast' | 'slow'): AlertCase[] {
  const { job } = targetIn(scope);
  const [bad, fine] = pace === 'fast' ? [Math.min(1, 20 * budget), 2 * budget] : [Math.min(1, 2 * budget), budget / 2];
  const at = (share: number, series: typeof classicSeries) => series(scope, metric, under, share);
  const percent = (share: number): string => `${exact(share * 100)}% are above ${under}`;
  const fires = { labels: { job: job! }, value: bad };
  const both = metric.native !== false && metric.buckets.length > 0;
  const usual = metric.buckets.length > 0 ? classicSeries : nativeSeries;
  return [
    { title: percent(bad), series: at(bad, usual), fires },
    ...(both ? [{ title: `${percent(bad)}, in a native histogram`, series: at(bad, nativeSeries), fires }] : []),
    { title: percent(fine), series: at(fine, usual) },
  ];
}

const PER_SECOND = 1000;

const labelsOf = (scope: Scope, { labels }: Metric): { readonly [label: string]: string } => ({
  ...targetIn(scope),
  ...Object.fromEntries(labels.map(({ name, values }) => [name, values?.[0] ?? `some ${name}`])),
});

function classicSeries(scope: Scope, metric: Metric, under: number, slow: number): InputSeries[] {
  const labels = labelsOf(scope, metric);
  return [
    rising(`${metric.name}_bucket`, { ...labels, le: String(under) }, exact(PER_SECOND * (1 - slow))),
    rising(`${metric.name}_count`, labels, PER_SECOND),
  ];
}

function nativeSeries(scope: Scope, metric: Metric, under: number, slow: number): InputSeries[] {
  const custom = `schema:-53 custom_values:[${under}]`;
  const [good, bad] = [exact(60 * PER_SECOND * (1 - slow)), exact(60 * PER_SECOND * slow)];
  const each = `{{${custom} sum:${good + bad} count:${good + bad} buckets:[${good} ${bad}]}}`;
  return [
    {
      series: selector(metric.name, ...matching(labelsOf(scope, metric))),
      values: `{{${custom} sum:0 count:0 buckets:[0 0]}}+${each}`,
    },
  ];
}
