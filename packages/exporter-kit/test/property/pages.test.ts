import fc from 'fast-check';
import { expect, it } from 'vitest';
import { collector, exporter, fetchHandler, gauge, histogram, type Metric } from '../../src/index.ts';

/** A family that is big in one way or another. */
interface Big {
  readonly help: number;
  readonly rows: number;
  /** Length of each label. */
  readonly labels: readonly number[];
  /** A histogram's; a gauge has none. */
  readonly buckets: number;
}

const PAGE = 64 * 1024;
const length = fc.oneof(fc.nat(40), fc.integer({ min: 3000, max: 4000 }));
const big: fc.Arbitrary<Big> = fc
  .record({
    help: fc.oneof(fc.nat(40), fc.integer({ min: PAGE - 200, max: PAGE + 200 }), fc.constant(3 * PAGE)),
    rows: fc.oneof(fc.nat(3), fc.nat(2000)),
    labels: fc.oneof(fc.array(length, { maxLength: 3 }), fc.array(length, { minLength: 15, maxLength: 40 })),
    buckets: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(30), fc.constant(300)),
  })
  // A few MB at the most.
  .map((one) => {
    const line = 80 + one.labels.reduce((sum, label) => sum + label, 0);
    return { ...one, rows: Math.min(one.rows, 1 + Math.floor((8 * PAGE) / (line * (one.buckets + 1)))) };
  });

// Three bytes each, so that a page may end within.
const filled = (size: number, row: number): string => '€'.repeat(Math.floor(size / 3)) + row;
const labelsOf = ({ labels }: Big, row: number): Record<string, string> =>
  Object.fromEntries(labels.map((size, i) => [`l${i}`, filled(size, row)]));
const number = (family: number, row: number): number => (row % 3 === 0 ? row : (family + 1) / (row + 1));

/** Written by hand, without pages. */
function expected(families: readonly Big[]): string {
  let text = '';
  families.forEach((one, f) => {
    if (one.rows === 0) return;
    const name = nameOf(f);
    text += `# HELP ${name} ${'h'.repeat(one.help)}.\n# TYPE ${name} ${one.buckets === 0 ? 'gauge' : 'histogram'}\n`;
    for (let row = 0; row < (one.labels.length === 0 ? 1 : one.rows); row++) {
      const pairs = Object.entries(labelsOf(one, row)).map(([label, value]) => `${label}="${value}"`);
      const braces = (...more: string[]): string =>
        pairs.length + more.length === 0 ? '' : `{${[...pairs, ...more].join(',')}}`;
      if (one.buckets === 0) {
        text += `${name}${braces()} ${number(f, row)}\n`;
        continue;
      }
      for (let le = 1; le <= one.buckets; le++) text += `${name}_bucket${braces(`le="${le}.0"`)} ${le * row}\n`;
      text += `${name}_bucket${braces('le="+Inf"')} ${(one.buckets + 1) * row}\n`;
      text += `${name}_sum${braces()} ${number(f, row)}\n${name}_count${braces()} ${(one.buckets + 1) * row}\n`;
    }
  });
  return text;
}

const nameOf = (family: number): string => `big_family_${family}`;

const writing = (families: readonly Big[]) =>
  collector({
    name: 'big',
    families: 'dynamic',
    collect({ family }) {
      families.forEach((one, f) => {
        const labels = one.labels.map((_, i) => `l${i}`);
        const about = { name: nameOf(f), help: `${'h'.repeat(one.help)}.`, labels };
        for (let row = 0; row < (labels.length === 0 ? Math.min(1, one.rows) : one.rows); row++) {
          const where = labels.length === 0 ? [] : [labelsOf(one, row)];
          const buckets = Array.from({ length: one.buckets }, (_, i) => i + 1);
          const counts = Array.from({ length: one.buckets + 1 }, () => row);
          const metric: Metric = one.buckets === 0 ? gauge(about) : histogram({ ...about, buckets });
          const value = one.buckets === 0 ? number(f, row) : { counts, sum: number(f, row) };
          family(metric).set(...where, value);
        }
      });
    },
  });

it('writes all, wherever pages end: in many lines, in long ones, in long heads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(big, { minLength: 1, maxLength: 5 }), async (families) => {
      const handler = fetchHandler(exporter({ name: 'self_exporter', collectors: [writing(families)] }));
      const names = families.map((_, f) => `name[]=${nameOf(f)}`).join('&');
      for (let scrape = 0; scrape < 2; scrape++) {
        const text = await (await handler(new Request(`http://localhost/metrics?${names}`))).text();
        const wanted = expected(families);
        if (text === wanted) continue;
        // A message of megabytes helps nobody.
        let at = 0;
        while (text[at] === wanted[at]) at++;
        const around = (whole: string): unknown[] => [whole.length, at, whole.slice(at - 20, at + 40)];
        expect(around(text)).toEqual(around(wanted));
      }
    }),
    { numRuns: 15 },
  );
});
