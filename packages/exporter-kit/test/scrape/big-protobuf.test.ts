import { gunzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { collector, exporter, gauge, histogram, serve } from '../../src/index.ts';
import { bucketsOf, decodeFamilies } from '../client-model.ts';
import { get } from '../get.ts';

const accept = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const SERIES = 100_000;
const NATIVES = 10_000;

const numberOf = (i: number): number => i / 3;
/** Sixty buckets on both sides of zero, in spans and alone. */
const bucketsAt = (i: number): { positive: [number, number][]; negative: [number, number][] } => ({
  positive: Array.from({ length: 40 }, (_, at) => [at * (1 + (i % 7)) - 20, 1 + ((i + at) % 50)]),
  negative: Array.from({ length: 20 }, (_, at) => [at - 5, 1 + ((i * at) % 9)]),
});

const big = collector({
  name: 'big',
  metrics: {
    size: gauge({ name: 'big_size', help: 'Numbers.', labels: ['of', 'i'] }),
    wait: histogram({ name: 'big_wait', help: 'Native.', labels: ['i'], buckets: [] }),
  },
  collect({ size, wait }) {
    for (let i = 0; i < SERIES; i++) size.set({ of: `größe ${i % 100}`, i }, numberOf(i));
    for (let i = 0; i < NATIVES; i++)
      wait.set({ i }, { sum: i, native: { schema: 3, zeroCount: i % 5, ...bucketsAt(i) } });
  },
});

it('serves 100,000 series and 10,000 native histograms in protobuf and gzip, every one', async () => {
  const served = exporter({ name: 'big_exporter', collectors: [big] });
  const server = await serve(served);
  onTestFinished(() => server.close(0));
  const headers = { accept, 'accept-encoding': 'gzip', 'x-prometheus-scrape-timeout-seconds': '60' };
  const { status, headers: answered, body } = await get(`${server.url}metrics`, headers);
  expect([status, answered['content-encoding']]).toEqual([200, 'gzip']);
  expect(answered['content-type']).toMatch(/^application\/vnd\.google\.protobuf; proto=io\.prometheus\.client/);
  const plain = gunzipSync(body);
  expect(plain.length).toBeGreaterThan(body.length);
  const families = new Map(decodeFamilies(plain).map((family) => [family.name, family.metric]));

  const numbers = families.get('big_size')!;
  expect(numbers.length).toBe(SERIES);
  const seen = new Set<number>();
  for (const { label, gauge } of numbers) {
    const { i: text, of } = Object.fromEntries(label.map(({ name, value }) => [name, value]));
    const i = Number(text);
    if (gauge!.value !== numberOf(i) || of !== `größe ${i % 100}`) expect([i, of, gauge]).toBe('as it was set');
    seen.add(i);
  }
  expect(seen.size).toBe(SERIES);

  const natives = families.get('big_wait')!;
  expect(new Set(natives.map(({ label }) => label[0]!.value)).size).toBe(NATIVES);
  for (const { label, histogram } of natives) {
    const i = Number(label[0]!.value);
    const { schema, sampleSum, zeroCount, positiveSpan, positiveDelta, negativeSpan, negativeDelta } = histogram!;
    const counts = (buckets: Map<number, bigint>) => JSON.stringify([...buckets].map(([at, n]) => [at, Number(n)]));
    const { positive, negative } = bucketsAt(i);
    const same =
      [schema, sampleSum, Number(zeroCount)].join() === [3, i, i % 5].join() &&
      counts(bucketsOf(positiveSpan, positiveDelta)) === JSON.stringify(positive) &&
      counts(bucketsOf(negativeSpan, negativeDelta)) === JSON.stringify(negative);
    if (!same) expect([i, histogram]).toBe('as it was set');
  }
});
