import fc from 'fast-check';
import { needPeers, type PythonSample, pythonParse } from 'test-servers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Collector } from '../collect/collector.ts';
import { silent } from '../collect/context.ts';
import { runner } from '../collect/scrape/runner.ts';
import { joinParts, type Snapshot, snapshotOf } from '../collect/scrape/snapshot.ts';
import { counter, gauge, histogram, live, withLabels } from '../index.ts';
import { escapings } from '../metric/escape.ts';
import { parseOpenMetrics } from '../parse/openmetrics.ts';
import { encodeText } from './encode.ts';
import { encodeOpenMetrics } from './openmetrics.ts';

/** What collectors have now. */
async function snapshotOfAll(...collectors: readonly Collector[]): Promise<Snapshot> {
  const parts = await Promise.all(
    collectors.map(async (collector) => {
      const { samples } = await runner(collector, undefined, { log: silent, strict: true }).join(Infinity).done;
      const conflict = (_: number, detail: string) => expect.unreachable(detail);
      return { title: collector.name, columns: samples!.columns, conflict };
    }),
  );
  return snapshotOf(joinParts(parts));
}

const begun = 1_700_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: begun });
});
afterEach(() => {
  vi.useRealTimers();
});

const shop = () =>
  live({
    name: 'shop',
    span: false,
    metrics: {
      orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
      visits: counter({ name: 'shop_visits_total', help: 'Visits.' }),
      foreign: counter({ name: 'shop_foreign', help: 'Misnamed.', waive: { total: 'as the source names it' } }),
      stock: gauge({ name: 'shop_stock', help: 'Stock.' }),
      took: histogram({
        name: 'shop.took_seconds',
        help: 'Time.',
        unit: 'seconds',
        labels: ['a.step'],
        buckets: [0.1, 0.5],
        waive: { syntax: 'to be escaped' },
      }),
    },
  });

async function shopAt(): Promise<Snapshot> {
  const { orders, visits, foreign, stock, took, collector } = shop();
  vi.setSystemTime(begun + 1500);
  orders.inc({ country: 'pt' }, 2, { trace_id: 'a"b\\c\nd', order: '😀' });
  orders.inc({ country: 'fr' });
  visits.inc(3, {});
  foreign.inc(1, { trace_id: 'a' });
  stock.set(3);
  vi.setSystemTime(begun + 2000);
  took.observe({ 'a.step': 'x' }, 0.3, { trace_id: 'e' });
  took.observe({ 'a.step': 'x' }, 1e-7, { trace_id: 'f' });
  return snapshotOfAll(collector);
}

describe('additions of OpenMetrics', () => {
  it('are exemplars of counters and buckets, and if asked for, when each began', async () => {
    const snapshot = await shopAt();
    expect(
      encodeOpenMetrics(snapshot, { created: true, escaping: 'allow-utf-8' }),
    ).toBe(`# TYPE "shop.took_seconds" histogram
# UNIT "shop.took_seconds" seconds
# HELP "shop.took_seconds" Time.
{"shop.took_seconds_bucket","a.step"="x",le="0.1"} 1 # {trace_id="f"} 1e-7 1700000002
{"shop.took_seconds_bucket","a.step"="x",le="0.5"} 2 # {trace_id="e"} 0.3 1700000002
{"shop.took_seconds_bucket","a.step"="x",le="+Inf"} 2
{"shop.took_seconds_sum","a.step"="x"} 0.3000001
{"shop.took_seconds_count","a.step"="x"} 2
{"shop.took_seconds_created","a.step"="x"} 1700000002
# TYPE shop_foreign unknown
# HELP shop_foreign Misnamed.
shop_foreign 1
# TYPE shop_orders counter
# HELP shop_orders Orders.
shop_orders_total{country="pt"} 2 # {trace_id="a\\"b\\\\c\\nd",order="😀"} 2 1700000001.5
shop_orders_created{country="pt"} 1700000001.5
shop_orders_total{country="fr"} 1
shop_orders_created{country="fr"} 1700000001.5
# TYPE shop_stock gauge
# HELP shop_stock Stock.
shop_stock 3
# TYPE shop_visits counter
# HELP shop_visits Visits.
shop_visits_total 3 # {} 3 1700000001.5
shop_visits_created 1700000000
# EOF
`);
  });

  it('are not in text 0.0.4, and _created only if asked for', async () => {
    const snapshot = await shopAt();
    const text = encodeText(snapshot);
    expect(text).not.toMatch(/[^\n]#|_created/);
    const plain = encodeOpenMetrics(snapshot);
    expect(plain).not.toContain('_created');
    expect(plain.match(/ # \{/g)).toHaveLength(4);
    const bare = (body: string) => body.replaceAll(/ # \{.*/g, '').replaceAll(/^\S*_created\S* .*\n/gm, '');
    for (const escaping of escapings) {
      const [whole, without] = [true, false].map((created) => encodeOpenMetrics(snapshot, { escaping, created }));
      expect(bare(whole!)).toBe(bare(without!));
      expect(whole!.match(/_created\S* 17/g)).toHaveLength(4);
      parseOpenMetrics(whole!);
    }
  });

  it('are not of families that OpenMetrics has without their type', async () => {
    const { orders, collector } = shop();
    orders.inc({ country: 'pt' }, 1, { trace_id: 'a' });
    const taken = live({
      name: 'taken',
      metrics: {
        at: gauge({ name: 'shop_orders_created', help: 'Taken.', waive: { suffix: 'as the source names it' } }),
      },
    });
    taken.at.set(1);
    const text = encodeOpenMetrics(await snapshotOfAll(collector, taken.collector), { created: true });
    expect(text).toContain(
      '# TYPE shop_orders_total unknown\n# HELP shop_orders_total Orders.\nshop_orders_total{country="pt"} 1\n',
    );
    expect(text.match(/^shop_orders_created/gm)).toHaveLength(1);
    parseOpenMetrics(text);
  });

  it('have the labels of the collector', async () => {
    const { visits, collector } = shop();
    visits.inc(1, { trace_id: 'a' });
    const text = encodeOpenMetrics(await snapshotOfAll(withLabels(collector, { zone: 'eu' })), { created: true });
    expect(text).toContain(
      'shop_visits_total{zone="eu"} 1 # {trace_id="a"} 1 1700000000\nshop_visits_created{zone="eu"} 17',
    );
  });
});

// Names and values that need quotes and bytes, up to what is allowed.
const exemplars = fc
  .dictionary(
    fc.stringMatching(/^_?[a-z][a-z0-9_]{0,4}$/),
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'é', '€', '😀', '}', '#'), maxLength: 128 }),
    { maxKeys: 30, noNullPrototype: true },
  )
  .filter((labels) => Object.entries(labels).reduce((sum, [n, v]) => sum + n.length + [...v].length, 0) <= 128);
it('fit into the pages of a body, whatever is in them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(exemplars), { minLength: 1 }),
      fc.constantFrom(...escapings),
      async (list, escaping) => {
        const { took, collector } = shop();
        const expected = new Map<string, string>();
        for (let i = 0; i < 900; i++) {
          const [step, value] = [i % 400, ((i * 7919) % 1000) / 1000];
          const exemplar = list[i % list.length] ?? null;
          took.observe({ 'a.step': step }, value, exemplar ?? undefined);
          const le = value <= 0.1 ? '0.1' : value <= 0.5 ? '0.5' : '+Inf';
          if (exemplar !== null) expected.set(`${step} ${le}`, JSON.stringify([Object.entries(exemplar), value]));
        }
        const text = encodeOpenMetrics(await snapshotOfAll(collector), { escaping, created: true });
        parseOpenMetrics(text);
        const found = Array.from(
          text.matchAll(/^.*="(\d+)",le="(.*?)"\} \d+ # \{(.*)\} (\S+) 1700000000$/gm),
          (line) => {
            const pairs = Array.from(line[3]!.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g), ([, name, quoted]) => [
              name,
              JSON.parse(quoted!),
            ]);
            return [`${line[1]} ${line[2]}`, JSON.stringify([pairs, Number(line[4])])] as const;
          },
        );
        expect(new Map(found)).toEqual(expected);
        expect(text.match(/_created/g)).toHaveLength(400 + 1);
      },
    ),
    { numRuns: 8 },
  );
});

const python = needPeers('python-client');
it.skipIf(!python)('are valid for the Python client', async () => {
  const text = encodeOpenMetrics(await shopAt(), { created: true });
  const samples = pythonParse(text, 'openmetrics').flatMap((family): readonly PythonSample[] => family.samples);
  const at = begun / 1000;
  const exemplified = samples.flatMap(({ name, exemplar }) => (exemplar === undefined ? [] : [[name, exemplar]]));
  expect(exemplified).toEqual([
    ['shop_took_seconds_bucket', { labels: { trace_id: 'f' }, value: 1e-7, timestamp: at + 2 }],
    ['shop_took_seconds_bucket', { labels: { trace_id: 'e' }, value: 0.3, timestamp: at + 2 }],
    ['shop_orders_total', { labels: { trace_id: 'a"b\\c\nd', order: '😀' }, value: 2, timestamp: at + 1.5 }],
    ['shop_visits_total', { labels: {}, value: 3, timestamp: at + 1.5 }],
  ]);
  const created = samples.filter(({ name }) => name.endsWith('_created')).map(({ name, value }) => [name, value - at]);
  expect(created).toEqual([
    ['shop_took_seconds_created', 2],
    ['shop_orders_created', 1.5],
    ['shop_orders_created', 1.5],
    ['shop_visits_created', 0],
  ]);
});
