import { needPeers, promtoolCheckMetrics } from 'test-servers';
import { describe, expect, it, vi } from 'vitest';
import { exporter } from '../collect/exporter.ts';
import type { Family } from '../collect/families.ts';
import { gatherer } from '../collect/scrape/gather.ts';
import { encodeToString, text } from '../encode/encode.ts';
import { openMetrics } from '../encode/openmetrics.ts';
import { parseOpenMetrics } from '../parse/openmetrics.ts';
import { parseText } from '../parse/text.ts';
import { lint } from '../testing/lint.ts';
import { scrape } from '../testing/scrape.ts';
import { fromRegistry, nodeRuntime, type RegistryLike } from './index.ts';

type Client = typeof import('prom-client');

const clients: { name: string; node: number; load: () => Promise<unknown> }[] = [
  { name: 'prom-client', node: 20, load: () => import('prom-client') },
  { name: '@prometheus-io/client', node: 22, load: () => import('@prometheus-io/client') },
];

/** Families in a form that does not depend on their order, nor on how a bound is spelt. */
function plain(families: Iterable<Family>): object[] {
  const number = (own: string): string => (own === '+Inf' ? own : String(Number(own)));
  return [...families]
    .filter((family) => family.samples.length > 0)
    .map(({ name, kind, help, samples }) => ({
      name,
      kind,
      help,
      samples: samples
        .map(({ name, labels, value }) => {
          const pairs = Object.entries(labels)
            .filter(([, text]) => text !== '')
            .map(
              ([label, text]) =>
                `${label}=${label === 'le' || label === 'quantile' ? number(text) : JSON.stringify(text)}`,
            );
          return `${name} ${pairs.sort()} ${value}`;
        })
        .sort(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

for (const { name: clientName, node, load } of clients) {
  const fits = Number(process.versions.node.split('.')[0]) >= node;
  if (!fits) console.warn(`SKIPPED: ${clientName} needs Node ${node}, this is ${process.version}`);

  describe.skipIf(!fits)(`fromRegistry with ${clientName}`, async () => {
    const { Counter, Gauge, Histogram, Registry, Summary, AggregatorRegistry } = (fits ? await load() : {}) as Client;

    /** A registry with one of everything, and more. */
    function full() {
      const register = new Registry();
      const registers = [register];
      const at = { registers, help: 'Help, with "quotes",\na line and a \\.' };
      const requests = new Counter({ ...at, name: 'requests_total', labelNames: ['method', 'code'] });
      requests.inc({ method: 'GET', code: 200 }, 3);
      requests.inc({ code: '500', method: 'say "hi"\n\\' }, 0.5);
      const odd = new Counter({ ...at, name: 'oddCounter' });
      odd.inc(7);
      const depth = new Gauge({ ...at, name: 'depth', labelNames: ['queue'] });
      for (const [i, value] of [0, -1.5, 1e300, Number.NaN, Infinity, -Infinity].entries())
        depth.set({ queue: i }, value);
      new Gauge({ ...at, name: 'plain' }).set(1);
      new Gauge({ ...at, name: 'never_set', labelNames: ['a'] });
      const wait = new Histogram({ ...at, name: 'wait_seconds', buckets: [0.1, 1, 10], labelNames: ['queue'] });
      for (const value of [0.05, 0.1, 3, 100]) wait.observe({ queue: 'a' }, value);
      wait.observe({ queue: 'b' }, 2);
      new Histogram({ ...at, name: 'idle_seconds' });
      const sizes = new Summary({ ...at, name: 'sizes', percentiles: [0.9, 0.5], labelNames: ['queue'] });
      for (let i = 0; i < 10; i++) sizes.observe({ queue: 'a' }, i);
      new Summary({ ...at, name: 'idle' });
      return { register, requests, depth, wait, sizes, odd };
    }

    const own = async (register: RegistryLike): Promise<object[]> =>
      plain(parseText(await (register as InstanceType<typeof Registry>).metrics()));
    const ours = async (register: RegistryLike): Promise<object[]> =>
      plain((await scrape(fromRegistry(register))).families.values());

    it('writes what the registry itself writes', async () => {
      const { register } = full();
      const written = await ours(register);
      expect(written).toEqual(await own(register));
      expect(written).toHaveLength(8);
    });

    it('passes exemplars on, to OpenMetrics alone', async () => {
      const register = new Registry();
      register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
      const at = { registers: [register as never], help: 'Help.', enableExemplars: true };
      const orders = new Counter<string>({ ...at, name: 'orders_total', labelNames: ['country'] });
      const visits = new Counter({ ...at, name: 'visits_total' });
      const wait = new Histogram<string>({ ...at, name: 'wait_seconds', buckets: [0.1, 1], labelNames: ['queue'] });
      orders.inc({ labels: { country: 'pt' }, value: 2, exemplarLabels: { trace_id: 'a"b' } });
      orders.inc({ labels: { country: 'fr' }, value: 1 });
      visits.inc({ value: 1, exemplarLabels: { trace_id: 'b', order: 7 } });
      wait.observe({ labels: { queue: 'a' }, value: 0.5, exemplarLabels: { trace_id: 'c' } });
      wait.observe({ labels: { queue: 'a' }, value: 9, exemplarLabels: { trace_id: 'd' } });
      wait.observe({ labels: { queue: 'b' }, value: 0.05, exemplarLabels: { trace_id: 'e' } });
      const collector = fromRegistry(register);
      const live = gatherer(exporter({ name: 'kit_exporter', collectors: [collector] }), [collector], { strict: true });
      // Twice, as the second time all series are known.
      await live.gather({ deadline: Infinity }).then(({ snapshot }) => snapshot.release());
      const { snapshot } = await live.gather({ deadline: Infinity });
      const [own, plainText] = [openMetrics, text].map((format) => encodeToString(snapshot, format));
      snapshot.release();
      const exemplars = (exposition: string) =>
        exposition
          .split('\n')
          .filter((line) => line.includes(' # '))
          .map((line) => line.replace(/ [\d.]+$/, ''))
          .sort();
      expect(exemplars(own!)).toEqual([
        'orders_total{country="pt"} 2 # {trace_id="a\\"b"} 2',
        'visits_total 1 # {trace_id="b",order="7"} 1',
        'wait_seconds_bucket{queue="a",le="+Inf"} 2 # {trace_id="d"} 9',
        'wait_seconds_bucket{queue="a",le="1.0"} 1 # {trace_id="c"} 0.5',
        'wait_seconds_bucket{queue="b",le="0.1"} 1 # {trace_id="e"} 0.05',
      ]);
      // The client does not escape values, writes bounds in another way, and first.
      const theirs = exemplars((await register.metrics()).replace('a"b', 'a\\"b')).map((line) =>
        line.replace('le="1"', 'le="1.0"').replace(/\{(le=.*?),(queue=.*?)\}/, '{$2,$1}'),
      );
      expect(exemplars(own!)).toEqual(theirs.sort());
      expect(exemplars(plainText!)).toEqual([]);
    });

    it('keeps up with the registry', async () => {
      const { register, requests, depth, wait, sizes } = full();
      const collector = fromRegistry(register);
      const live = gatherer(exporter({ name: 'kit_exporter', collectors: [collector] }), [collector], { strict: true });
      const read = async (): Promise<object[]> => {
        const { snapshot } = await live.gather({ deadline: Infinity });
        const whole = encodeToString(snapshot, text);
        snapshot.release();
        return plain(parseText(whole).filter((family) => !family.name.startsWith('kit_')));
      };
      expect(await read()).toEqual(await own(register));
      requests.inc({ method: 'GET', code: 200 });
      requests.inc({ method: 'PUT', code: 201 });
      depth.remove({ queue: 1 });
      wait.observe({ queue: 'c' }, 1);
      sizes.observe({ queue: 'a' }, 100);
      new Gauge({ registers: [register], name: 'late', help: 'Late.' }).set(1);
      expect(await read()).toEqual(await own(register));
      register.removeSingleMetric('late');
      depth.reset();
      expect(await read()).toEqual(await own(register));
      register.resetMetrics();
      expect(await read()).toEqual(await own(register));
    });

    it('adds default labels as the registry does, and leaves its entries alone', async () => {
      const { register, requests } = full();
      register.setDefaultLabels({ zone: 'eu', queue: 'default' });
      const before = JSON.stringify(await requests.get());
      expect(await ours(register)).toEqual(await own(register));
      expect(JSON.stringify(await requests.get())).toBe(before);
      register.setDefaultLabels({});
      expect(await ours(register)).toEqual(await own(register));
    });

    it('lets concurrent scrapes in two formats leave the registry as it is', async () => {
      const { register, requests, odd } = full();
      register.setDefaultLabels({ zone: 'eu' });
      const rendered = await register.metrics();
      const state = JSON.stringify([await requests.get(), await odd.get(), register.contentType]);
      const collector = fromRegistry(register);
      const live = gatherer(exporter({ name: 'kit_exporter', collectors: [collector] }), [collector], { strict: true });
      const answers = await Promise.all(
        [text, openMetrics, text, openMetrics].map(async (encoding) => {
          const { snapshot } = await live.gather({ deadline: Infinity });
          const whole = encodeToString(snapshot, encoding);
          snapshot.release();
          return whole;
        }),
      );
      const families = parseOpenMetrics(answers[1]!);
      expect(families.find(({ name }) => name === 'requests')).toMatchObject({
        kind: 'counter',
        samples: { length: 2 },
      });
      expect(families.find(({ name }) => name === 'oddCounter')).toMatchObject({ kind: 'unknown' });
      expect(parseText(answers[0]!).find(({ name }) => name === 'oddCounter')).toMatchObject({ kind: 'counter' });
      expect(answers[3]!.replaceAll(/^kit_.*\n/gm, '')).toBe(answers[1]!.replaceAll(/^kit_.*\n/gm, ''));
      expect(JSON.stringify([await requests.get(), await odd.get(), register.contentType])).toBe(state);
      expect(await register.metrics()).toBe(rendered);
    });

    it('runs each collect function once a scrape, and waits for it', async () => {
      const register = new Registry();
      const collect = vi.fn();
      new Gauge({
        registers: [register],
        name: 'slow',
        help: 'Slow.',
        async collect() {
          await new Promise((resolve) => setImmediate(resolve));
          collect();
          this.set(5);
        },
      });
      const { value } = await scrape(fromRegistry(register));
      expect(collect).toHaveBeenCalledTimes(1);
      expect(value('slow')).toBe(5);
    });

    it('fails with the name of the metric that fails', async () => {
      const { register } = full();
      new Gauge({
        registers: [register],
        name: 'broken',
        help: 'Broken.',
        collect() {
          throw new Error('no disk');
        },
      });
      await expect(scrape(fromRegistry(register))).rejects.toThrow('metric broken could not be read: no disk');
    });

    it('names counters as an OpenMetrics registry does, before and after it has rendered', async () => {
      const register = new Registry() as unknown as InstanceType<
        typeof Registry<import('prom-client').OpenMetricsContentType>
      >;
      register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
      new Counter({ registers: [register], name: 'a_total', help: 'A.' }).inc();
      new Counter({ registers: [register], name: 'b', help: 'B.', enableExemplars: true }).inc({
        exemplarLabels: { trace: 'x' },
      } as never);
      const names = async (): Promise<string[]> => [...(await scrape(fromRegistry(register))).families.keys()];
      expect(await names()).toEqual(['a_total', 'b_total']);
      await register.metrics();
      expect(await names()).toEqual(['a_total', 'b_total']);
    });

    it('makes uneven label sets even', async () => {
      const register = new Registry();
      const gauge: import('prom-client').Gauge = new Gauge({
        registers: [register],
        name: 'x',
        help: 'X.',
        labelNames: ['a', 'b', 'constructor'],
      });
      gauge.set({ a: '1' }, 1);
      gauge.set({ b: '2', a: '2' }, 2);
      gauge.set({ a: '3', b: undefined as never }, 3);
      gauge.set({}, 4);
      const { text } = await scrape(fromRegistry(register));
      expect(text).toContain('x{a="1",b=""} 1\nx{a="2",b="2"} 2\nx{a="3",b=""} 3\nx{a="",b=""} 4\n');
      gauge.set({ constructor: '5' } as never, 5);
      expect(await ours(register)).toMatchObject([{ samples: { length: 5 } }]);
    });

    it('takes a histogram that was given an infinite bucket', async () => {
      const register = new Registry();
      const wait = new Histogram({ registers: [register], name: 'h', help: 'H.', buckets: [1, Infinity] });
      for (const value of [0.5, 2, 3]) wait.observe(value);
      const { series } = await scrape(fromRegistry(register));
      expect(series('h_bucket').map(({ labels, value }) => [labels.le, value])).toEqual([
        ['1.0', 1],
        ['+Inf', 3],
      ]);
    });

    it('takes metrics that only look like the client’s, and get() without a promise', async () => {
      const register = new Registry();
      const values = [{ value: 1, labels: { a: 'b' } }, { value: 2 }];
      register.registerMetric({
        name: 'duck',
        get: () => ({ name: 'duck', help: '', type: 'untyped', values }),
      } as never);
      const { families } = await scrape(fromRegistry(register));
      expect(families.get('duck')).toMatchObject({ kind: 'unknown', samples: [{ value: 1 }, { value: 2 }] });
    });

    it('takes names that need quotes', async () => {
      const register = new Registry();
      const values = [{ value: 1, labels: { 'http.method': 'GET' } }];
      register.registerMetric({
        name: 'http.requests_total',
        get: () => ({ name: 'http.requests_total', help: 'x', type: 'counter', values }),
      } as never);
      const { value, text: body } = await scrape(fromRegistry(register));
      expect(value('http.requests_total', { 'http.method': 'GET' })).toBe(1);
      expect(body).toContain('{"http.requests_total","http.method"="GET"} 1\n');
    });

    it('takes what a cluster has aggregated', async () => {
      const { register } = full();
      const whole = await register.getMetricsAsJSON();
      const both = AggregatorRegistry.aggregate([whole, structuredClone(whole)]);
      expect(await ours(both)).toEqual(await own(both));
    });

    it('leaves each label set its own buckets and quantiles, and adds nothing', async () => {
      const register = new Registry();
      const entry = (metricName: string | undefined, value: number, labels = {}) => ({ metricName, value, labels });
      const readings = {
        h: [
          ...[entry('h_bucket', 1, { a: 1, le: 1 }), entry('h_bucket', 2, { a: 1, le: '+Inf' })],
          ...[entry('h_sum', 3, { a: 1 }), entry('h_count', 2, { a: 1 })],
          ...[entry('h_bucket', 1, { a: 2, le: 60 }), entry('h_count', 1, { a: 2 })],
        ],
        s: [
          ...[entry(undefined, 1, { quantile: 0.5 }), entry('s_sum', 1), entry('s_count', 1)],
          ...[entry(undefined, 2, { b: 'x', quantile: 1e-9 }), entry('s_count', 1, { b: 'x' })],
        ],
      };
      for (const [name, values] of Object.entries(readings)) {
        const type = name === 'h' ? 'histogram' : 'summary';
        register.registerMetric({ name, get: () => ({ name, help: '', type, values }) } as never);
      }
      register.setDefaultLabels({ app: 'shop' });
      const { text } = await scrape(fromRegistry(register));
      expect(text.split('\n').filter((line) => /^[hs]/.test(line))).toEqual([
        'h_bucket{app="shop",a="1",le="1.0"} 1',
        'h_bucket{app="shop",a="1",le="+Inf"} 2',
        'h_sum{app="shop",a="1"} 3',
        'h_count{app="shop",a="1"} 2',
        'h_bucket{app="shop",a="2",le="60.0"} 1',
        'h_count{app="shop",a="2"} 1',
        's{app="shop",quantile="0.5"} 1',
        's_sum{app="shop"} 1',
        's_count{app="shop"} 1',
        's{app="shop",b="x",quantile="1e-09"} 2',
        's_count{app="shop",b="x"} 1',
      ]);
    });

    it('takes names that only OpenMetrics reserves', async () => {
      const register = new Registry();
      const registers = [register];
      const total = new Counter({ name: 'rows_total', help: 'x', registers });
      const created = new Gauge({ name: 'rows_created', help: 'x', registers });
      const waits = new Histogram({ name: 'wait', help: 'x', buckets: [1, 60], registers });
      const since = new Gauge({ name: 'wait_created', help: 'x', registers });
      total.inc(2);
      created.set(3);
      waits.observe(0.5);
      since.set(4);
      const { value } = await scrape(fromRegistry(register));
      const names = ['rows_total', 'rows_created', 'wait_sum', 'wait_created'];
      expect(names.map((name) => value(name))).toEqual([2, 3, 0.5, 4]);
    });

    it('has the name it is given', () => {
      expect(fromRegistry(new Registry()).name).toBe('registry');
      expect(fromRegistry(new Registry(), { name: 'shop' }).name).toBe('shop');
    });
  });
}

it('wants a registry', () => {
  expect(() => fromRegistry({} as RegistryLike)).toThrow(/fromRegistry\(\) needs a prom-client Registry/);
  expect(() => fromRegistry(undefined as never)).toThrow(TypeError);
});

describe('nodeRuntime', () => {
  it('tells of the process and its runtime', async () => {
    const { value, families } = await scrape(nodeRuntime());
    expect(value('process_start_time_seconds')).toBeGreaterThan(1.6e9);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(families.get('nodejs_version_info')?.samples[0]?.labels.version).toBe(process.version);
    expect(families.has('nodejs_active_handles_total')).toBe(false);
    for (const { name, samples } of families.values()) {
      for (const sample of samples) {
        expect(Number.isFinite(sample.value), name).toBe(true);
        if (name.includes('_lag_')) expect(sample.value, name).toBeLessThan(60);
      }
    }
  });

  it('has nothing that the linter objects to', async () => {
    const whole = await vi.waitUntil(async () => {
      const { text, families } = await scrape(nodeRuntime());
      return families.has('nodejs_eventloop_lag_seconds') && text;
    }, 20_000);
    expect(whole).toMatch(/^nodejs_eventloop_lag_mean_seconds \d/m);
    expect(lint(whole)).toEqual([]);
    if (needPeers('promtool')) expect(promtoolCheckMetrics(whole)).toEqual({ code: 0, problems: [] });
  });
});
