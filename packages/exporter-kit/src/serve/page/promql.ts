import { canonical } from '../../metric/canonical.ts';
import type { Metric } from '../../metric/metric.ts';
import { isPointInTime } from '../../metric/point-in-time.ts';
import { isCounted } from './series.ts';

/** An expression to copy, and what it tells. */
export interface Expression {
  readonly title: string;
  readonly expr: string;
}

/** What one asks Prometheus about a family. */
export function expressionsFor(metric: Metric): readonly Expression[] {
  const { name, kind, lines, labels, quantiles, states } = metric;
  const own = labels.map((label) => label.name).filter((label) => label !== '');
  const by = own.length === 0 ? '' : ` by (${own.slice(0, 2).map(labelText).join(', ')})`;
  if (isPointInTime(metric)) {
    return [
      { title: 'Time since then', expr: `time() - ${selector(name)}` },
      { title: 'Value', expr: selector(name) },
    ];
  }
  switch (lines ?? kind) {
    case 'counter':
      return [
        { title: 'Per second', expr: `rate(${selector(name)}[5m])` },
        ...(by === '' ? [] : [{ title: 'Per second, in total', expr: `sum${by} (rate(${selector(name)}[5m]))` }]),
        { title: 'In the last hour', expr: `sum${by} (increase(${selector(name)}[1h]))` },
      ];
    case 'histogram':
      return histogramExpressions(metric, own);
    case 'gaugehistogram':
      return [{ title: 'Median', expr: `histogram_quantile(0.5, ${selector(`${name}_bucket`)})` }];
    case 'summary':
      return [
        ...quantiles.map((quantile) => ({
          title: `Quantile ${quantile}`,
          expr: selector(name, [['quantile', canonical(quantile)]]),
        })),
        { title: 'Mean', expr: `rate(${selector(`${name}_sum`)}[5m]) / rate(${selector(`${name}_count`)}[5m])` },
      ];
    case 'stateset':
      return [
        { title: 'Current state', expr: `${selector(name)} == 1` },
        ...(states[0] === undefined
          ? []
          : [{ title: `While ${states[0]}`, expr: selector(name, [[name, states[0]]]) }]),
      ];
    case 'info':
      return [{ title: 'Facts', expr: selector(name) }];
    default:
      return [
        { title: 'Value', expr: selector(name) },
        ...(by === '' ? [] : [{ title: 'In total', expr: `sum${by} (${selector(name)})` }]),
        { title: 'Highest in the last hour', expr: `max_over_time(${selector(name)}[1h])` },
      ];
  }
}

function histogramExpressions({ name, buckets }: Metric, own: readonly string[]): Expression[] {
  const isNative = buckets.length === 0;
  const by = [...own.slice(0, 2).map(labelText), ...(isNative ? [] : ['le'])].join(', ');
  const rate = `sum${by === '' ? '' : ` by (${by})`} (rate(${selector(isNative ? name : `${name}_bucket`)}[5m]))`;
  const mean = isNative
    ? `histogram_avg(rate(${selector(name)}[5m]))`
    : `rate(${selector(`${name}_sum`)}[5m]) / rate(${selector(`${name}_count`)}[5m])`;
  const count = isNative ? `histogram_count(rate(${selector(name)}[5m]))` : `rate(${selector(`${name}_count`)}[5m])`;
  return [
    { title: '99th percentile', expr: `histogram_quantile(0.99, ${rate})` },
    { title: 'Median', expr: `histogram_quantile(0.5, ${rate})` },
    { title: 'Mean', expr: mean },
    { title: 'Observations per second', expr: count },
  ];
}

/** The expression of one series. */
export function seriesExpression(metric: Metric, name: string, labels: readonly (readonly [string, string])[]): string {
  const counts = { histogram: metric.buckets.length === 0 ? '' : '_count', summary: '_count' };
  const ending = metric.lines === undefined ? (counts[metric.kind as 'histogram' | 'summary'] ?? '') : '';
  const one = selector(name + ending, labels);
  return isCounted(metric) ? `rate(${one}[5m])` : one;
}

const legacyName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const legacyLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A selector; names outside the classic syntax are quoted, as Prometheus 3 reads them. */
function selector(name: string, labels: readonly (readonly [string, string])[] = []): string {
  const matchers = labels.map(([label, value]) => `${labelText(label)}=${quoted(value)}`);
  if (legacyName.test(name)) return matchers.length === 0 ? name : `${name}{${matchers.join(', ')}}`;
  return `{${[quoted(name), ...matchers].join(', ')}}`;
}

const labelText = (label: string): string => (legacyLabel.test(label) ? label : quoted(label));

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
