import { describe, expect, it } from 'vitest';
import { readRequest } from '../../test/engine.ts';
import { gatherer } from '../collect/scrape/gather.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { collector, exporter, gaugeHistogram, histogram } from '../index.ts';
import { parseOpenMetrics, parseProtobuf, parseText } from '../parse/index.ts';
import { familySnapshot } from '../push/family-snapshot.ts';
import { pointsOf } from '../push/otlp/points.ts';
import { remoteWrite1 } from '../push/remote-write/request-1.ts';
import { remoteWrite2 } from '../push/remote-write/request-2.ts';
import { readColumns, writeColumns } from '../push/spool/kept-columns.ts';
import { scrape } from '../testing/index.ts';
import { encodeText, encodeToBytes } from './encode.ts';
import { encodeOpenMetrics } from './openmetrics.ts';
import { protobufs } from './protobuf/page.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { samplesOf } from './samples.ts';

const computed = {
  schema: 1,
  zeroThreshold: 0.5,
  zeroCount: 0.3,
  positive: [
    [-2, 0.1],
    [-1, 2.25],
    [5, 1e-9],
  ] as const,
  negative: [[3, 1.75]] as const,
  count: 4.4 + 1e-9,
};
const source = collector({
  name: 'source',
  metrics: {
    rate: histogram({ name: 'it_rate', help: 'Computed.', buckets: [] }),
    level: gaugeHistogram({ name: 'it_level', help: 'Computed.', buckets: [1] }),
  },
  collect({ rate, level }) {
    rate.set({ sum: 7.5, native: computed });
    level.set({ counts: [2, 2], sum: 7.5, native: computed });
  },
});

async function snapshotOf(): Promise<Snapshot> {
  const scraped = gatherer(exporter({ name: 'x_exporter', namespace: 'x', collectors: [source] }), [source]);
  return (await scraped.gather({ deadline: Infinity, natives: true })).snapshot;
}

const nativesIn = (snapshot: Snapshot) =>
  [...samplesOf(snapshot, { natives: 'instead' })]
    .filter(({ name }) => name.startsWith('it_'))
    .map(({ name, samples }) => [name, [...samples].map(({ native }) => native)]);
const exact = [
  ['it_level', [{ ...computed, sum: 7.5, gauge: true }]],
  ['it_rate', [{ ...computed, sum: 7.5, gauge: false }]],
];

/** A family as another program writes it: doubles one by one, which protobuf allows as well as a packed list. */
function exposition(): Uint8Array {
  const to = new ProtobufWriter();
  const family = to.begin(1);
  to.string(1, 'it_rate');
  to.integer(3, 4);
  const metric = to.begin(4);
  const own = to.begin(7);
  to.double(4, 4.5);
  to.double(2, 9);
  to.signed(5, 0);
  to.double(6, 0.25);
  to.double(8, 0.5);
  const span = to.begin(12);
  to.signed(1, 3);
  to.integer(2, 2);
  to.end(span);
  to.double(14, 1.5);
  to.double(14, 2.5);
  to.end(own);
  to.end(metric);
  to.end(family);
  // The length before it serves as that of a delimited message, but for its tag.
  return to.take().subarray(1);
}

describe('a native histogram whose counts have fractions', () => {
  it('is read from protobuf', () => {
    expect(parseProtobuf(exposition())[0]!.samples).toEqual([
      {
        name: 'it_rate',
        labels: {},
        value: 4.5,
        native: {
          schema: 0,
          zeroThreshold: 0.25,
          zeroCount: 0.5,
          positive: [
            [3, 1.5],
            [4, 2.5],
          ],
          negative: [],
          sum: 9,
          count: 4.5,
          gauge: false,
        },
      },
    ]);
    const cut = exposition();
    // Of another field, the last count is none.
    cut[cut.length - 9] = (1 << 3) | 1;
    expect(() => parseProtobuf(cut)).toThrow('histogram it_rate has 1 counts in spans of 2 buckets');
  });

  it('is written as it was set, and relayed as it was read', async () => {
    const snapshot = await snapshotOf();
    expect(nativesIn(snapshot)).toEqual(exact);
    const bytes = encodeToBytes(snapshot, protobufs['allow-utf-8']);
    const families = parseProtobuf(bytes);
    const relayed = familySnapshot(families, 'it');
    expect(nativesIn(relayed)).toEqual(nativesIn(snapshot));
    expect(nativesIn(familySnapshot(parseProtobuf(encodeToBytes(relayed, protobufs['allow-utf-8'])), 'it'))).toEqual(
      exact,
    );
    expect(nativesIn(readColumns(writeColumns(snapshot), 'it'))).toEqual(exact);
    // Text has whole numbers, and OpenMetrics has no others.
    expect(encodeText(relayed)).toContain('it_rate_bucket{le="+Inf"} 4\nit_rate_sum 7.5\nit_rate_count 4\n');
    for (const each of [snapshot, relayed]) {
      expect(() => parseOpenMetrics(encodeOpenMetrics(each))).not.toThrow();
      expect(() => parseText(encodeText(each))).not.toThrow();
    }
  });

  it.each([
    ['1.0', remoteWrite1],
    ['2.0', remoteWrite2],
  ] as const)('is written by remote write %s', async (version, protocol) => {
    const request = protocol.writer({ job: 'j' }, 1e12);
    for (const family of samplesOf(await snapshotOf(), { natives: 'instead' }))
      for (const sample of family.samples) if (sample.native !== undefined) request.write(sample, family);
    request.keep();
    const [level, rate] = readRequest(request.take(), version);
    const fields = {
      countFloat: computed.count,
      zeroCountFloat: 0.3,
      positiveCounts: [0.1, 2.25, 1e-9],
      positiveDeltas: [],
      positiveSpans: [
        { offset: -2, length: 2 },
        { offset: 5, length: 1 },
      ],
      negativeCounts: [1.75],
      negativeDeltas: [],
      sum: 7.5,
    };
    expect(rate!.histograms).toMatchObject([fields]);
    expect(level!.histograms).toMatchObject([{ ...fields, resetHint: 3 }]);
  });

  it('is rounded for OTLP, which has whole numbers: up to each bucket, so that no more than half a value is lost', async () => {
    const [family] = [...samplesOf(await snapshotOf(), { natives: 'instead' })].filter(
      ({ name }) => name === 'it_rate',
    );
    const [point] = pointsOf(family!);
    expect(point).toMatchObject({
      type: 'exponential',
      native: { negative: [[3, 2]], zeroCount: 0, positive: [[-1, 2]], count: 4 },
    });
  });

  it('is readable in golden files, and typed', async () => {
    const scraped = await scrape(source);
    expect(scraped.series('it_rate')[0]!.native).toMatchObject({ ...computed, sum: 7.5 });
    expect(scraped.textWithNatives).toContain(
      '# native it_rate{} count 4.400000001, sum 7.5, schema 1, zero 0.3 (up to 0.5), positive -2:0.1 -1:2.25 5:1e-9, negative 3:1.75\n',
    );
  });
});
