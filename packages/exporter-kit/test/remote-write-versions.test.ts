import { describe, expect, it, onTestFinished } from 'vitest';
import { silent } from '../src/collect/context.ts';
import { counter, executeJob, gauge, histogram, info, job, live, type Sink } from '../src/index.ts';
import { parseText } from '../src/parse/index.ts';
import { familySnapshot } from '../src/push/family-snapshot.ts';
import { type Delivery, isPermanentFailure } from '../src/push/index.ts';
import { remoteWrite } from '../src/push/remote-write/remote-write.ts';
import { type Engine, type Reply, startEngine, type WrittenSeries } from './engine.ts';

async function engine(...replies: readonly Reply[]): Promise<Engine> {
  const started = await startEngine(replies);
  onTestFinished(() => started.close());
  return started;
}

interface Logged {
  readonly lines: string[];
  deliver(sink: Sink, delivery: Delivery): Promise<void>;
}

function logged(): Logged {
  const lines: string[] = [];
  const log = { ...silent, warn: (_facts: object, line: string) => void lines.push(line) };
  return { lines, deliver: (sink, delivery) => sink.deliver(delivery, { log, signal: new AbortController().signal }) };
}

function many(count: number): Delivery {
  const lines = Array.from({ length: count }, (_, i) => `g{i="${i}"} ${i}\n`);
  const snapshot = familySnapshot(parseText(`# TYPE g gauge\n${lines.join('')}`), 'test');
  return { job: 'sync', grouping: {}, mode: 'replace', snapshot };
}

const labelIn = ({ labels }: WrittenSeries, wanted: string): string => labels.find(([name]) => name === wanted)![1];
const numbersIn = ({ written }: Engine): string[] =>
  written.map(({ version, series }) => `${version}: ${series.map((one) => labelIn(one, 'i'))}`);

/** An engine of before 2.0. */
const old: Reply = [204, '', {}];

/** Counted in an application, with exemplars and a native histogram. */
function shop() {
  const counted = live({
    name: 'shop',
    span: false,
    metrics: {
      orders: counter({ name: 'orders_total', help: 'Orders.', labels: ['country'] }),
      stock: gauge({
        name: 'stock.größe_bytes',
        help: '',
        unit: 'bytes',
        waive: { syntax: 'to be kept', help: 'none' },
      }),
      took: histogram({ name: 'took_seconds', help: 'Time taken.', unit: 'seconds', buckets: [0.5] }),
    },
  });
  counted.orders.inc({ country: 'pt' }, 2, { trace_id: 'a', span_id: 'b' });
  counted.stock.set(3);
  counted.took.observe(0.4, { trace_id: 'c' });
  counted.took.observe(-7);
  return job({
    name: 'sync',
    metrics: { build: info({ name: 'build_info', help: 'The build.', labels: ['version'] }) },
    collectors: [counted.collector],
    run({ build }) {
      build.set({ version: '1' });
    },
  });
}

describe('a job is written', () => {
  it('by 2.0 with types, units, help, starts, exemplars and native histograms', async () => {
    const before = Date.now();
    const made = await engine();
    const { delivered } = await executeJob(shop(), { to: [remoteWrite(made.url)] });
    expect(delivered).toEqual([{ sink: `remote write ${made.url}` }]);
    expect(made.written.map(({ version }) => version)).toEqual(['2.0', '2.0']);
    const all = made.written.flatMap(({ series }) => series);
    const named = (name: string) => all.filter((one) => labelIn(one, '__name__') === name);
    const ms = expect.toSatisfy((time: number) => time >= before - 1 && time <= Date.now());
    const exemplar = (labels: object, value: number) => ({ labels, value, timeMs: ms });
    const took = { type: 3, help: 'Time taken.', unit: 'seconds' };
    expect(named('orders_total')).toEqual([
      {
        labels: Object.entries({ __name__: 'orders_total', country: 'pt', job: 'sync' }),
        samples: [{ value: 2, timeMs: ms, startMs: ms }],
        histograms: [],
        exemplars: [exemplar({ span_id: 'b', trace_id: 'a' }, 2)],
        metadata: { type: 1, help: 'Orders.', unit: '' },
        createdMs: ms,
      },
    ]);
    expect(named('stock.größe_bytes')).toMatchObject([
      { samples: [{ value: 3, timeMs: ms }], metadata: { type: 2, help: '', unit: 'bytes' } },
    ]);
    expect(named('stock.größe_bytes')[0]).not.toHaveProperty('createdMs');
    expect(named('build_info')).toMatchObject([{ metadata: { type: 6, help: 'The build.', unit: '' } }]);
    expect(named('took_seconds_bucket').map((one) => [labelIn(one, 'le'), one.samples[0]!.value])).toEqual([
      ['0.5', 2],
      ['+Inf', 2],
    ]);
    expect(named('took_seconds_bucket')[0]).toMatchObject({
      exemplars: [exemplar({ trace_id: 'c' }, 0.4)],
      metadata: took,
    });
    expect(named('took_seconds')).toEqual([
      {
        labels: Object.entries({ __name__: 'took_seconds', job: 'sync' }),
        samples: [],
        histograms: [
          {
            countInt: 2,
            sum: 0.4 - 7,
            schema: 3,
            zeroThreshold: 2 ** -128,
            zeroCountInt: 0,
            // Between 2^(22/8) and 2^(23/8), and between 2^(-11/8) and 2^(-10/8).
            negativeSpans: [{ offset: 23, length: 1 }],
            negativeDeltas: [1],
            negativeCounts: [],
            positiveSpans: [{ offset: -10, length: 1 }],
            positiveDeltas: [1],
            positiveCounts: [],
            customValues: [],
            timestamp: ms,
            startTimestamp: ms,
          },
        ],
        exemplars: [exemplar({ trace_id: 'c' }, 0.4)],
        metadata: took,
        createdMs: ms,
      },
    ]);
  });

  it('by 1.0 with exemplars, and with native histograms if these are asked for', async () => {
    const without = await engine();
    await executeJob(shop(), { to: [remoteWrite(without.url, { version: '1.0' })] });
    expect(without.written.flatMap(({ series }) => series).flatMap(({ histograms }) => histograms)).toEqual([]);
    const made = await engine();
    await executeJob(shop(), { to: [remoteWrite(made.url, { version: '1.0', nativeHistograms: true })] });
    const [classic, native] = made.written.map(({ series }) => series);
    expect(classic!.find((one) => labelIn(one, '__name__') === 'orders_total')).toMatchObject({
      exemplars: [{ labels: { trace_id: 'a', span_id: 'b' }, value: 2 }],
    });
    expect(native).toMatchObject([
      {
        labels: Object.entries({ __name__: 'took_seconds', job: 'sync' }),
        samples: [],
        histograms: [{ countInt: 2, schema: 3, negativeDeltas: [1], positiveDeltas: [1] }],
        exemplars: [{ labels: { trace_id: 'c' }, value: 0.4 }],
      },
    ]);
  });
});

describe('an engine that does not take 2.0', () => {
  it('gets native histograms that have no classic buckets', async () => {
    const made = await engine(old);
    const metrics = {
      alone: histogram({ name: 'alone_seconds', help: 'x', unit: 'seconds', buckets: [] }),
      both: histogram({ name: 'both_seconds', help: 'x', unit: 'seconds', buckets: [1] }),
    };
    const counted = live({ name: 'shop', span: false, metrics });
    counted.alone.observe(1);
    counted.both.observe(1);
    const pushed = job({ name: 'sync', metrics: {}, collectors: [counted.collector], run() {} });
    await executeJob(pushed, { to: [remoteWrite(made.url)] });
    const natives = made.written
      .filter(({ version }) => version === '1.0')
      .flatMap(({ series }) => series.filter(({ histograms }) => histograms.length > 0));
    expect(natives.map((one) => labelIn(one, '__name__'))).toEqual(['alone_seconds']);
  });

  it.each<[string, Reply]>([
    ['accepts it without saying what it has written', old],
    ['answers 200 with other headers', [200, 'ok', { 'X-Prometheus-Remote-Write-Samples-Written': 'many' }]],
    ['answers 415', [415, 'unsupported media type']],
  ])('and %s gets the same by 1.0, and from then on nothing else', async (_what, reply) => {
    const made = await engine(reply);
    const { lines, deliver } = logged();
    await deliver(remoteWrite(made.url, { maxSeries: 2 }), many(3));
    expect(numbersIn(made)).toEqual(['2.0: 0,1', '1.0: 0,1', '1.0: 2']);
    const times = new Set(made.written.flatMap(({ series }) => series).map(({ samples }) => samples[0]!.timeMs));
    expect(times.size).toBe(1);
    // Another sink for the same URL.
    await deliver(remoteWrite(made.url), many(1));
    expect(numbersIn(made).slice(3)).toEqual(['1.0: 0']);
    expect(lines).toEqual(['engine does not take remote write 2.0; writing by 1.0 from now on']);
    // Of another engine, nothing is known.
    const other = await engine();
    await deliver(remoteWrite(other.url), many(1));
    expect(numbersIn(other)).toEqual(['2.0: 0']);
  });

  it('from some request on gets the rest by 1.0', async () => {
    const made = await engine(204, old);
    await logged().deliver(remoteWrite(made.url, { maxSeries: 2 }), many(5));
    expect(numbersIn(made)).toEqual(['2.0: 0,1', '2.0: 2,3', '1.0: 2,3', '1.0: 4']);
  });

  it('is not written to by 1.0 where 2.0 is asked for', async () => {
    const made = await engine(old);
    const error = await logged()
      .deliver(remoteWrite(made.url, { version: '2.0' }), many(1))
      .catch((thrown: Error) => thrown);
    expect((error as Error).message).toContain('does not take remote write 2.0, and has written nothing');
    expect(isPermanentFailure(error)).toBe(false);
    expect(numbersIn(made)).toEqual(['2.0: 0']);
  });

  it('and is busy is asked again by 2.0', async () => {
    const made = await engine(503, 204);
    await logged().deliver(remoteWrite(made.url), many(1));
    expect(numbersIn(made)).toEqual(['2.0: 0', '2.0: 0']);
  });
});

describe('an engine that has written a part', () => {
  const some = (count: number) => ({ 'X-Prometheus-Remote-Write-Samples-Written': String(count) });
  it.each<[string, Reply, string]>([
    ['says so, with a reason', [400, 'out of order', some(1)], 'answered 400: out of order (1 of 3 samples written)'],
    ['says so by 200', [200, '', some(2)], 'answered 200 (2 of 3 samples written)'],
    ['says only what exemplars it has', [204, '', { 'X-Prometheus-Remote-Write-Exemplars-Written': '0' }], '(0 of 3'],
  ])('%s', async (_what, reply, reason) => {
    const made = await engine(reply);
    const error = await logged()
      .deliver(remoteWrite(made.url), many(3))
      .catch((thrown: Error) => thrown);
    expect((error as Error).message).toContain(reason);
    expect(isPermanentFailure(error)).toBe(true);
    expect(made.written.length).toBe(1);
  });

  it('of one request still gets the others', async () => {
    const made = await engine([400, 'out of order', some(1)]);
    const sent = logged().deliver(remoteWrite(made.url, { maxSeries: 2 }), many(3));
    await expect(sent).rejects.toThrow(
      /1 of 2 requests, with 2 series, were not accepted; the first: answered 400: out of order \(1 of 2 samples written\)$/,
    );
    expect(numbersIn(made)).toEqual(['2.0: 0,1', '2.0: 2']);
  });
});

it('an engine with native histograms disabled gets the classic buckets, and is not asked again', async () => {
  const made = await engine(204, [500, 'native histograms are disabled', {}]);
  const lines: string[] = [];
  const log = { ...silent, warn: (_facts: object, line: string) => void lines.push(line) };
  for (let run = 0; run < 2; run++) {
    const { delivered } = await executeJob(shop(), { to: [remoteWrite(made.url)], log });
    expect(delivered).toEqual([{ sink: `remote write ${made.url}` }]);
  }
  const names = made.written.map(({ series }) => series.map((one) => labelIn(one, '__name__')));
  expect(names[0]).toContain('took_seconds_bucket');
  expect(names[1]).toEqual(['took_seconds']);
  expect(names[2]).toEqual(names[0]);
  expect(names.length).toBe(3);
  expect(lines.filter((line) => line.startsWith('engine does not take native histograms'))).toHaveLength(1);
});
