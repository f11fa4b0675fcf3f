import { expect, it } from 'vitest';
import { counter, gauge, histogram, stateset } from '../metric/declare.ts';
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
  [
    'two names are one when escaped',
    () =>
      made(
        one('a', gauge({ name: 'http.requests', help, waive: help })),
        one('b', gauge({ name: 'http_requests', help })),
      ),
    /http_requests of collector b and http.requests of collector a would both write "http_requests"/,
  ],
  [
    'two names of one collector are one when escaped',
    () =>
      collector({
        name: 'a',
        metrics: { a: gauge({ name: 'a.b', help, waive: help }), b: gauge({ name: 'a-b', help, waive: help }) },
        collect() {},
      }),
    /a.b and a-b would both write "a_b"/,
  ],
  [
    'a name escaped to values is there already',
    () =>
      made(
        one('a', gauge({ name: 'U__a_2e_b', help, waive: help })),
        one('b', gauge({ name: 'a.b', help, waive: help })),
      ),
    /both write "U__a_2e_b"/,
  ],
  [
    "an escaped name is another family's line",
    () =>
      made(
        one('a', histogram({ name: 'a', help, buckets: [1] })),
        one('b', gauge({ name: 'a.sum', help, waive: help })),
      ),
    /both write "a_sum"/,
  ],
  [
    'a prefix makes the own label of a stateset one that is declared',
    () => made(withPrefix(one('a', stateset({ name: 'x', help, states: ['on'], labels: ['my_x'] })), 'my_')),
    /my_x of collector my_a, the labels "my_x" and "my_x"/,
  ],
  [
    "a family is the kit's own",
    () => made(one('a', gauge({ name: 'x_scrape_collector_success', help }))),
    /the kit itself/,
  ],
  ['the name begins no metric name', () => exporter({ name: 'a-b', collectors: [] }), /not a valid metric-name prefix/],
  ['a collector is not well named', () => one('Queue', gauge({ name: 'x', help })), /lower-case/],
])('is refused when %s', (_what, make, message) => {
  expect(make).toThrow(message);
});

it('takes one collector twice when labels or prefixes tell them apart', () => {
  const queues = one('queues', gauge({ name: 'depth', help, labels: ['queue'] }));
  const both = [withLabels(queues, { broker: 'eu' }), withLabels(queues, { broker: 'us' }), withPrefix(queues, 'old_')];
  expect(collectorsOf(exporter({ name: 'x', collectors: both }), undefined).map(({ name }) => name)).toEqual([
    'queues',
    'queues',
    'old_queues',
  ]);
  expect(() => withLabels(queues, { queue: 'a' })).toThrow(/"queue" is already in use/);
  expect(() => withPrefix(queues, 'a-')).toThrow(/not a valid metric-name prefix/);
  const waits = one('waits', histogram({ name: 'wait', help, buckets: [1], labels: ['queue.name'], waive: help }));
  expect(() => withLabels(waits, { le: 'a' })).toThrow(/"le" is already in use/);
  expect(() => withLabels(waits, { queue_name: 'a' })).toThrow(/"queue_name" is already in use/);
});

it('lets collectors share a name if their own labels have the same names and other values', () => {
  const queues = one('queues', gauge({ name: 'depth', help, labels: ['queue'] }));
  const names = (...collectors: Collector[]): string[] =>
    collectorsOf(exporter({ name: 'x', collectors }), undefined).map(({ name }) => name);
  const broker = (value: string): Collector => withLabels(queues, { broker: value });
  expect(names(broker('eu-1'), broker('eu_1'), broker('EU-1'))).toEqual(['queues', 'queues', 'queues']);
  const two = (a: string, b: string): Collector => withLabels(queues, { a, b });
  expect(names(two('a', 'b_c'), two('a_b', 'c'))).toEqual(['queues', 'queues']);
  const other = one('queues', gauge({ name: 'y', help }));
  expect(() => names(broker('eu'), broker('eu'))).toThrow(/two collectors are called "queues"/);
  expect(() => names(broker('eu'), other)).toThrow(/two collectors are called "queues"/);
  expect(() => names(broker('eu'), withLabels(other, { site: 'eu' }))).toThrow(/two collectors are called "queues"/);
  expect(names(broker('eu'), withLabels(other, { broker: 'us' }))).toEqual(['queues', 'queues']);
  expect(() => withLabels(queues, { broker: Object.create(null) })).toThrow(/the value of "broker" must be a string/);
  expect(() => withLabels(queues, { collector: 'a' })).toThrow(/"collector" is already in use/);
});

it('tells collectors apart whose prefixes differ in case only', () => {
  const queues = one('queues', gauge({ name: 'depth', help, labels: ['queue'] }));
  const collectors = [withPrefix(queues, 'Eu_'), withPrefix(queues, 'eu_')];
  const same = exporter({ name: 'x', collectors });
  expect(collectorsOf(same, undefined).map(({ name }) => name)).toEqual(['_45_u__queues', 'eu__queues']);
  expect(collectorsOf(same, undefined)[0]).toBe(collectorsOf(same, undefined)[0]);
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

it('lets collectors share a family when a label of theirs keeps their series apart', () => {
  const shared = (name: string, ...values: string[]) =>
    one(name, gauge({ name: 'x', help, labels: { from: values, what: String } }));
  expect(() => made(shared('a', 'a'), shared('b', 'b', 'bb'), shared('c', 'c'))).not.toThrow();
  expect(() => made(shared('a', 'a'), shared('b', 'b', 'bb'), shared('c', 'c', 'bb'))).toThrow(
    'x is written by collector b and by collector c with the same labels',
  );
});
