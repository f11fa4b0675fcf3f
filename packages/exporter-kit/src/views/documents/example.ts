import { escapeQuoted, isLegacyName, writtenLabel, writtenName } from '../../metric/escape.ts';
import { textNames } from '../../metric/family.ts';
import type { Metric } from '../../metric/metric.ts';

/** Sample lines by the name that they begin with. */
export type Examples = ReadonlyMap<string, string>;

/** A line of the metric as it is exposed: from a recorded exposition, or made up. */
export function exampleOf(metric: Metric, recorded: Examples): string {
  const names = textNames(metric);
  const name = [...names.filter((one) => one.endsWith('_bucket')), ...names].find((one) => recorded.has(one));
  return name === undefined ? madeUp(metric) : recorded.get(name)!;
}

function madeUp({ kind, name, labels, buckets, quantiles, states, unit }: Metric): string {
  const isBucketed = kind === 'histogram' || kind === 'gaugehistogram';
  const own: readonly (readonly [string, string])[] = isBucketed
    ? [['le', String(buckets[0] ?? '+Inf')]]
    : kind === 'summary' && quantiles.length > 0
      ? [['quantile', String(quantiles[0])]]
      : kind === 'stateset'
        ? [[name, states[0] ?? '']]
        : [];
  const pairs = [...labels.map((label) => [label.name, label.values?.[0] ?? '…'] as const), ...own];
  const written = pairs.map(([label, value]) => `${writtenLabel(label)}="${escapeQuoted(value)}"`);
  const line = `${name}${isBucketed ? '_bucket' : kind === 'summary' && quantiles.length === 0 ? '_sum' : ''}`;
  const value = /_timestamp_seconds$/.test(name) && unit === 'seconds' ? '1750000000' : '1';
  if (!isLegacyName(line)) return `{${[writtenName(line), ...written].join(',')}} ${value}`;
  return `${line}${written.length === 0 ? '' : `{${written.join(',')}}`} ${value}`;
}
