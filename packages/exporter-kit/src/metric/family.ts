import { escapeName, isLegacyName } from './escape.ts';
import type { Metric } from './metric.ts';

/** The OpenMetrics family name: a counter's without `_total`, an info's without `_info`. */
export function familyName(metric: Pick<Metric, 'kind' | 'name'>): string {
  if (metric.kind === 'counter') return metric.name.replace(/_total$/, '');
  if (metric.kind === 'info') return metric.name.replace(/_info$/, '');
  return metric.name;
}

/**
 * Every name that a family writes or reserves in any format. Two families with a name in common would corrupt each other: a
 * gauge `x` and a counter `x_total`, a gauge `h_count` and a histogram `h`, a gauge `a.b` and a gauge `a_b`.
 * Source: OpenMetrics 1.0, "MetricFamily".
 */
export function claimedNames(metric: NamedMetric): string[] {
  return escapedToo(metric, reservedNames);
}

/** The names written for a family in text 0.0.4, which reserves no others, such as `x_created`. */
export function writtenNames(metric: NamedMetric): string[] {
  return escapedToo(metric, textNames);
}

type NamedMetric = Pick<Metric, 'kind' | 'name' | 'lines'>;

/** Names that are equal under the escaping `dots` are so under `underscores` too. */
function escapedToo(metric: NamedMetric, namesOf: (metric: NamedMetric) => string[]): string[] {
  const { name } = metric;
  if (isLegacyName(name)) return namesOf(metric);
  const escaped = (['underscores', 'values'] as const).map((escaping) => escapeName(name, escaping));
  return [...new Set([name, ...escaped].flatMap((one) => namesOf({ ...metric, name: one })))];
}

/** The names written in text 0.0.4, without escaped forms. */
export function textNames({ kind, name, lines }: NamedMetric): string[] {
  switch (lines ?? kind) {
    case 'histogram':
      return [name, `${name}_bucket`, `${name}_count`, `${name}_sum`];
    case 'gaugehistogram':
      return [name, `${name}_bucket`, `${name}_gcount`, `${name}_gsum`];
    case 'summary':
      return [name, `${name}_count`, `${name}_sum`];
    default:
      return [name];
  }
}

/** The names written or reserved in OpenMetrics, without escaped forms. */
export function reservedNames(metric: NamedMetric): string[] {
  const { kind, name, lines = kind } = metric;
  const family = familyName(metric);
  if (lines === 'histogram' || lines === 'summary') return [...textNames(metric), `${name}_created`];
  if (lines === 'gaugehistogram') return textNames(metric);
  if (family === name) return [name];
  return kind === 'counter' ? [name, family, `${family}_created`] : [name, family];
}

/** How two declarations of one family differ; `undefined` if they can be written together. */
export function shapeDifference(a: Metric, b: Metric): string | undefined {
  if (a === b) return undefined;
  if (typeOf(a) !== typeOf(b)) return `type (${typeOf(a)}, ${typeOf(b)})`;
  if (a.lines !== b.lines) return 'buckets or quantiles';
  if (a.help !== b.help) return 'help';
  if (a.unit !== b.unit) return `unit (${a.unit || 'none'}, ${b.unit || 'none'})`;
  if (!same(labelNames(a), labelNames(b))) return `labels (${labelNames(a)}; ${labelNames(b)})`;
  if (!same(a.buckets, b.buckets)) return 'buckets';
  if (!same(a.quantiles, b.quantiles)) return 'quantiles';
  if (!same(a.states, b.states)) return 'states';
  return undefined;
}

const typeOf = ({ kind, lines }: Metric): string => lines ?? kind;

const labelNames = (metric: Metric): string[] => metric.labels.map((label) => label.name);

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
