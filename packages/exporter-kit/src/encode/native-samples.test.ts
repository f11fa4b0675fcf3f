import { expect, it } from 'vitest';
import { gatherer } from '../collect/scrape/gather.ts';
import { nativeSpans } from '../collect/store/native/buckets.ts';
import { counter, exporter, histogram, live } from '../index.ts';
import { readColumns, writeColumns } from '../push/spool/kept-columns.ts';
import { scrape } from '../testing/index.ts';
import { samplesOf } from './samples.ts';

const counting = () => {
  const shop = live({
    name: 'shop',
    metrics: {
      wait: histogram({ name: 'wait_seconds', help: 'x', unit: 'seconds', buckets: [1], labels: ['queue'] }),
      orders: counter({ name: 'orders_total', help: 'x' }),
    },
  });
  const { collector } = shop;
  const running = gatherer(exporter({ name: 'x_exporter', namespace: 'x', collectors: [collector] }), [collector]);
  return { shop, gather: (natives: boolean) => running.gather({ deadline: Infinity, natives }) };
};

it('gives a native histogram beside its classic samples, or instead, with the exemplars of its buckets', async () => {
  const before = Date.now();
  const { shop, gather } = counting();
  shop.wait.observe({ queue: 'a' }, 0.5, { trace_id: 'abc' });
  shop.wait.observe({ queue: 'a' }, 3);
  shop.orders.inc(2, { trace_id: 'def' });
  const { snapshot } = await gather(true);
  const read = (natives: 'none' | 'beside' | 'instead') =>
    [...samplesOf(snapshot, { natives })]
      .filter(({ name }) => /wait|orders/.test(name))
      .flatMap(({ samples }) => Array.from(samples, (sample) => ({ ...sample, labels: { ...sample.labels } })));
  const startMs = expect.toSatisfy((ms: number) => ms >= before && ms <= Date.now());
  const traced = (trace_id: string, value: number) => ({ labels: { trace_id }, value, timestampMs: startMs });
  const orders = { name: 'orders_total', labels: {}, value: 2, startMs, exemplar: traced('def', 2) };
  const native = {
    name: 'wait_seconds',
    labels: { queue: 'a' },
    value: 2,
    startMs,
    native: {
      schema: 3,
      zeroThreshold: 2 ** -128,
      zeroCount: 0,
      positive: [
        [-8, 1],
        [13, 1],
      ],
      negative: [],
      sum: 3.5,
      count: 2,
      gauge: false,
      exemplars: [traced('abc', 0.5)],
    },
  };
  const classic = (ending: string, value: number, labels = {}, more = {}) => ({
    name: `wait_seconds_${ending}`,
    labels: { queue: 'a', ...labels },
    value,
    startMs,
    ...more,
  });
  const lines = [
    classic('bucket', 1, { le: '1.0' }, { exemplar: traced('abc', 0.5) }),
    classic('bucket', 2, { le: '+Inf' }),
    classic('sum', 3.5),
    classic('count', 2),
  ];
  expect(read('none')).toEqual([orders, ...lines]);
  expect(read('beside')).toEqual([orders, native, ...lines]);
  expect(read('instead')).toEqual([orders, native]);
  expect(nativeSpans(native.native as never).positive).toEqual({
    spans: [
      [-8, 1],
      [20, 1],
    ],
    deltas: [1, 0],
  });
  snapshot.release();
});

it('reads native histograms only for those who ask for them, also when both scrape at once', async () => {
  const { shop, gather } = counting();
  shop.wait.observe({ queue: 'a' }, 0.5);
  const [plain, native] = await Promise.all([gather(false), gather(true)]);
  const natives = ({ snapshot }: typeof plain) =>
    [...samplesOf(snapshot, { natives: 'instead' })].flatMap(({ samples }) =>
      [...samples].filter((sample) => sample.native !== undefined),
    );
  expect(natives(native)).toHaveLength(1);
  expect(natives(await gather(false))).toEqual([]);
  expect(natives(await gather(true))).toHaveLength(1);
  for (const { snapshot } of [plain, native]) snapshot.release();
});

it('has the zero bucket that a series was given for its limit of buckets: in samples, kept on disk, and in golden files', async () => {
  const { sizes, collector } = live({
    name: 'sizes',
    metrics: {
      sizes: histogram({
        name: 'sizes',
        help: 'Sizes.',
        buckets: [],
        native: { schema: 2, maxBuckets: 4, maxZeroThreshold: 1.2 },
      }),
    },
  });
  for (const value of [0, 1, 1.1, 1.2, 1.4, 1.8, 2, 3]) sizes.observe(value);
  const scraped = gatherer(exporter({ name: 'x_exporter', namespace: 'x', collectors: [collector] }), [collector]);
  const { snapshot } = await scraped.gather({ deadline: Infinity, natives: true });
  const native = {
    schema: 2,
    zeroThreshold: 1,
    zeroCount: 2,
    positive: [
      [1, 1],
      [2, 2],
      [4, 2],
      [7, 1],
    ],
    negative: [],
    sum: 11.5,
    count: 8,
    gauge: false,
  };
  for (const each of [snapshot, readColumns(writeColumns(snapshot), 'it')]) {
    const own = [...samplesOf(each, { natives: 'instead' })].find(({ name }) => name === 'sizes')!;
    expect([...own.samples].map((sample) => sample.native)).toEqual([native]);
  }
  expect((await scrape(collector)).textWithNatives).toContain(
    '# native sizes{} count 8, sum 11.5, schema 2, zero 2 (up to 1), positive 1:1 2:2 4:2 7:1\n',
  );
  snapshot.release();
});
