import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exporter, fetchHandler, histogram, live } from '../../src/index.ts';
import { bucketsOf, decodeFamilies } from '../client-model.ts';

const accept = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

const bits = new DataView(new ArrayBuffer(8));

/** Whether a number above 0 is at most `2^(index / 2^schema)`, by whole numbers: both sides to the power of 2^schema. */
function isWithin(value: number, index: number, schema: number): boolean {
  bits.setFloat64(0, value);
  const pattern = bits.getBigUint64(0);
  const biased = Number(pattern >> 52n);
  const fraction = pattern & ((1n << 52n) - 1n);
  const [mantissa, exponent] = biased === 0 ? [fraction, -1074] : [fraction | (1n << 52n), biased - 1075];
  const power = 2 ** Math.max(schema, 0);
  const limit = index * 2 ** Math.max(-schema, 0) - exponent * power;
  return limit >= 0 && mantissa ** BigInt(power) <= 1n << BigInt(limit);
}

/** The lowest bucket that has the number, found by halving what may be it. */
function exactIndex(value: number, schema: number): number {
  let low = Math.floor((Math.log2(value) - 1) * 2 ** schema) - 2;
  let high = Math.ceil((Math.log2(value) + 1) * 2 ** schema) + 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isWithin(value, middle, schema)) high = middle;
    else low = middle;
  }
  return high;
}

function exactBuckets(values: readonly number[], schema: number): Map<number, bigint> {
  const counts = new Map<number, bigint>();
  for (const value of values) {
    const index = exactIndex(value, schema);
    counts.set(index, (counts.get(index) ?? 0n) + 1n);
  }
  return new Map([...counts].sort(([a], [b]) => a - b));
}

const value = fc.oneof(
  fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
  // Bounds of buckets, and their neighbours.
  fc
    .tuple(fc.integer({ min: -64, max: 64 }), fc.constantFrom(-1, 0, 1))
    .map(([i, by]) => 2 ** (i / 8) * (1 + by * 2 ** -52)),
  fc.constantFrom(0, -0, 5e-324, -5e-324, 2 ** -128, 1, -1, 2),
);
const ZERO = 2 ** -128;

it('counts whatever is observed in the buckets that a scraper computes, also when they are halved or begin anew', async () => {
  const runs = fc.array(
    fc.record({ values: fc.array(value, { minLength: 1, maxLength: 40 }), forgets: fc.boolean() }),
    { minLength: 1, maxLength: 4 },
  );
  const shape = fc.record({ schema: fc.integer({ min: -4, max: 8 }), maxBuckets: fc.constantFrom(1, 4, 20, 160, 512) });
  await fc.assert(
    fc.asyncProperty(runs, shape, async (rounds, native) => {
      const { size, collector } = live({
        name: 'sizes',
        metrics: { size: histogram({ name: 'size', help: 'x', labels: ['of'], buckets: [], native }) },
      });
      const handler = fetchHandler(exporter({ name: 'self_exporter', collectors: [collector] }));
      let observed: number[] = [];
      for (const { values, forgets } of rounds) {
        if (forgets) {
          size.remove({ of: 'a' });
          observed = [];
        }
        for (const one of values) size.observe({ of: 'a' }, one);
        observed.push(...values);
        const answer = await handler(new Request('http://localhost/metrics', { headers: { accept } }));
        const families = decodeFamilies(new Uint8Array(await answer.arrayBuffer()));
        const found = families.find(({ name }) => name === 'size')!.metric[0]!.histogram!;
        const { schema } = found;
        let filled = 0;
        expect(schema).toBeLessThanOrEqual(native.schema);
        expect(found.sampleCount).toBe(BigInt(observed.length));
        expect(found.zeroCount).toBe(BigInt(observed.filter((one) => Math.abs(one) <= ZERO).length));
        for (const [sign, side] of [
          [1, bucketsOf(found.positiveSpan, found.positiveDelta)],
          [-1, bucketsOf(found.negativeSpan, found.negativeDelta)],
        ] as const) {
          const own = observed.map((one) => one * sign).filter((one) => one > ZERO);
          expect(side).toEqual(exactBuckets(own, schema));
          filled += side.size;
        }
        if (schema > -4) expect(filled).toBeLessThanOrEqual(native.maxBuckets);
      }
    }),
    { numRuns: 60 },
  );
});
