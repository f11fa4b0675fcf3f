import { expect, it } from 'vitest';
import { everything } from '../../../test/everything.ts';
import type { Snapshot } from '../../collect/scrape/snapshot.ts';
import { encodeText } from '../../encode/encode.ts';
import { encodeOpenMetrics } from '../../encode/openmetrics.ts';
import { samplesOf } from '../../encode/samples.ts';
import { counter, executeJob, histogram, live, withLabels } from '../../index.ts';
import { parseText } from '../../parse/text.ts';
import { familySnapshot } from '../family-snapshot.ts';
import { entryOf } from './deliver-kept.ts';
import { merged, readEntry, sha256, writeEntry } from './entry.ts';
import { readColumns } from './kept-columns.ts';

it('keeps what another program wrote as it is, with what comes later', () => {
  const entry = (body: string) => {
    const snapshot = familySnapshot(parseText(body, { lenient: true }), 'test');
    return entryOf('sink', { job: 'j', grouping: {}, mode: 'add', snapshot }, 0);
  };
  const histogram = '# HELP h \n# TYPE h histogram\nh_bucket{a="1",le="1.0"} 1\nh_bucket{a="2",le="60.0"} 1\n';
  const created = '# HELP h_created \n# TYPE h_created gauge\nh_created 2\n';
  const { body } = merged(entry(histogram), entry(created));
  expect(encodeText(readColumns(body, 'test'))).toBe(histogram + created);
});

/** Everything that sinks read of a snapshot. */
function all(snapshot: Snapshot): unknown {
  return [
    encodeText(snapshot, { escaping: 'allow-utf-8' }),
    encodeOpenMetrics(snapshot, { created: true }),
    [...samplesOf(snapshot, { natives: 'beside' })].map(({ samples, ...family }) => ({
      ...family,
      samples: [...samples].map(({ exemplar, labels, ...sample }) => ({
        ...sample,
        labels: { ...labels },
        // Without what an encoder keeps there.
        exemplar: exemplar && { ...exemplar, text: undefined },
      })),
    })),
  ];
}

it('delivers later what would have been delivered at once', async () => {
  const shop = live({
    name: 'shop',
    span: false,
    metrics: {
      orders: counter({ name: 'orders_total', help: 'Orders.', labels: ['country'] }),
      took: histogram({ name: 'took_seconds', help: 'Time.', unit: 'seconds', labels: ['step'], buckets: [0.1, 1] }),
    },
  });
  shop.orders.inc({ country: 'pt\n"' }, 2, { trace_id: 'a' });
  shop.orders.inc({ country: 'fr' });
  shop.took.observe({ step: 'x' }, 0.05, { trace_id: 'b' });
  shop.took.observe({ step: 'x' }, -3e300);
  shop.took.observe({ step: 'y' }, 0);
  const seen: unknown[] = [];
  const { collectors, ...parts } = everything(1);
  const whole = { ...parts, collectors: [...collectors, withLabels(shop.collector, { shop: '1', a: 'ü' })] };
  await executeJob(whole, {
    to: [
      {
        name: 'reader',
        async deliver(delivery) {
          const entry = entryOf('reader', delivery, 0);
          const read = readEntry(writeEntry(entry));
          seen.push(all(delivery.snapshot), all(read.delivery.snapshot));
          // Nor is anything lost by a second time.
          seen.push(all(readEntry(writeEntry(read.entry)).delivery.snapshot));
        },
      },
    ],
  });
  expect(JSON.stringify(seen[0])).toMatch(/trace_id.*"native":/);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
});

it('still reads what an earlier version has written', () => {
  const text = '# HELP h x\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 2\nh_count 1\n';
  const head = { id: 'i', sink: 's', job: 'j', grouping: {}, mode: 'replace', settledMs: 1, runs: 2 };
  const file = `${JSON.stringify({ version: 1, ...head, sha256: sha256(text) })}\n${text}`;
  const { entry, delivery } = readEntry(file);
  expect(entry).toMatchObject(head);
  expect(encodeText(delivery.snapshot)).toBe(text);
  const added = merged(
    entry,
    entryOf('s', { ...delivery, mode: 'add', snapshot: familySnapshot(parseText('g 1\n'), 't') }, 2),
  );
  expect(encodeText(readEntry(writeEntry(added)).delivery.snapshot)).toContain('g 1\n');
  expect(encodeText(readEntry(writeEntry(added)).delivery.snapshot)).toContain('h_sum 2\n');
});
