import { expect, it } from 'vitest';
import { counter, gauge, histogram } from '../metric/declare.ts';
import type { Metric } from '../metric/metric.ts';
import { type Collector, collector } from './collector.ts';
import { withLabels, withPrefix } from './decorate.ts';
import { collectorsOf, exporter } from './exporter.ts';

const help = 'x';
const one = (name: string, metric: Metric): Collector => collector({ name, metrics: { metric }, collect() {} });
const made = (...collectors: Collector[]): unknown => exporter({ name: 'x_exporter', collectors });

it.each([
  [
    'two collectors have one name',
    () => made(one('a', gauge({ name: 'b', help })), one('a', gauge({ name: 'c', help }))),
    /two collectors are called "a"/,
  ],
  [
    'a family has two types',
    () => made(one('a', gauge({ name: 'x', help })), one('b', histogram({ name: 'x', help, buckets: [1] }))),
    /x is written by collector a and by collector b with type \(gauge, histogram\)/,
  ],
  [
    'a family has two helps',
    () => made(one('a', gauge({ name: 'x', help })), one('b', gauge({ name: 'x', help: 'y' }))),
    /collector a and by collector b with help/,
  ],
  [
    'a family is written twice alike',
    () => made(one('a', gauge({ name: 'x', help })), one('b', gauge({ name: 'x', help }))),
    /same labels/,
  ],
  [
    'a gauge would corrupt a counter',
    () => made(one('a', gauge({ name: 'x', help })), one('b', counter({ name: 'x_total', help }))),
    /x_total of collector b and x of collector a would both write "x"/,
  ],
  [
    'a gauge would corrupt a histogram',
    () =>
      made(
        one('a', histogram({ name: 'h', help, buckets: [1] })),
        one('b', gauge({ name: 'h_count', help, waive: help })),
      ),
    /would both write "h_count"/,
  ],
  ["a family is the kit's own", () => made(one('a', gauge({ name: 'x_up', help }))), /the kit itself/],
  ['the name begins no metric name', () => exporter({ name: 'a-b', collectors: [] }), /begins metric names/],
  ['a collector is not well named', () => one('Queue', gauge({ name: 'x', help })), /lower-case/],
])('is refused when %s', (_what, make, message) => {
  expect(make).toThrow(message);
});

it('takes one collector twice when labels or prefixes tell them apart', () => {
  const queues = one('queues', gauge({ name: 'depth', help, labels: ['queue'] }));
  const both = [withLabels(queues, { broker: 'eu' }), withLabels(queues, { broker: 'us' }), withPrefix(queues, 'old_')];
  expect(collectorsOf(exporter({ name: 'x', collectors: both }), undefined).map(({ name }) => name)).toEqual([
    'queues_eu',
    'queues_us',
    'old_queues',
  ]);
  expect(() => withLabels(queues, { queue: 'a' })).toThrow(/"queue" is there already/);
  expect(() => withPrefix(queues, 'a-')).toThrow(/can't begin/);
});

it('makes its collectors from config, and checks them then', () => {
  const bad = exporter({
    name: 'x',
    config: { parse: (settings: unknown) => ({ twice: settings === true }) },
    collectors: ({ twice }) =>
      twice ? [one('a', gauge({ name: 'b', help })), one('a', gauge({ name: 'c', help }))] : [],
  });
  expect(collectorsOf(bad, { twice: false })).toEqual([]);
  expect(() => collectorsOf(bad, { twice: true })).toThrow(/two collectors/);
});
