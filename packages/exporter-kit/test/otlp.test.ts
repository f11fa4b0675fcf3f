import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silent } from '../src/collect/context.ts';
import { counter, executeJob, gauge, histogram, info, job, live, stateset, summary } from '../src/index.ts';
import { parseText } from '../src/parse/index.ts';
import { familySnapshot } from '../src/push/family-snapshot.ts';
import { type Delivery, isPermanentFailure } from '../src/push/index.ts';
import { type OtlpOptions, otlp } from '../src/push/otlp/otlp.ts';
import { type Fault, faultyGateway } from '../src/testing/index.ts';
import { decodeOtlp, encodeOtlpAnswer } from './schemas.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: object;
  readonly scope: object;
  readonly metrics: readonly { readonly name: string; readonly [field: string]: unknown }[];
}

type Attributes = readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];

interface Decoded {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeMetrics: readonly { readonly scope: object; readonly metrics: Received['metrics'] }[];
  }[];
}

const record = (attributes: Attributes): object =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

/** A receiver that answers each request with these bytes. */
async function receiver(
  answer: Uint8Array = new Uint8Array(),
  delayMs = 0,
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const body = await buffer(req);
    const plain = req.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const [all] = (decodeOtlp(plain) as Decoded).resourceMetrics;
    const [{ scope, metrics }] = all!.scopeMetrics as [Decoded['resourceMetrics'][0]['scopeMetrics'][0]];
    const { url: path = '', headers } = req;
    received.push({ path, headers, resource: record(all!.resource.attributes), scope, metrics });
    res.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': answer.length }).flushHeaders();
    if (delayMs > 0) await sleep(delayMs);
    res.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

function everyKind() {
  const counted = live({
    name: 'shop',
    span: false,
    metrics: {
      orders: counter({ name: 'orders_total', help: 'Orders.', labels: ['country'] }),
      took: histogram({ name: 'took_seconds', help: 'Time taken.', unit: 'seconds', buckets: [0.5] }),
    },
  });
  counted.orders.inc({ country: 'pt' }, 2, { trace_id: trace, span_id: span, order: '7' });
  counted.took.observe(0.4, { trace_id: 'short' });
  counted.took.observe(-7);
  counted.took.observe(0.5);
  return job({
    name: 'sync',
    metrics: {
      stock: gauge({
        name: 'stock.größe_bytes',
        help: 'Stock.',
        unit: 'bytes',
        labels: ['of'],
        waive: { syntax: 'x' },
      }),
      build: info({ name: 'build_info', help: 'The build.', labels: ['version'] }),
      state: stateset({ name: 'sync_state', help: 'The state.', states: ['idle', 'busy'] }),
      size: summary({ name: 'size_bytes', help: 'Sizes.', unit: 'bytes', quantiles: [0.5, 0.99] }),
    },
    collectors: [counted.collector],
    run({ stock, build, state, size }) {
      stock.set({ of: '' }, 1.5);
      build.set({ version: '1' });
      state.set('busy');
      size.set({ quantiles: [1, 2], sum: 30, count: 20 });
    },
  });
}

describe('what OTLP gets', () => {
  it('is every kind as it is declared, of a resource that is the job', async () => {
    const before = Date.now();
    const { url, received } = await receiver();
    const grouping = { instance: 'db1', zone: 'eu' };
    const { delivered } = await executeJob(everyKind(), { grouping, to: [otlp(url)] });
    expect(delivered).toEqual([{ sink: `otlp ${url}` }]);
    const [{ path, headers, resource, scope, metrics }] = received as [Received];
    expect(path).toBe('/v1/metrics');
    expect(headers).toMatchObject({ 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' });
    expect(resource).toEqual({ 'service.name': 'sync', 'service.instance.id': 'db1', zone: 'eu' });
    expect(scope).toEqual({ name: 'exporter-kit', version: '0.1.0' });
    const nanos = expect.toSatisfy((time: number) => time / 1e6 >= before - 1 && time / 1e6 <= Date.now());
    const attributes = (labels: object) =>
      Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    const whole = (name: string, description: string) => ({ name, description, metadata: [] });
    const number = (labels: object, asDouble: number) => ({
      ...{ attributes: attributes(labels), asDouble, exemplars: [], timeUnixNano: nanos },
    });
    const typed = (type: string) => ({ metadata: attributes({ 'prometheus.type': type }) });
    const byName = new Map(metrics.map((metric) => [metric.name, metric]));
    expect(byName.get('orders_total')).toEqual({
      ...whole('orders_total', 'Orders.'),
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          {
            ...number({ country: 'pt' }, 2),
            startTimeUnixNano: nanos,
            exemplars: [
              {
                filteredAttributes: attributes({ order: '7' }),
                timeUnixNano: nanos,
                asDouble: 2,
                traceId: Buffer.from(trace, 'hex'),
                spanId: Buffer.from(span, 'hex'),
              },
            ],
          },
        ],
      },
    });
    expect(byName.get('stock.größe_bytes')).toEqual({
      ...whole('stock.größe_bytes', 'Stock.'),
      unit: 'By',
      gauge: { dataPoints: [number({}, 1.5)] },
    });
    expect(byName.get('build_info')).toEqual({
      ...whole('build_info', 'The build.'),
      ...typed('info'),
      sum: { aggregationTemporality: 2, dataPoints: [number({ version: '1' }, 1)] },
    });
    expect(byName.get('sync_state')).toEqual({
      ...whole('sync_state', 'The state.'),
      ...typed('stateset'),
      sum: {
        aggregationTemporality: 2,
        dataPoints: [number({ sync_state: 'idle' }, 0), number({ sync_state: 'busy' }, 1)],
      },
    });
    expect(byName.get('size_bytes')).toEqual({
      ...whole('size_bytes', 'Sizes.'),
      unit: 'By',
      summary: {
        dataPoints: [
          {
            ...{ attributes: [], timeUnixNano: nanos, count: 20, sum: 30 },
            quantileValues: [
              { quantile: 0.5, value: 1 },
              { quantile: 0.99, value: 2 },
            ],
          },
        ],
      },
    });
    expect(byName.get('took_seconds')).toEqual({
      ...whole('took_seconds', 'Time taken.'),
      unit: 's',
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            ...{ attributes: [], startTimeUnixNano: nanos, timeUnixNano: nanos, count: 3, sum: 0.4 - 7 + 0.5 },
            ...{ scale: 3, zeroThreshold: 2 ** -128 },
            // Of (2^(-11/8), 2^(-10/8)] and (2^(-9/8), 2^(-8/8)], and of [-2^(23/8), -2^(22/8)).
            positive: { offset: -11, bucketCounts: [1, 0, 1] },
            negative: { offset: 22, bucketCounts: [1] },
            exemplars: [{ filteredAttributes: attributes({ trace_id: 'short' }), timeUnixNano: nanos, asDouble: 0.4 }],
          },
        ],
      },
    });
  });

  it('is a histogram with its own bounds if native ones are not wanted', async () => {
    const { url, received } = await receiver();
    await executeJob(everyKind(), {
      to: [otlp(`${url}/otlp/v1/metrics?x=y`, { nativeHistograms: false, gzip: false })],
    });
    const [{ path, headers, metrics }] = received as [Received];
    expect(path).toBe('/otlp/v1/metrics?x=y');
    expect(headers['content-encoding']).toBeUndefined();
    expect(metrics.find(({ name }) => name === 'took_seconds')).toMatchObject({
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          { count: 3, sum: 0.4 - 7 + 0.5, explicitBounds: [0.5], bucketCounts: [3, 0], exemplars: [{ asDouble: 0.4 }] },
        ],
      },
    });
  });

  it('is one data point for the lines of each histogram and summary that was read as text', async () => {
    const { url, received } = await receiver();
    const text = [
      '# TYPE h histogram',
      ...['a', 'b'].flatMap((l) => [
        `h_bucket{l="${l}",le="1"} 1`,
        `h_bucket{l="${l}",le="2.5"} 4`,
        `h_bucket{l="${l}",le="+Inf"} 5`,
      ]),
      ...['h_sum{l="a"} 7', 'h_count{l="a"} 5', 'h_sum{l="b"} 8', 'h_count{l="b"} 5'],
      ...['# TYPE s summary', 's{quantile="0.5"} 1', 's_sum 2', 's_count 3', ''],
    ].join('\n');
    await otlp(url).deliver(delivery(text), unhurried);
    const point = (l: string, sum: number) => ({
      attributes: [{ key: 'l', value: { stringValue: l } }],
      ...{ count: 5, sum, explicitBounds: [1, 2.5], bucketCounts: [1, 3, 1] },
    });
    expect(received[0]!.metrics).toMatchObject([
      { name: 'h', histogram: { dataPoints: [point('a', 7), point('b', 8)] } },
      { name: 's', summary: { dataPoints: [{ count: 3, sum: 2, quantileValues: [{ quantile: 0.5, value: 1 }] }] } },
    ]);
  });

  it('is split into requests of so many data points or bytes', async () => {
    const { url, received } = await receiver();
    const lines = Array.from({ length: 7 }, (_, i) => `g{i="${i}"} ${i}\n`);
    const all = delivery(`# TYPE g gauge\n${lines.join('')}# TYPE h gauge\nh 1\n`);
    await otlp(url, { maxPoints: 3 }).deliver(all, unhurried);
    const counts = () =>
      received
        .splice(0)
        .map(({ metrics }) =>
          metrics.map(({ name, gauge }) => `${name} ${(gauge as { dataPoints: object[] }).dataPoints.length}`),
        );
    expect(counts()).toEqual([['g 3'], ['g 3'], ['g 1', 'h 1']]);
    await otlp(url, { maxBytes: 1 }).deliver(all, unhurried);
    expect(counts()).toHaveLength(8);
    await otlp(url).deliver(delivery(''), unhurried);
    expect(counts()).toEqual([]);
  });

  it('is coarser where the buckets of a histogram are far from each other', async () => {
    const counted = live({
      name: 'far',
      span: false,
      metrics: { x: histogram({ name: 'x', help: 'x', buckets: [1], native: { schema: 8, maxBuckets: 512 } }) },
    });
    for (const value of [1e-9, 1e-9, 1, 1e9]) counted.x.observe(value);
    const { url, received } = await receiver();
    await executeJob(job({ name: 'far', metrics: {}, collectors: [counted.collector], run() {} }), { to: [otlp(url)] });
    const metric = received[0]!.metrics.find(({ name }) => name === 'x') as unknown as {
      exponentialHistogram: { dataPoints: [{ scale: number; positive: { offset: number; bucketCounts: number[] } }] };
    };
    const [{ scale, positive }] = metric.exponentialHistogram.dataPoints;
    expect(positive.bucketCounts.length).toBeLessThanOrEqual(1024);
    const bounds = positive.bucketCounts.flatMap((count, i) =>
      count === 0
        ? []
        : [[2 ** ((positive.offset + i) / 2 ** scale), 2 ** ((positive.offset + i + 1) / 2 ** scale), count]],
    );
    expect(bounds.map(([, , count]) => count)).toEqual([2, 1, 1]);
    for (const [i, value] of [1e-9, 1, 1e9].entries()) {
      expect(bounds[i]![0]).toBeLessThan(value);
      expect(bounds[i]![1]).toBeGreaterThanOrEqual(value);
    }
  });
});

const unhurried = { log: silent, signal: new AbortController().signal };

function delivery(body: string, grouping: Delivery['grouping'] = {}): Delivery {
  return { job: 'sync', grouping, mode: 'replace', snapshot: familySnapshot(parseText(body), 'test') };
}

describe('a receiver', () => {
  const partial = (value: object) => encodeOtlpAnswer('ExportMetricsServiceResponse', { partialSuccess: value });

  it('that rejects data points says how many and why, also a while behind its head', async () => {
    const { url } = await receiver(partial({ rejectedDataPoints: 3, errorMessage: 'too\nold' }), 300);
    const error = await otlp(url)
      .deliver(delivery('g 1\n'), unhurried)
      .catch((thrown: Error) => thrown);
    expect((error as Error).message).toBe(`otlp ${url}: 3 of 1 data points rejected: too old`);
    expect(isPermanentFailure(error)).toBe(true);
  });

  it('that only warns is logged', async () => {
    const { url } = await receiver(partial({ errorMessage: 'deprecated' }));
    const warnings: object[] = [];
    const log = { ...silent, warn: (facts: object) => void warnings.push(facts) };
    await otlp(url).deliver(delivery('g 1\n'), { ...unhurried, log });
    expect(warnings).toEqual([{ sink: `otlp ${url}`, warning: 'deprecated' }]);
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['an empty partial success', partial({})],
    ['garbage', Buffer.from('ffffffffffffffffffffff0a0a0a', 'hex')],
    ['a message that is cut off', Buffer.from('0a7f08', 'hex')],
  ])('that answers a success with %s has accepted it', async (_what, answer) => {
    const { url } = await receiver(answer);
    await otlp(url).deliver(delivery('g 1\n'), unhurried);
  });

  const status = (code: number, text = '', headers = {}): Fault => ({ status: code, text, headers });
  const protobuf = { 'content-type': 'application/x-protobuf' };
  const LONG = { timeoutMs: 50_000 };
  it.concurrent.each<
    [string, Fault | Fault[], number, { message?: RegExp; refused?: true; options?: OtlpOptions; exact?: true }]
  >([
    ['drips its answer', 'drip', 1, {}],
    ['breaks off', 'truncate', 1, {}],
    ['is a web page', 'page', 1, { message: /so this is not an OTLP receiver/ }],
    ['answers 400', status(400, 'bad'), 1, { message: /answered 400: bad$/, refused: true }],
    [
      'answers 400 by protobuf',
      status(400, encodeOtlpAnswer('Status', { message: 'no such tenant' }).toString('latin1'), protobuf),
      1,
      { message: /answered 400: no such tenant$/, refused: true },
    ],
    ['answers 415', status(415, 'json only'), 1, { message: /answered 415: json only$/, refused: true }],
    ['answers 500, which is not retried', status(500, 'broken'), 1, { message: /answered 500: broken$/ }],
    ['answers 501', status(501, ''), 1, { message: /answered 501$/ }],
    ['wants credentials', status(401), 1, { message: /answered 401 \(check the credentials\)$/ }],
    [
      'has too much to do for long',
      status(429, '', { 'retry-after': '60' }),
      1,
      { message: /answered 429 .*Retry-After of 60 s exceeds the push timeout$/ },
    ],
    ['is busy, then accepts', [status(502), status(503), status(504), 'ok'], 4, { options: LONG }],
    ['is busy for a second', [status(503, '', { 'retry-after': '1' }), 'ok'], 2, { options: LONG }],
    ['resets, then accepts', ['reset', 'ok'], 2, { options: LONG }],
  ])('that %s', async (_what, script, attempts, { message, refused = false, options }) => {
    const faulty = await faultyGateway(script);
    const sink = otlp(faulty.url, { timeoutMs: 4000, attemptTimeoutMs: 1200, ...options });
    const error = await sink.deliver(delivery('g 1\n'), unhurried).catch((thrown: Error) => thrown);
    await faulty.close();
    expect(faulty.received.length).toBe(attempts);
    expect(isPermanentFailure(error)).toBe(refused);
    if (message === undefined) expect(error).toBeUndefined();
    else expect((error as Error).message).toMatch(message);
  });

  it('does not stop the requests after one that it refuses', async () => {
    const faulty = await faultyGateway([status(400, 'bad'), 'ok']);
    const sent = otlp(faulty.url, { maxPoints: 1 }).deliver(delivery('g 1\nh 1\n'), unhurried);
    await expect(sent).rejects.toThrow(/1 of 2 requests were not accepted in full; the first: answered 400: bad$/);
    expect(faulty.received.length).toBe(2);
    await faulty.close();
  });
});

describe('options', () => {
  it.each<[string, OtlpOptions, string]>([
    ['collector:4318', {}, 'is not an http(s) URL; write http://host:4318/v1/metrics'],
    ['http://c', { maxPoints: 0 }, 'maxPoints must be at least 1, not 0'],
    ['http://u@c', { bearerToken: 'x' }, 'bearerToken and username are mutually exclusive'],
    ['http://c', { headers: { 'Content-Type': 'application/json' } }, 'the header Content-Type is reserved'],
  ])('that make no sense are refused at once: %s %j', (url, options, message) => {
    expect(() => otlp(url, options)).toThrow(message);
  });

  it('authenticate; no secret is in what is said', async () => {
    const faulty = await faultyGateway(status401());
    const sink = otlp(faulty.url.replace('//', '//ann:secret@'));
    expect(sink.name).toBe(`otlp ${faulty.url}`);
    const error = await sink.deliver(delivery('g 1\n'), unhurried).catch((thrown: Error) => thrown);
    expect(faulty.received[0]!.headers.authorization).toBe(`Basic ${Buffer.from('ann:secret').toString('base64')}`);
    expect((error as Error).message).toContain('answered 400: you sent ***');
    await faulty.close();
  });
});

const status401 = (): Fault => ({
  status: 400,
  text: encodeOtlpAnswer('Status', { message: 'you sent secret' }).toString('latin1'),
  headers: { 'content-type': 'application/x-protobuf' },
});
