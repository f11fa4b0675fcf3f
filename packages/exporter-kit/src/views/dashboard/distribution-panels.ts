import type { Metric } from '../../metric/metric.ts';
import type { Panel, Query } from '../declared.ts';
import type { Drawn } from './drawn.ts';
import { fewLabels, forNames, highest, legendOf, overRange, rate, series, sum } from './expressions.ts';
import type { Written } from './metric-panels.ts';
import { descriptionOf, titleOf } from './titles.ts';
import { unitOf } from './units.ts';

/** Panels of histograms and summaries: how many, how they are distributed. */
export function distributionPanels(metric: Drawn, { isPushed }: Written): Panel[] {
  const panels = [];
  // A gauge histogram has no number of events.
  if (metric.kind !== 'gaugehistogram' && !isPushed) panels.push(countPanel(metric));
  if (metric.kind === 'summary')
    return [...panels, metric.quantiles.length > 0 ? ownQuantiles(metric) : mean(metric, isPushed)];
  const forms = bucketsOf(metric, !isPushed && metric.kind === 'histogram');
  if (forms.length > 0) panels.push(quantiles(metric, forms), heatmap(metric, forms));
  return panels;
}

/** The buckets of a family by name, of all series together: classic ones by `le`, and native ones. */
type Buckets = (name: string) => string;

function bucketsOf({ buckets, native }: Metric, isRate: boolean): Buckets[] {
  const over = isRate ? rate : (selected: string) => selected;
  return [
    ...(buckets.length > 0 ? [(name: string) => sum(over(series(`${name}_bucket`)), ['le'])] : []),
    ...(native === false ? [] : [(name: string) => sum(over(series(name)))]),
  ];
}

function countPanel(metric: Drawn): Panel {
  const few = fewLabels(metric);
  const labels = metric.labels.map(({ name }) => name);
  const perSecond = (name: string, count = (expr: string): string => expr): string =>
    few === undefined
      ? highest(count(rate(series(name))), count(overRange('rate', series(name))))
      : sum(count(rate(series(name))), few);
  const legend = legendOf(few ?? labels, few === undefined);
  const queries: Query[] = [{ expr: forNames(metric, (name) => perSecond(`${name}_count`)), legend }];
  // A query of its own, as VictoriaMetrics lacks the function and stores `_count` for native histograms too.
  if (metric.kind === 'histogram' && metric.native !== false) {
    const expr = forNames(metric, (name) => perSecond(name, (rates) => `histogram_count(${rates})`));
    queries.push({ expr, legend });
  }
  return {
    id: `${metric.name}:count`,
    title: `${titleOf(metric)}: how many per second`,
    description: descriptionOf(metric, 'Observations per second.'),
    type: 'timeseries',
    unit: /request/.test(metric.name) ? 'reqps' : 'ops',
    queries,
    metrics: [metric],
  };
}

function quantiles(metric: Drawn, forms: readonly Buckets[]): Panel {
  const query = (quantile: number): Query => ({
    expr: forNames(metric, (name) =>
      forms.map((form) => `histogram_quantile(${quantile}, ${form(name)})`).join(' or '),
    ),
    legend: `p${quantile * 100}`,
  });
  return {
    id: `${metric.name}:quantiles`,
    title: `${titleOf(metric)}: quantiles`,
    description: descriptionOf(metric, 'Median, 90th and 99th percentile of all chosen instances together.'),
    type: 'timeseries',
    unit: unitOf(metric),
    queries: [0.5, 0.9, 0.99].map(query),
    metrics: [metric],
  };
}

function heatmap(metric: Drawn, forms: readonly Buckets[]): Panel {
  // One form only: the next is asked where there is nothing at all.
  const or = ' or on () ';
  const expr = forNames(metric, (name) => forms.map((form) => form(name)).join(or), or);
  return {
    id: `${metric.name}:heatmap`,
    title: `${titleOf(metric)}: distribution`,
    description: descriptionOf(metric, 'Observations by bucket, of all chosen instances together.'),
    type: 'heatmap',
    unit: unitOf(metric),
    queries: [{ expr, legend: '{{le}}' }],
    metrics: [metric],
  };
}

/** A summary's quantiles, which can't be added up. */
function ownQuantiles(metric: Drawn): Panel {
  const labels = metric.labels.map(({ name }) => name);
  return {
    id: `${metric.name}:quantiles`,
    title: `${titleOf(metric)}: quantiles`,
    description: descriptionOf(metric, 'Quantiles as the source computes them.'),
    type: 'timeseries',
    unit: unitOf(metric),
    queries: [
      {
        expr: forNames(metric, (name) => highest(series(name), overRange('max_over_time', series(name)))),
        legend: legendOf([...labels, 'quantile']),
      },
    ],
    metrics: [metric],
  };
}

function mean(metric: Drawn, isPushed: boolean): Panel {
  const expr = (name: string): string => {
    const [total, count] = [series(`${name}_sum`), series(`${name}_count`)];
    if (isPushed) return highest(`${total} / ${count}`, overRange('max_over_time', count));
    return highest(`${rate(total)} / ${rate(count)}`, overRange('rate', count));
  };
  return {
    id: `${metric.name}:mean`,
    title: `${titleOf(metric)}: mean`,
    description: descriptionOf(metric, 'Mean of the most frequent ones.'),
    type: 'timeseries',
    unit: unitOf(metric),
    queries: [{ expr: forNames(metric, expr), legend: legendOf(metric.labels.map(({ name }) => name)) }],
    metrics: [metric],
  };
}
