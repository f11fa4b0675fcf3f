import { needPeers, promtoolCheckMetrics, pythonParse } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { bucketsOf, decodeFamilies } from '../../test/client-model.ts';
import { readRequest } from '../../test/engine.ts';
import { gatherer } from '../collect/scrape/gather.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { collector, exporter, gaugeHistogram } from '../index.ts';
import { parseOpenMetrics, parseText } from '../parse/index.ts';
import { parseProtobuf } from '../parse/protobuf.ts';
import { familySnapshot } from '../push/family-snapshot.ts';
import { remoteWrite1 } from '../push/remote-write/request-1.ts';
import { remoteWrite2 } from '../push/remote-write/request-2.ts';
import { readColumns, writeColumns } from '../push/spool/kept-columns.ts';
import { encodeText, encodeToBytes } from './encode.ts';
import { familiesText } from './families-text.ts';
import { encodeOpenMetrics } from './openmetrics.ts';
import { protobufs } from './protobuf/page.ts';
import { samplesOf } from './samples.ts';

const waive = { syntax: 'a test' };
const ages = collector({
  name: 'ages',
  metrics: {
    age: gaugeHistogram({ name: 'age_seconds', help: 'Age.', unit: 'seconds', buckets: [1, 60], labels: ['queue'] }),
    drift: gaugeHistogram({ name: 'clock.drift', help: 'Drift.', buckets: [-1, 0], waive }),
    fine: gaugeHistogram({ name: 'fine_age', help: 'Native.', buckets: [] }),
  },
  collect({ age, drift, fine }) {
    age.set({ queue: 'a' }, { counts: [2, 1, 0], sum: 30.5 });
    age.set({ queue: 'b' }, { counts: [0, 0, 4], sum: 500 });
    drift.set({ counts: [3, 1, 0], sum: -12 });
    fine.set({ sum: -3, native: { schema: 1, zeroCount: 1, positive: [[2, 5]], negative: [[-1, 2]] } });
  },
});

async function snapshotOf(): Promise<Snapshot> {
  const scraped = gatherer(exporter({ name: 'x_exporter', namespace: 'x', collectors: [ages] }), [ages]);
  return (await scraped.gather({ deadline: Infinity, natives: true })).snapshot;
}

const own = <F extends { readonly name: string }>(families: readonly F[]): F[] =>
  families.filter(({ name }) => /age|drift/.test(name));
const familiesIn = (snapshot: Snapshot, natives: 'none' | 'beside' = 'none') =>
  own([...samplesOf(snapshot, { natives })]).map((family) => ({
    ...family,
    samples: Array.from(family.samples, (sample) => ({ ...sample, labels: { ...sample.labels } })),
  }));

const openMetrics = [
  '# TYPE age_seconds gaugehistogram',
  '# UNIT age_seconds seconds',
  '# HELP age_seconds Age.',
  'age_seconds_bucket{queue="a",le="1.0"} 2',
  'age_seconds_bucket{queue="a",le="60.0"} 3',
  'age_seconds_bucket{queue="a",le="+Inf"} 3',
  'age_seconds_gsum{queue="a"} 30.5',
  'age_seconds_gcount{queue="a"} 3',
  'age_seconds_bucket{queue="b",le="1.0"} 0',
  'age_seconds_bucket{queue="b",le="60.0"} 0',
  'age_seconds_bucket{queue="b",le="+Inf"} 4',
  'age_seconds_gsum{queue="b"} 500',
  'age_seconds_gcount{queue="b"} 4',
  '# TYPE clock_drift gaugehistogram',
  '# HELP clock_drift Drift.',
  'clock_drift_bucket{le="-1.0"} 3',
  'clock_drift_bucket{le="0.0"} 4',
  'clock_drift_bucket{le="+Inf"} 4',
  'clock_drift_gsum -12',
  'clock_drift_gcount 4',
];

describe('gauge histograms', () => {
  it('are a type of OpenMetrics, where a sum is negative only if buckets are', async () => {
    const text = encodeOpenMetrics(await snapshotOf(), { created: true });
    const lines = text.split('\n').filter((line) => /age_seconds|drift|fine/.test(line));
    // Nothing tells there that native buckets are negative, so that the sum is left out.
    const fine = ['# TYPE fine_age gaugehistogram', '# HELP fine_age Native.', 'fine_age_bucket{le="+Inf"} 8'];
    expect(lines).toEqual([...openMetrics, ...fine]);
    expect(own(parseOpenMetrics(text)).map(({ kind }) => kind)).toEqual(Array(3).fill('gaugehistogram'));
  });

  it('are families of unknown type in text, one for each sample name', async () => {
    const snapshot = await snapshotOf();
    const text = encodeText(snapshot, { escaping: 'allow-utf-8' });
    const families = own(parseText(text));
    const names = (name: string) => ['_bucket', '_gsum', '_gcount'].map((ending) => name + ending);
    expect(families.map(({ name, kind, help }) => [name, kind, help])).toEqual([
      ...names('age_seconds').map((name) => [name, 'unknown', 'Age.']),
      ...names('clock.drift').map((name) => [name, 'unknown', 'Drift.']),
      ...names('fine_age').map((name) => [name, 'unknown', 'Native.']),
    ]);
    const sorted = (all: readonly object[]) => all.map((one) => JSON.stringify(one)).sort();
    const wanted = sorted(familiesIn(snapshot).flatMap(({ samples }) => samples));
    expect(sorted(families.flatMap(({ samples }) => samples))).toEqual(wanted);
    const written = parseText(Buffer.from(familiesText(samplesOf(snapshot))).toString());
    expect(sorted(own(written).flatMap(({ samples }) => samples))).toEqual(wanted);
  });

  it('are a type of protobuf, with classic and native buckets', async () => {
    const bytes = encodeToBytes(await snapshotOf(), protobufs['allow-utf-8']);
    const [age, drift, fine] = own(decodeFamilies(bytes));
    expect([age, drift, fine].map((one) => one?.type)).toEqual(Array(3).fill('GAUGE_HISTOGRAM'));
    expect(age).toMatchObject({ name: 'age_seconds', unit: 'seconds', help: 'Age.' });
    expect(age!.metric.map(({ label, histogram }) => [label[0]?.value, histogram?.sampleCount])).toEqual([
      ['a', 3n],
      ['b', 4n],
    ]);
    expect(age!.metric[0]!.histogram!.bucket.map((one) => [one.upperBound, one.cumulativeCount])).toEqual([
      [1, 2n],
      [60, 3n],
    ]);
    expect(drift!.metric[0]!.histogram!.sampleSum).toBe(-12);
    const native = fine!.metric[0]!.histogram!;
    expect(native).toMatchObject({ schema: 1, zeroCount: 1n, sampleCount: 8n, sampleSum: -3 });
    expect([...bucketsOf(native.positiveSpan, native.positiveDelta)]).toEqual([[2, 5n]]);
    expect([...bucketsOf(native.negativeSpan, native.negativeDelta)]).toEqual([[-1, 2n]]);
    expect(native.createdTimestamp).toBeUndefined();
  });

  it('are read back from protobuf as they were', async () => {
    const snapshot = await snapshotOf();
    const parsed = own(parseProtobuf(encodeToBytes(snapshot, protobufs['allow-utf-8'])));
    const wanted = familiesIn(snapshot, 'beside');
    // What has native buckets only, has no classic samples there.
    const fine = wanted[2]!.samples.filter(({ native }) => native !== undefined);
    expect(parsed).toEqual([wanted[0], wanted[1], { ...wanted[2], samples: fine }]);
    expect(fine[0]!.native).toMatchObject({ gauge: true, count: 8 });
  });

  it('are relayed, from OpenMetrics and from protobuf, into every format', async () => {
    const text = `${openMetrics.join('\n')}\n# EOF\n`;
    const relayed = familySnapshot(parseOpenMetrics(text), 'it');
    expect(encodeOpenMetrics(relayed, { created: true })).toBe(text);
    const bytes = encodeToBytes(relayed, protobufs['allow-utf-8']);
    expect(decodeFamilies(bytes).map(({ type }) => type)).toEqual(['GAUGE_HISTOGRAM', 'GAUGE_HISTOGRAM']);
    const again = familySnapshot(parseProtobuf(bytes), 'it');
    expect(encodeOpenMetrics(again)).toBe(text);
    expect(parseText(encodeText(again)).flatMap(({ samples }) => samples)).toHaveLength(15);
  });

  it('keep an exemplar that is relayed, and their lines are put in order', () => {
    const text = '# TYPE x gaugehistogram\nx_gcount 1\nx_gsum 2\nx_bucket{le="+Inf"} 1 # {id="1"} 2 9.5\n# EOF\n';
    expect(encodeOpenMetrics(familySnapshot(parseOpenMetrics(text), 'it'))).toBe(
      '# TYPE x gaugehistogram\n# HELP x \nx_bucket{le="+Inf"} 1 # {id="1"} 2 9.5\nx_gsum 2\nx_gcount 1\n# EOF\n',
    );
  });

  it('are kept in a spool as they were', async () => {
    const snapshot = await snapshotOf();
    const kept = readColumns(writeColumns(snapshot), 'it');
    expect(familiesIn(kept, 'beside')).toEqual(familiesIn(snapshot, 'beside'));
    expect(encodeOpenMetrics(kept)).toBe(encodeOpenMetrics(snapshot));
  });

  it.each([
    ['1.0', remoteWrite1],
    ['2.0', remoteWrite2],
  ] as const)(
    'are native histograms that are gauges in remote write %s, and have their type',
    async (version, protocol) => {
      const request = protocol.writer({ job: 'j' }, 1e12);
      const snapshot = await snapshotOf();
      for (const family of own([...samplesOf(snapshot, { natives: 'instead' })]))
        for (const sample of family.samples) if (sample.native !== undefined) request.write(sample, family);
      request.keep();
      const [fine, ...others] = readRequest(request.take(), version);
      expect(others).toEqual([]);
      expect(fine!.histograms).toMatchObject([{ resetHint: 3 }]);
      expect(fine!.metadata?.type).toBe(version === '1.0' ? undefined : 4);
    },
  );

  it('are classic series in remote write 1.0', async () => {
    const request = remoteWrite1.writer({ job: 'j' }, 1e12);
    for (const family of own([...samplesOf(await snapshotOf(), { escaping: 'underscores' })]))
      for (const sample of family.samples) request.write(sample, family);
    request.keep();
    const names = readRequest(request.take()).map(({ labels }) => new Map(labels).get('__name__'));
    expect([...new Set(names)].filter((name) => name!.startsWith('age_seconds'))).toEqual([
      'age_seconds_bucket',
      'age_seconds_gsum',
      'age_seconds_gcount',
    ]);
  });

  it.each([
    ['a name of a counter', { name: 'age_total' }, /is not a counter; drop "_total"/],
    ['a name of a bucket', { name: 'age_bucket' }, /ends in "_bucket"/],
    ['a label le', { labels: ['le'] }, /label "le" is written by every gaugehistogram/],
    ['bounds in no order', { buckets: [2, 1] }, /must be ascending/],
    ['a unit that is not in the name', { unit: 'seconds' }, /must end in its unit/],
  ])('cannot be declared with %s', (_what, wrong, why) => {
    expect(() => gaugeHistogram({ name: 'age', help: 'x', buckets: [1], ...wrong })).toThrow(why);
  });

  it.each([
    ['a sum of NaN', ['x_bucket{le="+Inf"} 1', 'x_gsum NaN', 'x_gcount 1'], /_gsum must not be NaN/],
    ['a negative sum', ['x_bucket{le="+Inf"} 1', 'x_gsum -1', 'x_gcount 1'], /must not have a negative _gsum/],
    ['a sum alone', ['x_bucket{le="+Inf"} 1', 'x_gsum 1'], /both _gsum and _gcount/],
    ['another count', ['x_bucket{le="+Inf"} 1', 'x_gsum 1', 'x_gcount 2'], /_gcount is 2, but its bucket/],
    ['its bare name', ['x 1'], /must be named x_bucket, x_gsum, x_gcount/],
    ['no last bucket', ['x_bucket{le="1.0"} 1'], /no bucket le="\+Inf"/],
  ])('are not read from OpenMetrics with %s', (_what, lines, why) => {
    expect(() => parseOpenMetrics(['# TYPE x gaugehistogram', ...lines, '# EOF', ''].join('\n'))).toThrow(why);
  });
});

describe.skipIf(!needPeers('python-client', 'promtool'))('gauge histograms beside other parsers', () => {
  it('are read by the Python client as they were written', async () => {
    const snapshot = await snapshotOf();
    const families = own(pythonParse(encodeOpenMetrics(snapshot), 'openmetrics'));
    expect(families.map(({ type }) => type)).toEqual(Array(3).fill('gaugehistogram'));
    const lines = own(parseOpenMetrics(encodeOpenMetrics(snapshot))).flatMap(({ samples }) => samples);
    expect(families.flatMap(({ samples }) => samples)).toEqual(
      lines.map((line) => ({ ...line, labels: { ...line.labels } })),
    );
    const texts = own(pythonParse(encodeText(snapshot), 'text'));
    expect(texts.map(({ type }) => type)).toEqual(Array(9).fill('unknown'));
  });

  it('have no findings of promtool', async () => {
    expect(promtoolCheckMetrics(encodeText(await snapshotOf()))).toEqual({ code: 0, problems: [] });
  });
});
