import { describe, expect, it } from 'vitest';
import { everything } from '../../test/everything.ts';
import { gatherer } from '../collect/scrape/gather.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { encodeToBytes } from '../encode/encode.ts';
import { protobufs } from '../encode/protobuf/page.ts';
import { samplesOf } from '../encode/samples.ts';
import { counter, executeJob, exporter, fetchHandler, histogram, live } from '../index.ts';
import { parseProtobuf } from './protobuf.ts';

const accept = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** As `parseProtobuf` has it: empty labels are none, and a histogram without classic buckets has no classic samples. */
function readOf(snapshot: Snapshot) {
  return [...samplesOf(snapshot, { natives: 'beside' })].map(({ samples, kind, ...family }) => ({
    ...family,
    kind: kind === 'info' || kind === 'stateset' ? 'gauge' : kind,
    samples: Array.from(samples, ({ labels, ...sample }) => ({
      ...sample,
      labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')),
    })),
  }));
}

describe('parseProtobuf', () => {
  it('reads what was written, of every kind', async () => {
    let families = 0;
    await executeJob(everything(1), {
      to: [
        {
          name: 'reader',
          async deliver({ snapshot }) {
            const parsed = parseProtobuf(encodeToBytes(snapshot, protobufs['allow-utf-8']));
            expect(parsed).toEqual(readOf(snapshot));
            families = parsed.length;
          },
        },
      ],
    });
    expect(families).toBeGreaterThan(10);
  });

  it('reads native histograms, exemplars and start times', async () => {
    const shop = live({
      name: 'shop',
      metrics: {
        wait: histogram({ name: 'wait_seconds', help: 'x', unit: 'seconds', buckets: [1], labels: ['queue'] }),
        orders: counter({ name: 'orders_total', help: 'x' }),
      },
    });
    for (const value of [0, 0.3, -2, 1e300]) shop.wait.observe({ queue: 'a' }, value, { trace_id: 'größe' });
    shop.orders.inc(2, { trace_id: 'a' });
    const { collector } = shop;
    const scraped = gatherer(exporter({ name: 'x_exporter', namespace: 'x', collectors: [collector] }), [collector]);
    const { snapshot } = await scraped.gather({ deadline: Infinity, natives: true });
    const parsed = parseProtobuf(encodeToBytes(snapshot, protobufs['allow-utf-8']));
    expect(parsed).toEqual(readOf(snapshot));
    const wait = parsed.find(({ name }) => name === 'wait_seconds')!.samples[0]!;
    expect(wait.native).toMatchObject({ count: 4, zeroCount: 1, schema: 3, negative: [[8, 1]], exemplars: [{}, {}] });
  });

  it('reads what an exporter serves, and nothing that is cut short', async () => {
    const shop = live({ name: 'shop', metrics: { wait: histogram({ name: 'wait', help: 'x', buckets: [] }) } });
    shop.wait.observe(3);
    const handler = fetchHandler(exporter({ name: 'x_exporter', collectors: [shop.collector] }));
    const answer = await handler(new Request('http://localhost/metrics', { headers: { accept } }));
    expect(answer.headers.get('content-type')).toBe(
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores',
    );
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const parsed = parseProtobuf(bytes);
    expect(parsed.find(({ name }) => name === 'wait')!.samples).toMatchObject([{ name: 'wait', native: { count: 1 } }]);
    expect(() => parseProtobuf(bytes.subarray(0, -1))).toThrow('protobuf: it ends 1 bytes too early');
  });

  it.each([
    ['a type that does not exist', [4, 0x0a, 0, 0x18, 9], /type 9/],
    ['a wire type that does not exist', [1, 0x0b], /wire type 3/],
    ['a number without end', [11, 0x18, ...Array(10).fill(0xff)], /more than ten bytes/],
    ['a field without a number', [2, 0x02, 0], /number 0/],
    ['spans without deltas', [8, 0x22, 6, 0x3a, 4, 0x62, 2, 0x10, 1], /0 deltas in spans of 1 buckets/],
  ])('rejects %s', (_what, bytes, why) => {
    expect(() => parseProtobuf(Uint8Array.from(bytes))).toThrow(why);
  });
});
