import fc from 'fast-check';
import { needPeers, type Pushgateway, pythonParse, startPushgateway } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/collect/scrape/snapshot.ts';
import { encodeToString, text } from '../../src/encode/encode.ts';
import { openMetrics } from '../../src/encode/openmetrics.ts';
import type { Sample } from '../../src/parse/index.ts';
import { parseText } from '../../src/parse/text.ts';
import { familySnapshot } from '../../src/push/family-snapshot.ts';
import { sample } from './expected.ts';

// Names that get into each other's way in OpenMetrics, and some of them in plain text.
const endings = ['', '_total', '_created', '_sum', '_count', '_bucket', '_info', '_gcount', '_gsum', '_total_created'];
const name = fc.tuple(fc.constantFrom('x', 'y_seconds'), fc.constantFrom(...endings)).map((parts) => parts.join(''));
const labels = fc
  .uniqueArray(fc.constantFrom('a="1"', 'a="2"', 'b="\\"\\\\\\n"', 'c=""', 'le="1"'), {
    maxLength: 2,
    selector: (pair) => pair[0],
  })
  .map((pairs) => pairs.join());
const number = fc.oneof(fc.constantFrom('0', '1', '2.5', '1e+21', '+Inf'), fc.nat(9).map(String));
const any = fc.oneof(number, fc.constantFrom('NaN', '-1', '-Inf', '-0.5'));
const count = fc.nat(9).map(String);
const bound = fc.constantFrom('1', '1e0', '-1', '0.5', '1000000', '1e-9', '+Inf', 'Inf', '5e9');
const quantile = fc.constantFrom('0.5', '.5', '0.50', '0.99', '1', '1e-9', '1.5');
const own = (label: string, pairs: string): string =>
  pairs.includes('le=') || pairs === '' ? label : `${pairs},${label}`;

/** The lines of one series, complete or not, in any order. */
const series: { readonly [type: string]: (name: string) => fc.Arbitrary<string[]> } = {
  counter: (name) => fc.tuple(labels, number).map(([pairs, value]) => [`${name}{${pairs}} ${value}`]),
  gauge: (name) => fc.tuple(labels, any).map(([pairs, value]) => [`${name}{${pairs}} ${value}`]),
  untyped: (name) => fc.tuple(labels, any).map(([pairs, value]) => [`${name}{${pairs}} ${value}`]),
  histogram: (name) =>
    fc
      .tuple(labels, fc.array(fc.tuple(bound, count), { maxLength: 3 }), fc.option(any), fc.option(count))
      .map(([given, buckets, sum, total]) => {
        const pairs = given.replace(/,?le="1"/, '').replace(/^,/, '');
        return [
          ...buckets.map(([le, value]) => `${name}_bucket{${own(`le="${le}"`, pairs)}} ${value}`),
          ...(sum === null ? [] : [`${name}_sum{${pairs}} ${sum}`]),
          ...(total === null ? [] : [`${name}_count{${pairs}} ${total}`]),
        ];
      }),
  summary: (name) =>
    fc
      .tuple(labels, fc.array(fc.tuple(quantile, any), { maxLength: 3 }), fc.option(any), fc.option(count))
      .map(([pairs, quantiles, sum, total]) => [
        ...quantiles.map(([q, value]) => `${name}{${own(`quantile="${q}"`, pairs)}} ${value}`),
        ...(sum === null ? [] : [`${name}_sum{${pairs}} ${sum}`]),
        ...(total === null ? [] : [`${name}_count{${pairs}} ${total}`]),
      ]),
};

const family = fc
  .tuple(name, fc.constantFrom(...Object.keys(series)), fc.constantFrom('', 'Help.'), fc.boolean())
  .chain(([name, type, help, bare]) =>
    fc.array(series[type]!(name), { minLength: 1, maxLength: 3 }).map((some) => ({
      heads: [
        ...(help === '' ? [] : [`# HELP ${name} ${help}`]),
        ...(bare && type === 'untyped' ? [] : [`# TYPE ${name} ${type}`]),
      ],
      lines: some.flat(),
    })),
  );
/** Expositions of several families, one after the other or all mixed. */
const exposition = fc
  .tuple(fc.array(family, { minLength: 1, maxLength: 4 }), fc.boolean())
  .chain(([families, mixed]) => {
    if (!mixed) return fc.constant(families.flatMap(({ heads, lines }) => [...heads, ...lines]));
    const lines = families.flatMap((one) => one.lines);
    return fc
      .shuffledSubarray(lines, { minLength: lines.length })
      .map((shuffled) => [...families.flatMap(({ heads }) => heads), ...shuffled]);
  })
  .map((lines) => `${lines.join('\n')}\n`);

const seen = (samples: readonly Pick<Sample, 'name' | 'labels' | 'value'>[]): string[] =>
  samples.map((one) => sample(one.name, Object.entries(one.labels), one.value)).sort();

const sameBound = (line: string): string => line.replace('5e+09', '5000000000');

/** What became of an exposition in the store, or why it was refused. */
function stored(exposition: string): { snapshot: Snapshot; samples: string[] } | string {
  try {
    const families = parseText(exposition, { lenient: true });
    return { snapshot: familySnapshot(families, 'test'), samples: seen(families.flatMap(({ samples }) => samples)) };
  } catch (error) {
    return (error as Error).message;
  }
}

describe('plain text', () => {
  it('is written with the samples that it was read with, no more and no less', () => {
    let taken = 0;
    fc.assert(
      fc.property(exposition, (given) => {
        const one = stored(given);
        if (typeof one === 'string') return;
        taken++;
        const again = parseText(encodeToString(one.snapshot, text), { lenient: true });
        expect(seen(again.flatMap(({ samples }) => samples))).toEqual(one.samples);
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it.skipIf(!needPeers('python-client'))(
    'keeps all of them in OpenMetrics, in a form that is valid there',
    () => {
      const seed = Date.now();
      const good = exposition.filter((given) => typeof stored(given) !== 'string');
      // Many in one call, each with names of its own.
      const whole = fc
        .sample(good, { numRuns: 300, seed })
        .map((given, i) => given.replaceAll(/^(# (?:HELP|TYPE) )?(?=[xy])/gm, `$1n${i}_`));
      const one = stored(whole.join(''));
      if (typeof one === 'string') throw new Error(one);
      const theirs = pythonParse(encodeToString(one.snapshot, openMetrics), 'openmetrics');
      // OpenMetrics has a form of its own for numbers as labels.
      expect(
        seen(theirs.flatMap((family) => family.samples))
          .map(sameBound)
          .sort(),
        `seed ${seed}`,
      ).toEqual(one.samples.map(sameBound).sort());
    },
    60_000,
  );
});

describe.skipIf(!needPeers('pushgateway'))('plain text beside a Pushgateway', () => {
  let gateway: Pushgateway;
  beforeAll(async () => {
    gateway = await startPushgateway();
  });
  afterAll(() => gateway?.stop());

  it('is taken where the gateway takes it, and then the gateway takes what we write', async () => {
    const put = async (body: string) => {
      const response = await fetch(`${gateway.url}/metrics/job/text`, { method: 'PUT', body });
      const said = await response.text();
      await fetch(`${gateway.url}/metrics/job/text`, { method: 'DELETE' });
      return `${response.status} ${said.trim()}`;
    };
    await fc.assert(
      fc.asyncProperty(exposition, async (given) => {
        const one = stored(given);
        if (typeof one !== 'string') expect(await put(encodeToString(one.snapshot, text))).toBe('200 ');
        // The gateway accepts a duplicate series with an empty label, counters that are negative or NaN, any buckets, a TYPE
        // without samples that claims the name of another family, and makes a whole number of any count.
        else if (!/duplicate series|a counter must be a number|counts must be|already belongs to/.test(one)) {
          expect([one, await put(given)]).toEqual([one, expect.stringMatching(/^400/)]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
