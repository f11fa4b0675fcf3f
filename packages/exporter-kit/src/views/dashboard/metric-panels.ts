import { isBucketed, type Metric } from '../../metric/metric.ts';
import { isPointInTime } from '../../metric/point-in-time.ts';
import { alertsIn } from '../../metric/views.ts';
import type { Panel, Query } from '../declared.ts';
import { by, is } from '../selector.ts';
import { distributionPanels } from './distribution-panels.ts';
import type { Drawn } from './drawn.ts';
import { fewLabels, forNames, highest, legendOf, overRange, rate, series, sum, TOP } from './expressions.ts';
import { descriptionOf, titleOf } from './titles.ts';
import { rateUnitOf, unitOf } from './units.ts';

/** How the program's samples reach Prometheus: a job's last result stays as it is, so it has no rates. */
export interface Written {
  readonly isPushed: boolean;
}

/** The panels of a metric, by its type and unit. */
export function metricPanels(metric: Drawn, written: Written): Panel[] {
  const { kind } = metric;
  if (isBucketed(kind) || kind === 'summary') return distributionPanels(metric, written);
  if (isPointInTime(metric)) return [agePanel(metric)];
  if (kind === 'counter' && !written.isPushed) return [ratePanel(metric)];
  if (isInfo(metric)) return [infoPanel(metric)];
  if (kind === 'stateset') return [statePanel(metric)];
  return [isYesNo(metric) ? yesNoPanel(metric) : valuePanel(metric)];
}

const TOPS = `The ${TOP} series that were highest in the time range.`;
const LOWS = `The ${TOP} series that were lowest in the time range.`;

const expiry = /(_|^)(expir|not_after|valid_until)/;

/** Also a gauge that others have called so: its value is 1. */
const isInfo = ({ kind, name, labels }: Metric): boolean =>
  kind === 'info' || (kind === 'gauge' && labels.length > 0 && name.endsWith('_info'));

const isExpiry = ({ name, views }: Metric): boolean =>
  expiry.test(name) || alertsIn(views).some(({ when }) => when.is === 'expires');

/** 1 or 0, by the help's first word. */
const isYesNo = ({ kind, help, unit }: Metric): boolean => kind === 'gauge' && unit === '' && /^whether\b/i.test(help);

/** Names of gauges of which 0 is bad news. */
const good = /(^|_)(up|success|successful|succeeded|healthy|ready|connected)$/;

/** Whether trouble is where values are low, so that the lowest are drawn. */
function isBadWhenLow({ name, views }: Metric): boolean {
  const [first] = alertsIn(views);
  if (first !== undefined) return first.when.is === 'below';
  return /_(available|free|remaining|idle|healthy|ready)(_|$)/.test(name);
}

const queries = (expr: string, legend: string): Query[] => [{ expr, legend }];
const labelNames = ({ labels }: Metric): string[] => labels.map(({ name }) => name);
/** Names a series; what every job writes, by its job too. */
const legendFor = (metric: Metric): string =>
  legendOf([...(metric.name.startsWith('job_') ? ['job'] : []), ...labelNames(metric)]);

const maxBy = (expr: string, labels: readonly string[]): string => `max ${by(labels)} (${expr})`;

/** Where its alerts fire that look at each series alone. */
function thresholdsOf({ views }: Metric): Pick<Panel, 'thresholds'> {
  const thresholds = alertsIn(views).flatMap(({ when, by }) =>
    (when.is === 'above' || when.is === 'below') && when.of === undefined && by === undefined
      ? [{ is: when.is, value: when.value }]
      : [],
  );
  return thresholds.length === 0 ? {} : { thresholds };
}

function ratePanel(metric: Drawn): Panel {
  const few = fewLabels(metric);
  const expr = (name: string): string =>
    few === undefined ? highest(rate(series(name)), overRange('rate', series(name))) : sum(rate(series(name)), few);
  return {
    id: `${metric.name}:rate`,
    title: `${titleOf(metric)}, per second`,
    description: descriptionOf(metric, `Increase per second. ${few === undefined ? TOPS : 'Added up over instances.'}`),
    type: 'timeseries',
    unit: rateUnitOf(metric),
    queries: queries(forNames(metric, expr), legendOf(few ?? labelNames(metric), few === undefined)),
    metrics: [metric],
    ...thresholdsOf(metric),
  };
}

function valuePanel(metric: Drawn): Panel {
  const isLowest = isBadWhenLow(metric);
  const expr = (name: string): string =>
    highest(series(name), overRange(isLowest ? 'min_over_time' : 'max_over_time', series(name)), isLowest);
  return {
    id: `${metric.name}:value`,
    title: titleOf(metric),
    description: descriptionOf(metric, isLowest ? LOWS : TOPS),
    type: 'timeseries',
    unit: unitOf(metric),
    queries: queries(forNames(metric, expr), legendFor(metric)),
    metrics: [metric],
    ...thresholdsOf(metric),
  };
}

/** A gauge that is 1 or 0. */
function yesNoPanel(metric: Drawn): Panel {
  const isGood = good.test(metric.name);
  const whole = (name: string): string => overRange(isGood ? 'min_over_time' : 'max_over_time', series(name));
  return {
    id: `${metric.name}:states`,
    title: titleOf(metric),
    description: descriptionOf(metric, isGood ? LOWS : TOPS),
    type: 'state-timeline',
    unit: 'short',
    states: isGood
      ? [
          { name: 'no', tone: 'bad' },
          { name: 'yes', tone: 'good' },
        ]
      : [{ name: 'no' }, { name: 'yes' }],
    queries: queries(
      forNames(metric, (name) => highest(series(name), whole(name), isGood)),
      legendFor(metric),
    ),
    metrics: [metric],
  };
}

/** A row for each set of labels, with the number of its state. */
function statePanel(metric: Drawn): Panel {
  const kept = ['job', 'instance', ...labelNames(metric)];
  const expr = (name: string): string => {
    const states = metric.states.map((state, i) => `(${series(name, is(name, state))} == 1) * ${i}`).join(' or ');
    const some = `topk(${TOP}, ${maxBy(`${series(name)} @ end()`, kept)})`;
    return `${maxBy(states, kept)} and ${some}`;
  };
  return {
    id: `${metric.name}:states`,
    title: titleOf(metric),
    description: descriptionOf(metric, `The state at each time, of ${TOP} series at most.`),
    type: 'state-timeline',
    unit: 'short',
    states: metric.states.map((name) => ({ name })),
    queries: queries(forNames(metric, expr), legendFor(metric)),
    metrics: [metric],
  };
}

function infoPanel(metric: Drawn): Panel {
  return {
    id: `${metric.name}:table`,
    title: titleOf(metric),
    description: descriptionOf(metric, 'Its labels.'),
    type: 'table',
    unit: 'short',
    queries: [{ expr: forNames(metric, (name) => `topk(100, ${series(name)})`), legend: '', isInstant: true }],
    metrics: [metric],
  };
}

/** Time since then, or until then for an expiry; 0 means never. */
function agePanel(metric: Drawn): Panel {
  const isFuture = isExpiry(metric);
  const expr = (name: string): string =>
    isFuture ? `bottomk(${TOP}, (${series(name)} > 0) - time())` : `topk(${TOP}, time() - (${series(name)} > 0))`;
  return {
    id: `${metric.name}:age`,
    title: `${titleOf(metric)}: ${isFuture ? 'time left' : 'time since'}`,
    description: descriptionOf(
      metric,
      isFuture ? 'Time left until then, the soonest.' : 'Time since then, the longest ago.',
    ),
    type: 'stat',
    unit: 's',
    queries: [{ expr: forNames(metric, expr), legend: legendFor(metric), isInstant: true }],
    metrics: [metric],
  };
}
