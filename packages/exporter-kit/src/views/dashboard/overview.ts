import type { Metric } from '../../metric/metric.ts';
import type { DeclaredGroup, DeclaredProgram, Panel } from '../declared.ts';
import { isBound } from '../selector.ts';
import type { Drawn } from './drawn.ts';
import { forNames, highest, overRange, rate, series, sum } from './expressions.ts';
import { metricPanels, type Written } from './metric-panels.ts';
import { descriptionOf, titleOf } from './titles.ts';

/** Most panels of each kind. */
const MOST = 4;

/**
 * What somebody looks at first: whether targets, collectors, probes and jobs are well, objectives, then rate, errors and
 * duration of what has them, and how full things are.
 */
export function overviewPanels({ kind, namespace, groups }: DeclaredProgram, written: Written): Panel[] {
  const all = once(groups);
  const own = once(groups.filter(({ isAuxiliary, kind }) => !isAuxiliary && kind !== 'itself'));
  const verdicts = all.filter(({ name }) => verdictsOf(namespace).includes(name));
  const ups = groups.filter((group) => group.kind === 'source').flatMap(({ metrics }) => metrics.filter(isUp));
  const health = [...ups, ...verdicts].flatMap((metric) => metricPanels(metric, written));
  const objectives = own.filter(({ views }) => views?.slo !== undefined).map(objectivePanel);
  const signals = signalsOf(own.filter((metric) => !verdicts.includes(metric))).map(({ metric, suffix }) =>
    metricPanels(metric, written).find(({ id }) => id.endsWith(suffix)),
  );
  const panels = [
    ...(kind === 'exporter' ? [targetsUp, scrapeDuration] : []),
    ...health,
    ...objectives,
    ...signals.filter((panel) => panel !== undefined),
  ];
  return panels.map((panel) => ({ ...panel, id: `overview:${panel.id}` }));
}

/** Their metrics; one that several write, once. */
const once = (groups: readonly DeclaredGroup[]): Drawn[] => [
  ...new Map(groups.flatMap(({ metrics }) => metrics).map((metric) => [metric.name, metric])).values(),
];

const verdictsOf = (namespace: string): readonly string[] => [
  `${namespace}_scrape_collector_success`,
  `${namespace}_scrape_collector_duration_seconds`,
  `${namespace}_scrape_source_failures_total`,
  'probe_success',
  'probe_duration_seconds',
  'job_success',
  'job_last_success_timestamp_seconds',
  'job_duration_seconds',
];

const isUp = ({ name }: Metric): boolean => /(^|_)up$/.test(name);

const targetsUp: Panel = {
  id: 'up:states',
  title: 'Reached by Prometheus',
  description: 'Whether the last scrape succeeded; the 20 series that were lowest in the time range. Metric: up.',
  type: 'state-timeline',
  unit: 'short',
  states: [
    { name: 'no', tone: 'bad' },
    { name: 'yes', tone: 'good' },
  ],
  queries: [
    { expr: highest(series('up'), overRange('min_over_time', series('up')), true), legend: '{{job}} {{instance}}' },
  ],
  metrics: [],
};

const scrapeDuration: Panel = {
  id: 'scrape_duration_seconds:value',
  title: 'Duration of scrapes',
  description:
    'As Prometheus measures it; the 20 that were longest in the time range. Metric: scrape_duration_seconds.',
  type: 'timeseries',
  unit: 's',
  queries: [
    {
      expr: highest(series('scrape_duration_seconds'), overRange('max_over_time', series('scrape_duration_seconds'))),
      legend: '{{job}} {{instance}}',
    },
  ],
  metrics: [],
};

/** The share of observations that met the objective. */
function objectivePanel(metric: Drawn): Panel {
  const { under, objective } = metric.views!.slo!;
  const expr = (name: string): string => {
    const good = sum(rate(series(`${name}_bucket`, isBound(under))));
    const share = `${good} / ${sum(rate(series(`${name}_count`)))}`;
    return metric.native === false
      ? share
      : `${share} or histogram_fraction(-Inf, ${under}, ${sum(rate(series(name)))})`;
  };
  return {
    id: `${metric.name}:objective`,
    title: `${titleOf(metric)}: not above ${under}`,
    description: descriptionOf(metric, `Share of observations not above ${under}; the objective is ${objective} %.`),
    type: 'timeseries',
    unit: 'percentunit',
    queries: [{ expr: forNames(metric, expr), legend: 'share' }],
    metrics: [metric],
    thresholds: [{ is: 'below', value: objective / 100 }],
  };
}

interface Signal {
  readonly metric: Metric;
  /** Of the id of its panel. */
  readonly suffix: string;
}

/** RED: rate, errors, duration; USE: utilisation, saturation. */
function signalsOf(metrics: readonly Metric[]): Signal[] {
  const durations = metrics.filter(({ kind, unit }) => kind === 'histogram' && unit === 'seconds').slice(0, MOST);
  const pick = (suffix: string, is: (metric: Metric) => boolean): Signal[] =>
    metrics
      .filter(is)
      .slice(0, MOST)
      .map((metric) => ({ metric, suffix }));
  return [
    ...durations.flatMap((metric) => [':count', ':quantiles'].map((suffix) => ({ metric, suffix }))),
    ...(durations.length > 0 ? [] : pick(':rate', ({ kind, name }) => kind === 'counter' && events.test(name))),
    ...pick(':rate', ({ kind, name }) => kind === 'counter' && errors.test(name)),
    ...pick(':value', ({ kind, unit }) => kind === 'gauge' && unit === 'ratio'),
    ...pick(':value', ({ kind, name }) => kind === 'gauge' && queues.test(name)),
  ];
}

const events = /(requests|commands|queries|operations|messages|transactions|processed)(_processed)?_total$/;
const errors = /(errors?|failures?|failed|rejected|exceptions|timeouts|dropped)_total$/;
const queues = /(_|^)(queue|queued|waiting|pending|backlog|blocked|in_flight)(_|$)/;
