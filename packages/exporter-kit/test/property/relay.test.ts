import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeToBytes } from '../../src/encode/encode.ts';
import { protobufs } from '../../src/encode/protobuf/page.ts';
import { samplesOf } from '../../src/encode/samples.ts';
import { parseProtobuf } from '../../src/parse/index.ts';
import { familySnapshot } from '../../src/push/family-snapshot.ts';
import { readColumns, writeColumns } from '../../src/push/spool/kept-columns.ts';
import { bucketsOf, decodeFamilies, encodeFamilies, type ModelFamily, type ModelHistogram } from '../client-model.ts';

const own = { minLength: 1, maxLength: 3 };
const count = fc.nat(2 ** 31 - 1);
const timestamp = fc.record({ seconds: fc.nat(2e9).map(BigInt), nanos: fc.constantFrom(0, 5e8, 25e7) });
const time = timestamp.filter(({ seconds }) => seconds > 0n);
const exemplar = fc.record({
  label: fc.constantFrom([], [{ name: 'trace_id', value: 'größe' }]),
  value: fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  timestamp: time,
});
const sum = fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0));

/** Buckets on one side of zero, as client libraries write them: none is empty, but within a span some are. */
const side = fc
  .uniqueArray(fc.tuple(fc.integer({ min: -40, max: 60 }), fc.integer({ min: 1, max: 1000 })), {
    selector: ([index]) => index,
    maxLength: 12,
  })
  .map((buckets) => {
    const span: { offset: number; length: number }[] = [];
    const delta: bigint[] = [];
    let [next, last] = [0, 0];
    for (const [index, value] of buckets.sort(([a], [b]) => a - b)) {
      span.push({ offset: index - next, length: 1 });
      delta.push(BigInt(value - last));
      [next, last] = [index + 1, value];
    }
    return { span, delta, total: buckets.reduce((total, [, value]) => total + value, 0) };
  });

const native = fc
  .record({
    schema: fc.integer({ min: -4, max: 8 }),
    zeroThreshold: fc.constantFrom(2 ** -128, 0, 0.5),
    zeroCount: fc.nat(9),
    positive: side,
    negative: side,
    // Observations of NaN are in no bucket.
    others: fc.nat(2),
    exemplars: fc.array(exemplar, { maxLength: 2 }),
  })
  .map(({ positive, negative, zeroCount, others, zeroThreshold, ...rest }) => ({
    ...rest,
    zeroThreshold,
    zeroCount: BigInt(zeroCount),
    sampleCount: BigInt(zeroCount + positive.total + negative.total + others),
    // What nothing else shows to be native has an empty span.
    positiveSpan:
      zeroThreshold === 0 && zeroCount + positive.total + negative.total === 0
        ? [{ offset: 0, length: 0 }]
        : positive.span,
    positiveDelta: positive.delta,
    negativeSpan: negative.span,
    negativeDelta: negative.delta,
  }));

const classic = fc
  .uniqueArray(fc.tuple(fc.constantFrom(-1, 0, 0.1, 2.5, 1e9), count, fc.option(exemplar, { nil: undefined })), {
    selector: ([bound]) => bound,
    minLength: 1,
    maxLength: 4,
  })
  .map((buckets) => {
    let total = 0n;
    const bucket = buckets
      .sort(([a], [b]) => a - b)
      .map(([upperBound, more, exemplar]) => {
        total += BigInt(more);
        return { upperBound, cumulativeCount: total, ...(exemplar && { exemplar }) };
      });
    return { bucket, total };
  });

const kept = <T>(value: T | undefined, key: string) => (value === undefined ? {} : { [key]: value });

const histogramOf = (parts: fc.Arbitrary<{ natives: boolean; classics: boolean }>, gauge: boolean) =>
  fc
    .tuple(parts, native, classic, sum, fc.option(time, { nil: undefined }))
    .map(([chosen, fine, coarse, sum, start]) => {
      const sampleCount = chosen.natives ? fine.sampleCount : coarse.total;
      const above = coarse.bucket.filter(({ cumulativeCount }) => cumulativeCount <= sampleCount);
      return {
        ...(chosen.natives ? fine : {}),
        sampleCount,
        sampleSum: sum,
        bucket: chosen.classics ? above : [],
        ...(gauge ? {} : kept(start, 'createdTimestamp')),
      };
    });

const parts = fc.constantFrom(
  { natives: true, classics: false },
  { natives: true, classics: true },
  { natives: false, classics: true },
);
const family = fc.constantFrom('HISTOGRAM', 'GAUGE_HISTOGRAM').chain((type) =>
  fc.record({
    type: fc.constant(type),
    help: fc.constantFrom('', 'Größe'),
    unit: fc.constant(''),
    metric: fc.uniqueArray(
      fc.record({
        label: fc
          .uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 2 })
          .chain((names) => fc.constantFrom('x', 'y').map((value) => names.sort().map((name) => ({ name, value })))),
        // All of one family, or each series its own.
        histogram: histogramOf(parts, type === 'GAUGE_HISTOGRAM'),
      }),
      { ...own, selector: ({ label }) => JSON.stringify(label) },
    ),
  }),
);
const families = fc
  .array(family, own)
  .map((list) => list.map((one, i) => ({ ...one, name: `relayed_${i}` })) as unknown as ModelFamily[]);

/** A family with what spans say, whatever their form, and without the bucket that counts all. */
const meaningOf = ({ name, type, help, metric }: ModelFamily) => ({
  ...{ name, type, help },
  metric: metric
    .map(({ label, histogram }) => ({
      label: label.map(({ name, value }) => `${name}=${value}`).sort(),
      ...seenIn(histogram!),
    }))
    .sort((a, b) => (`${a.label}` < `${b.label}` ? -1 : 1)),
});

/** The families, of which Prometheus needs each to have native buckets in all of its series, or in none. */
function meaningsOf(bytes: Uint8Array) {
  const families = new Map<string, ModelFamily>();
  for (const family of decodeFamilies(bytes)) {
    expect(new Set(family.metric.map(({ histogram }) => isNative(histogram!))).size).toBe(1);
    const known = families.get(family.name);
    families.set(family.name, { ...family, metric: [...(known?.metric ?? []), ...family.metric] });
  }
  return [...families.values()].map(meaningOf);
}

const isNative = ({ positiveSpan, negativeSpan, zeroThreshold, zeroCount }: ModelHistogram): boolean =>
  positiveSpan.length + negativeSpan.length > 0 || zeroThreshold > 0 || zeroCount > 0n;

function seenIn(histogram: ModelHistogram) {
  const { sampleCount, sampleSum, bucket, createdTimestamp: start, exemplars } = histogram;
  const { schema, zeroThreshold, zeroCount, positiveSpan, positiveDelta, negativeSpan, negativeDelta } = histogram;
  const exemplarIn = (one: ModelHistogram['exemplars'][0] | undefined) =>
    one && [one.label.map(({ name, value }) => [name, value]), one.value, one.timestamp!.seconds, one.timestamp!.nanos];
  return {
    ...{ sampleCount, sampleSum },
    start: start && [start.seconds, start.nanos],
    bucket: bucket
      .filter(({ upperBound }) => upperBound < Infinity)
      .map((one) => [one.upperBound, one.cumulativeCount, exemplarIn(one.exemplar)]),
    native: isNative(histogram) && {
      ...{ schema, zeroThreshold, zeroCount },
      positive: bucketsOf(positiveSpan, positiveDelta),
      negative: bucketsOf(negativeSpan, negativeDelta),
      exemplars: exemplars.map(exemplarIn),
    },
  };
}

it('histograms that are read from protobuf and written again are what they were, natives and classic buckets', () => {
  fc.assert(
    fc.property(families, (list) => {
      const bytes = encodeFamilies(list);
      const wanted = decodeFamilies(bytes).map(meaningOf);
      const parsed = parseProtobuf(bytes);
      const snapshot = familySnapshot(parsed, 'it');
      const relayed = encodeToBytes(snapshot, protobufs['allow-utf-8']);
      expect(meaningsOf(relayed)).toEqual(wanted);
      // Twice on end, and by way of a spool.
      expect(parseProtobuf(relayed).map(({ samples }) => samples.length)).toEqual(
        parsed.map(({ samples }) => samples.length),
      );
      const spooled = readColumns(writeColumns(snapshot), 'it');
      expect(meaningsOf(encodeToBytes(spooled, protobufs['allow-utf-8']))).toEqual(wanted);
      // Formats without native histograms have a bucket, a sum and a count of each series at least.
      for (const { name, samples } of samplesOf(snapshot)) {
        const endings = Array.from(samples, (sample) => sample.name.slice(name.length));
        const series = wanted.find((one) => one.name === name)!.metric.length;
        expect(endings.filter((ending) => /^_g?count$/.test(ending))).toHaveLength(series);
        expect(endings.filter((ending) => /^_g?sum$/.test(ending))).toHaveLength(series);
        expect(endings).not.toContain('');
      }
    }),
    { numRuns: 60 },
  );
});
