import { parser } from '@prometheus-io/lezer-promql';
import { expect, it } from 'vitest';
import { counter, gauge, gaugeHistogram, histogram, info, stateset, summary } from '../../metric/declare.ts';
import type { Metric } from '../../metric/metric.ts';
import { expressionsFor, seriesExpression } from './promql.ts';

const help = 'x';
const waive = 'names of OpenTelemetry';

function isPromql(expr: string): boolean {
  let errors = 0;
  parser.parse(expr).iterate({
    enter({ type }) {
      if (type.isError) errors++;
    },
  });
  return errors === 0;
}

it.each<[Metric, string]>([
  [counter({ name: 'a_total', help, labels: ['b'] }), 'sum by (b) (rate(a_total[5m]))'],
  [gauge({ name: 'a', help, labels: ['b', 'c', 'd'] }), 'sum by (b, c) (a)'],
  [gauge({ name: 'a_timestamp_seconds', help, unit: 'seconds' }), 'time() - a_timestamp_seconds'],
  [histogram({ name: 'a', help, buckets: [1] }), 'histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m])))'],
  [histogram({ name: 'a', help, buckets: [] }), 'histogram_quantile(0.5, sum (rate(a[5m])))'],
  [gaugeHistogram({ name: 'a', help, buckets: [1] }), 'histogram_quantile(0.5, a_bucket)'],
  // As it is written, and as Prometheus stores it.
  [summary({ name: 'a', help, quantiles: [0.5, 1] }), 'a{quantile="1.0"}'],
  [stateset({ name: 'a', help, states: ['b "c"'] }), 'a{a="b \\"c\\""}'],
  [info({ name: 'a_info', help }), 'a_info'],
  [gauge({ name: 'a.b', help, labels: ['c.d'], waive }), 'sum by ("c.d") ({"a.b"})'],
])('asks for a family as its kind needs it', (metric, expected) => {
  const all = expressionsFor(metric).map(({ expr }) => expr);
  expect(all).toContain(expected);
  for (const expr of all) expect([expr, isPromql(expr)]).toEqual([expr, true]);
});

it('asks for one series by its labels, whatever their values', () => {
  const orders = counter({ name: 'a_total', help, labels: ['b'] });
  const expr = seriesExpression(orders, 'a_total', [['b', 'x"} or vector(1) # \\\n']]);
  expect(expr).toBe('rate(a_total{b="x\\"} or vector(1) # \\\\\\n"}[5m])');
  expect(isPromql(expr)).toBe(true);
  expect(seriesExpression(summary({ name: 'a', help }), 'a', [])).toBe('rate(a_count[5m])');
});
