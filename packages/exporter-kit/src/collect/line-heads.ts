import type { Metric } from '../metric/metric.ts';
import type { LabelRecord } from './families.ts';

/**
 * The beginnings of the lines that one row is written as, up to and with the space before the value. They are the same in
 * text 0.0.4 and OpenMetrics: `le` and `quantile` are written as floats (`5.0`) in both, as OpenMetrics asks and
 * Prometheus 3 normalises, so that a series keeps its name when the scraper negotiates another format.
 */
export function lineHeads(metric: Metric, constLabels: LabelRecord, labels: LabelRecord): string[] {
  const { name } = metric;
  const pairs: string[] = [];
  for (const [label, value] of Object.entries(constLabels)) pairs.push(pair(label, String(value)));
  for (const label of metric.labels) pairs.push(pair(label.name, String(labels[label.name])));
  switch (metric.kind) {
    case 'histogram': {
      const bounds = [...metric.buckets.map(float), '+Inf'];
      return [
        ...bounds.map((le) => head(`${name}_bucket`, [...pairs, pair('le', le)])),
        head(`${name}_sum`, pairs),
        head(`${name}_count`, pairs),
      ];
    }
    case 'summary':
      return [
        ...metric.quantiles.map((q) => head(name, [...pairs, pair('quantile', float(q))])),
        head(`${name}_sum`, pairs),
        head(`${name}_count`, pairs),
      ];
    case 'stateset':
      return metric.states.map((state) => head(name, [...pairs, pair(name, state)]));
    default:
      return [head(name, pairs)];
  }
}

const head = (name: string, pairs: readonly string[]): string =>
  pairs.length === 0 ? `${name} ` : `${name}{${pairs.join(',')}} `;

const pair = (label: string, value: string): string => `${label}="${escapeValue(value)}"`;

/** Text 0.0.4 and OpenMetrics both escape backslash, quote and line feed in label values, and nothing else. */
function escapeValue(value: string): string {
  return /["\\\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}

/** A number with a point or an exponent, as OpenMetrics' canonical form wants `le` and `quantile`. */
function float(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
