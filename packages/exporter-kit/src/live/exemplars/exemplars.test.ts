import { context, type Span, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, AlwaysOnSampler, NodeTracerProvider, type Sampler } from '@opentelemetry/sdk-trace-node';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exemplar } from '../../collect/store/exemplar.ts';
import { counter, histogram, type Live, live, type SpanContext } from '../../index.ts';
import { scrape } from '../../testing/index.ts';

const metrics = {
  visits: counter({ name: 'shop_visits_total', help: 'Visits.' }),
  orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
  took: histogram({
    name: 'shop_checkout_seconds',
    help: 'Time to check out.',
    unit: 'seconds',
    labels: ['step'],
    buckets: [0.1, 0.5, 2],
  }),
  waits: histogram({ name: 'shop_wait_seconds', help: 'Time to wait.', unit: 'seconds', buckets: [1] }),
};

const shop = (span?: (() => SpanContext | undefined) | false): Live<typeof metrics> =>
  live({ name: 'shop', metrics, ...(span === undefined ? {} : { span }) });

type Kept = readonly (Exemplar | undefined)[] | undefined;

/** Exemplars of a family by number, as a reader gets them now. */
function exemplarsOf({ collector }: Pick<Live<typeof metrics>, 'collector'>, name: string): Kept {
  return collector.feed!.freeze().families.find(({ metric }) => metric.name === name)!.exemplars;
}

const idsOf = (span: Span) => ({ trace_id: span.spanContext().traceId, span_id: span.spanContext().spanId });
const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const sampled = (): SpanContext => ({ traceId, spanId, traceFlags: 1 });

describe('exemplars by hand', () => {
  it('are kept for each counter and bucket, the last one each', async () => {
    const one = shop(false);
    const before = Date.now();
    one.visits.inc(1, { trace_id: 'a' });
    one.visits.inc(2, { trace_id: 'b' });
    one.orders.inc({ country: 'pt' }, 3, { trace_id: 'c' });
    one.orders.with({ country: 'fr' }).inc(undefined, { trace_id: 'd' });
    one.took.observe({ step: 'pay' }, 0.3, { trace_id: 'e' });
    one.took.with({ step: 'pay' }).observe(9, { trace_id: 'f' });
    one.waits.observe(0.5, { trace_id: 'g', order: 'n° 7' });
    const [visit] = exemplarsOf(one, 'shop_visits_total')!;
    expect(visit).toEqual({ labels: { trace_id: 'b' }, value: 2, timestampMs: expect.any(Number) });
    expect(visit!.timestampMs).toBeGreaterThanOrEqual(before);
    const labels = (name: string) => exemplarsOf(one, name)!.map((exemplar) => exemplar?.labels);
    expect(labels('shop_orders_total')).toEqual([{ trace_id: 'c' }, { trace_id: 'd' }]);
    const none = undefined;
    expect(labels('shop_checkout_seconds')).toEqual([none, { trace_id: 'e' }, none, { trace_id: 'f' }, none]);
    expect(labels('shop_wait_seconds')).toEqual([{ trace_id: 'g', order: 'n° 7' }, none, none]);
    await scrape(one.collector);
  });

  it('come with a timer, too', () => {
    const { took, waits, collector } = shop(false);
    took.start()({ step: 'pay' }, { trace_id: 'a' });
    waits.start()({ trace_id: 'b' });
    expect(exemplarsOf({ collector }, 'shop_checkout_seconds')![0]!.labels).toEqual({ trace_id: 'a' });
    expect(exemplarsOf({ collector }, 'shop_wait_seconds')![0]!.labels).toEqual({ trace_id: 'b' });
  });

  it.each([
    ['no object', 'a'],
    ['null', null],
    ['a list', ['a']],
    ['a number as a value', { trace_id: 7 }],
    ['a name that needs quotes', { 'trace.id': 'a' }],
    ['an empty name', { '': 'a' }],
    ['a reserved name', JSON.parse('{"__proto__":"a"}')],
    ['half a surrogate pair', { trace_id: '\ud800' }],
    ['129 characters', { trace_id: 'a'.repeat(121) }],
    ['a text without end', { trace_id: 'a'.repeat(1e8) }],
    [
      'a getter that throws',
      {
        get trace_id() {
          throw new Error('no');
        },
      },
    ],
  ])('are refused if wrong, and the call counts: %s', async (_, wrong) => {
    const { visits, orders, waits, collector } = shop(false);
    visits.inc(2, wrong as never);
    orders.inc({ country: 'pt' }, 1, wrong as never);
    waits.observe(0.5, wrong as never);
    const { families, drops } = collector.feed!.freeze();
    expect(drops.counts).toEqual(new Map([['invalid_exemplar', 3]]));
    expect(families.map(({ exemplars }) => exemplars)).toEqual(families.map(() => undefined));
    await expect(scrape(collector)).rejects.toThrow(/^shop_visits_total: .*exemplar/);
    const { value } = await scrape(collector);
    expect(value('shop_visits_total')).toBe(2);
    expect(value('shop_orders_total', { country: 'pt' })).toBe(1);
    expect(value('shop_wait_seconds_count')).toBe(1);
  });

  it('may have 128 characters, however many bytes', () => {
    const one = shop(false);
    one.visits.inc(1, { trace_id: '😀'.repeat(120) });
    one.waits.observe(1, {});
    expect(exemplarsOf(one, 'shop_visits_total')).toHaveLength(1);
    expect(exemplarsOf(one, 'shop_wait_seconds')![0]!.labels).toEqual({});
  });

  it('are copies', () => {
    const one = shop(false);
    const labels = { trace_id: 'a' };
    one.visits.inc(1, labels);
    const frozen = exemplarsOf(one, 'shop_visits_total')!;
    labels.trace_id = 'b';
    one.visits.inc(1, { trace_id: 'c' });
    expect(frozen[0]!.labels).toEqual({ trace_id: 'a' });
  });

  it('end with their series', () => {
    const one = shop(false);
    const child = one.orders.with({ country: 'pt' });
    child.inc(1, { trace_id: 'a' });
    one.orders.remove({ country: 'pt' });
    child.inc();
    one.orders.inc({ country: 'fr' }, 1, { trace_id: 'b' });
    one.orders.remove({ country: 'fr' });
    one.orders.inc({ country: 'es' });
    expect(exemplarsOf(one, 'shop_orders_total')!.filter(Boolean)).toEqual([]);
  });
});

describe('exemplars of the span function', () => {
  it('are those of sampled spans, one for each number between two readings', () => {
    let spans = 0;
    const one = shop(() => {
      spans++;
      return { ...sampled(), spanId: spans.toString(16).padStart(16, '0') };
    });
    for (let i = 0; i < 100; i++) one.orders.inc({ country: 'pt' });
    expect(spans).toBe(1);
    expect(exemplarsOf(one, 'shop_orders_total')![0]!.labels).toEqual({
      trace_id: traceId,
      span_id: `${'0'.repeat(15)}1`,
    });
    for (let i = 0; i < 100; i++) one.orders.inc({ country: 'pt' });
    expect(spans).toBe(2);
    expect(exemplarsOf(one, 'shop_orders_total')![0]!.labels.span_id).toBe(`${'0'.repeat(15)}2`);
    one.orders.inc({ country: 'pt' }, 1, { trace_id: 'by hand' });
    one.orders.inc({ country: 'pt' });
    expect(spans).toBe(2);
    expect(exemplarsOf(one, 'shop_orders_total')![0]!.labels).toEqual({ trace_id: 'by hand' });
  });

  it('are looked for a bounded number of times: of each series, and of a metric', () => {
    let looks = 0;
    const one = shop(() => {
      looks++;
      return { ...sampled(), traceFlags: 0 };
    });
    for (let i = 0; i < 10_000; i++) one.visits.inc();
    expect(looks).toBe(32);
    for (let i = 0; i < 10_000; i++) one.orders.inc({ country: i % 500 });
    expect(looks).toBe(32 + 1000);
    expect(exemplarsOf(one, 'shop_orders_total')).toBeUndefined();
    one.visits.inc();
    expect(looks).toBe(32 + 1000 + 1);
  });

  it.each([
    ['a trace id that is too short', { traceId: 'abc', spanId, traceFlags: 1 }],
    ['a trace id of zeros', { traceId: '0'.repeat(32), spanId, traceFlags: 1 }],
    ['a malformed span id', { traceId, spanId: '"}\n', traceFlags: 1 }],
    ['no ids', { traceFlags: 1 }],
    ['no span', 'thrown'],
  ])('never harm the call: %s', async (_, wrong) => {
    const { visits, waits, collector } = shop(() => {
      if (wrong === 'thrown') throw new Error('no span');
      return wrong as SpanContext;
    });
    visits.inc();
    waits.start()();
    const { families, drops } = collector.feed!.freeze();
    expect(drops.counts.get('invalid_exemplar')).toBeGreaterThanOrEqual(2);
    expect(families.map(({ exemplars }) => exemplars)).toEqual(families.map(() => undefined));
    await expect(scrape(collector)).rejects.toThrow(/^shop_visits_total: no exemplar: /);
    expect((await scrape(collector)).value('shop_visits_total')).toBe(1);
  });

  it('is a function or false', () => {
    expect(() => shop('active' as never)).toThrow('live shop: span must be a function');
  });
});

describe('exemplars of OpenTelemetry', () => {
  afterEach(() => {
    trace.disable();
    context.disable();
  });

  const start = (sampler: Sampler = new AlwaysOnSampler()): void => new NodeTracerProvider({ sampler }).register();

  it('are found whether it starts before or after', () => {
    const early = shop();
    early.visits.inc();
    start();
    const late = shop();
    const tracer = trace.getTracer('test');
    exemplarsOf(early, 'shop_visits_total');
    const span = tracer.startActiveSpan('order', (active) => {
      early.visits.inc();
      late.orders.inc({ country: 'pt' });
      late.took.with({ step: 'pay' }).observe(0.3);
      active.end();
      return active;
    });
    expect(exemplarsOf(early, 'shop_visits_total')![0]!.labels).toEqual(idsOf(span));
    expect(exemplarsOf(late, 'shop_orders_total')![0]!.labels).toEqual(idsOf(span));
    expect(exemplarsOf(late, 'shop_checkout_seconds')![1]!.labels).toEqual(idsOf(span));
    late.visits.inc();
    expect(exemplarsOf(late, 'shop_visits_total')).toBeUndefined();
  });

  it('are none without a sampled span, or if turned off', () => {
    start(new AlwaysOffSampler());
    const one = shop();
    trace.getTracer('test').startActiveSpan('order', (span) => {
      one.visits.inc();
      one.waits.start()();
      span.end();
    });
    expect(exemplarsOf(one, 'shop_visits_total')).toBeUndefined();
    expect(exemplarsOf(one, 'shop_wait_seconds')).toBeUndefined();
    trace.disable();
    context.disable();
    start();
    const off = shop(false);
    trace.getTracer('test').startActiveSpan('order', (span) => {
      off.visits.inc();
      span.end();
    });
    expect(exemplarsOf(off, 'shop_visits_total')).toBeUndefined();
  });

  it('of a timer are the span in which it was started, wherever it ends', async () => {
    start();
    const one = shop();
    const tracer = trace.getTracer('test');
    const { outer, end } = tracer.startActiveSpan('outer', (span) => ({ outer: span, end: one.waits.start() }));
    tracer.startActiveSpan('another', (span) => {
      end();
      span.end();
    });
    outer.end();
    expect(exemplarsOf(one, 'shop_wait_seconds')![0]!.labels).toEqual(idsOf(outer));
    const work = await tracer.startActiveSpan('work', async (span) => {
      await one.took.time({ step: 'pay' }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
      });
      span.end();
      return span;
    });
    expect(exemplarsOf(one, 'shop_checkout_seconds')!.find(Boolean)!.labels).toEqual(idsOf(work));
  });

  it('of a timer that is started outside of a span are the one in which it ends', () => {
    start();
    const one = shop();
    const end = one.waits.start();
    const span = trace.getTracer('test').startActiveSpan('order', (active) => {
      end();
      active.end();
      return active;
    });
    expect(exemplarsOf(one, 'shop_wait_seconds')![0]!.labels).toEqual(idsOf(span));
  });
});
