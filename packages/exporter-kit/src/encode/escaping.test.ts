import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Family, Sample } from '../collect/families.ts';
import { familiesOf, joinParts, type Snapshot, snapshotOf } from '../collect/scrape/snapshot.ts';
import { countDrops } from '../collect/store/drops.ts';
import { withEscapedNames } from '../collect/store/escaped-lines.ts';
import { Store, type StoreSnapshot } from '../collect/store/store.ts';
import type { FamilyWriter, Writer } from '../collect/writers.ts';
import { counter, gauge, histogram, info, stateset, summary, untyped } from '../metric/declare.ts';
import { type Escaping, escapeLabel, escapeName, escapings, isLegacyLabel, isLegacyName } from '../metric/escape.ts';
import { familyName } from '../metric/family.ts';
import type { Metric } from '../metric/metric.ts';
import { parseOpenMetrics } from '../parse/openmetrics.ts';
import { parseText } from '../parse/text.ts';
import { encode, encodeText, encodeToString, releasePage, texts } from './encode.ts';
import { familiesText } from './families-text.ts';
import { openMetricsTexts } from './openmetrics.ts';
import { samplesOf } from './samples.ts';

const waive = 'names of another system';
const help = 'x';

/** A metric, and the values of the labels of each of its rows. */
interface Case {
  readonly metric: Metric;
  readonly rows: readonly (readonly string[])[];
}

/** What each kind's rows are set to, and the lines that become of it. */
const set = {
  gauge: 1.5,
  counter: 7,
  unknown: -3,
  info: undefined,
  stateset: 'off',
  histogram: { counts: [1, 2], sum: 2.5 },
  summary: { quantiles: [4], sum: 8, count: 2 },
};
const lines: { readonly [K in keyof typeof set]: readonly [ending: string, value: number, own?: string][] } = {
  gauge: [['', 1.5]],
  counter: [['', 7]],
  unknown: [['', -3]],
  info: [['', 1]],
  stateset: [
    ['', 0, 'on'],
    ['', 1, 'off'],
  ],
  histogram: [
    ['_bucket', 1, '1.0'],
    ['_bucket', 3, '+Inf'],
    ['_sum', 2.5],
    ['_count', 3],
  ],
  summary: [
    ['', 4, '0.5'],
    ['_sum', 8],
    ['_count', 2],
  ],
};

function written(cases: readonly Case[]): Snapshot {
  const store = new Store({ title: 'test', metrics: {} }, countDrops(true));
  const { family } = store.begin() as { family: FamilyWriter };
  for (const { metric, rows } of cases) {
    const writer = family(metric) as Writer<unknown[]>;
    const value = set[metric.kind as keyof typeof set];
    for (const row of rows) {
      const labels = Object.fromEntries(metric.labels.map(({ name }, i) => [name, row[i]!]));
      writer.set(...(metric.labels.length === 0 ? [] : [labels]), ...(value === undefined ? [] : [value]));
    }
  }
  // A name that is taken is left out, as in a scrape.
  return snapshotOf(joinParts([{ title: 'test', columns: store.snapshot().columns, conflict() {} }]));
}

/** The samples of a case as an escaping has them. */
function expectedSamples({ metric, rows }: Case, escaping: Escaping): Sample[] {
  const own = metric.kind === 'histogram' ? 'le' : metric.kind === 'summary' ? 'quantile' : metric.name;
  return rows.flatMap((row) =>
    lines[metric.kind as keyof typeof lines].map(([ending, value, ownValue]) => ({
      name: escapeName(metric.name, escaping) + ending,
      labels: Object.fromEntries([
        ...metric.labels.map(({ name }, i) => [escapeLabel(name, escaping), row[i]!]),
        ...(ownValue === undefined ? [] : [[escapeLabel(own, escaping), ownValue]]),
      ]),
      value,
    })),
  );
}

const plain = (families: readonly Family[]): Family[] =>
  families.map((one) => ({
    ...one,
    samples: one.samples.map((sample) => ({ ...sample, labels: { ...sample.labels } })),
  }));

const character = fc.oneof(
  fc.constantFrom('a', '_', '.', '-', ' ', '1', ':', '"', '\\', '\n', '{', '}', ',', '='),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const name = fc.string({ unit: character, minLength: 1, maxLength: 8 }).filter((one) => !one.includes('\0'));
const value = fc.string({ unit: character, minLength: 1, maxLength: 5 });

const cases = fc
  .record({
    kind: fc.constantFrom(gauge, counter, untyped, info, stateset, histogram, summary),
    name: fc.tuple(name, fc.constantFrom('', '_total', '_info')).map((parts) => parts.join('')),
    // A text's help does not begin with blanks.
    help: fc.string({ unit: character }).filter((one) => !/^[ \t]/.test(one)),
    labels: fc.uniqueArray(name, { maxLength: 3 }),
    rows: fc.uniqueArray(fc.tuple(value, value, value), { selector: JSON.stringify, minLength: 1, maxLength: 4 }),
  })
  .map(({ kind, labels, rows, ...names }): Case | undefined => {
    try {
      const shape = { ...names, labels, waive, buckets: [1], quantiles: [0.5], states: ['on', 'off'] };
      const metric = (kind as unknown as (shape: object) => Metric)(shape);
      const seen = new Set<string>();
      const own = rows.map((row) => row.slice(0, labels.length));
      return { metric, rows: own.filter((row) => !seen.has(row.join('\0')) && seen.add(row.join('\0'))) };
    } catch {
      return undefined; // labels that are reserved, or one when escaped
    }
  })
  .filter((one) => one !== undefined);

const all = fc.uniqueArray(cases, { selector: ({ metric }) => metric.name, minLength: 1, maxLength: 4 });

describe('names of all characters', () => {
  it.each(escapings)('are read back from text as they were written, under %s', (escaping) => {
    fc.assert(
      fc.property(all, (several) => {
        const snapshot = written(several);
        const families = plain(parseText(encodeToString(snapshot, texts[escaping])));
        expect(families).toEqual(
          familiesOf(snapshot).map(({ metric }) => ({
            name: escapeName(metric.name, escaping),
            kind: metric.kind === 'info' || metric.kind === 'stateset' ? 'gauge' : metric.kind,
            help: metric.help,
            unit: '',
            samples: expectedSamples(several.find((one) => one.metric.name === metric.name)!, escaping),
          })),
        );
        if (escaping !== 'allow-utf-8') expectLegacy(families);
      }),
      { numRuns: 100 },
    );
  });

  it.each(escapings)('are the same as values, under %s', (escaping) => {
    fc.assert(
      fc.property(all, (several) => {
        const snapshot = written(several);
        const read = Array.from(
          samplesOf(snapshot, { escaping }),
          (one): Family => ({ ...one, samples: [...one.samples] }),
        );
        expect(plain(read)).toEqual(
          familiesOf(snapshot).map(({ metric }) => ({
            name: escapeName(metric.name, escaping),
            kind: metric.kind,
            help: metric.help,
            unit: metric.unit,
            samples: expectedSamples(several.find((one) => one.metric.name === metric.name)!, escaping),
          })),
        );
        // Compared by label: an object has names of digits alone before its others.
        const again = plain(parseText(Buffer.from(familiesText(read)).toString()));
        expect(again).toEqual(plain(parseText(encodeText(snapshot, { escaping }))));
      }),
      { numRuns: 100 },
    );
  });

  it.each(escapings)('are read back from OpenMetrics as they were written, under %s', (escaping) => {
    fc.assert(
      fc.property(all, (several) => {
        const snapshot = written(several);
        const families = plain(parseOpenMetrics(encodeToString(snapshot, openMetricsTexts[escaping])));
        expect(families).toEqual(
          familiesOf(snapshot).flatMap(({ metric, untyped }) => {
            const { kind } = metric;
            const whole = escapeName(metric.name, escaping);
            const family = familyName({ kind, name: whole });
            const lost = (kind === 'counter' || kind === 'info') && family === whole;
            const parted = kind === 'stateset' && escapeLabel(metric.name, escaping) !== whole;
            const samples = expectedSamples(several.find((one) => one.metric.name === metric.name)!, escaping);
            const facts = { help: metric.help, unit: '' };
            if (!untyped.includes(escaping)) {
              return [{ name: family, kind: lost ? 'unknown' : parted ? 'gauge' : kind, ...facts, samples }];
            }
            // Beside what has a name that it would reserve: a family for each name, and no sample less.
            return [...new Set(samples.map((sample) => sample.name))].map((name) => ({
              name,
              kind: 'unknown',
              ...facts,
              samples: samples.filter((sample) => sample.name === name),
            }));
          }),
        );
        if (escaping !== 'allow-utf-8') expectLegacy(families);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a column under each escaping', () => {
  const metric = gauge({ name: 'queue.depth', help, labels: ['queue.name', 'node'], waive });
  const escaped: { readonly [E in Escaping]: (i: number) => string } = {
    'allow-utf-8': (i) => `{"queue.depth","queue.name"="${i}",node="n"}`,
    underscores: (i) => `queue_depth{queue_name="${i}",node="n"}`,
    dots: (i) => `queue_dot_depth{queue_dot_name="${i}",node="n"}`,
    values: (i) => `U__queue_2e_depth{U__queue_2e_name="${i}",node="n"}`,
  };
  const linesOf = (frozen: StoreSnapshot, escaping: Escaping): string[] => {
    const families = joinParts([{ title: 'test', columns: frozen.columns, conflict() {} }]);
    const body = encodeToString(snapshotOf(families), texts[escaping]);
    return body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  };
  const expected = (rows: readonly number[], run: number, escaping: Escaping): string[] =>
    rows.map((i) => `${escaped[escaping](i)} ${run}`);

  it('follows its rows: new ones, other orders, those that are gone, and answers still read meanwhile', () => {
    const store = new Store({ title: 'test', metrics: { metric } }, countDrops(true));
    const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
    // More rows than are escaped in one go; then so few that the others are forgotten.
    const runs = [
      range(0, 3000),
      range(0, 9000),
      range(8000, 9000),
      range(8500, 8600),
      range(8500, 8700),
      range(0, 50),
    ];
    const held: { frozen: StoreSnapshot; rows: number[]; run: number }[] = [];
    const check = ({ frozen, rows, run }: (typeof held)[number], only: readonly Escaping[]): void => {
      for (const escaping of only) {
        expect(linesOf(frozen, escaping).sort()).toEqual(expected(rows, run, escaping).sort());
      }
    };
    runs.forEach((rows, run) => {
      const { metric: writer } = store.begin() as { metric: Writer<[object, number]> };
      for (const i of rows)
        writer.set(run % 2 === 0 ? { 'queue.name': i, node: 'n' } : { node: 'n', 'queue.name': `${i}` }, run);
      const one = { frozen: store.snapshot(), rows, run };
      held.push(one);
      check(one, run % 2 === 0 ? ['underscores', 'allow-utf-8'] : ['dots', 'underscores']);
    });
    for (const one of held) {
      check(one, escapings);
      one.frozen.release();
    }
  });

  it('gives the same page for the same place, whoever asked before', () => {
    const store = new Store({ title: 'test', metrics: { metric } }, countDrops(true));
    const { metric: writer } = store.begin() as { metric: Writer<[object, number]> };
    for (let i = 0; i < 5000; i++) writer.set({ 'queue.name': i, node: 'n' }, i);
    const { columns } = store.snapshot();
    const snapshot = snapshotOf(joinParts([{ title: 'test', columns, conflict() {} }]));
    const sizes = (): number[] =>
      [...encode(snapshot, texts.values)].map((page) => {
        const { used } = page;
        releasePage(page);
        return used;
      });
    const first = sizes();
    expect(first.length).toBeGreaterThan(3);
    expect(sizes()).toEqual(first);
  });

  it('costs nothing where all names are legacy ones', () => {
    const store = new Store(
      { title: 'test', metrics: { up: gauge({ name: 'up_to', help, labels: ['a'] }) } },
      countDrops(true),
    );
    const { up } = store.begin() as { up: Writer<[object, number]> };
    up.set({ a: 'b' }, 1);
    const [column] = store.snapshot().columns;
    for (const escaping of ['allow-utf-8', 'underscores', 'values'] as const) {
      expect(withEscapedNames(column!, escaping, 0)).toBe(column);
    }
    expect(column!.escapedLines.made).toBeUndefined();
  });
});

it('writes every kind under every escaping', () => {
  const metrics = {
    counter: counter({ name: 'http.read_bytes_total', help, unit: 'bytes', waive }),
    gauge: gauge({ name: 'legacy_name', help, labels: ['a_b', 'é'], waive }),
    histogram: histogram({ name: 'http.wait', help, buckets: [1], waive }),
    info: info({ name: 'target.is_info', help, labels: ['os.name'], waive }),
    stateset: stateset({ name: 'link.state', help, states: ['on', 'off'], waive }),
    summary: summary({ name: 'size "of" it', help, quantiles: [0.5], waive }),
  };
  const snapshot = written(Object.values(metrics).map((metric) => ({ metric, rows: [metric.labels.map(() => 'v')] })));
  expect(encodeToString(snapshot, texts['allow-utf-8'])).toMatchInlineSnapshot(`
    "# HELP "http.read_bytes_total" x
    # TYPE "http.read_bytes_total" counter
    {"http.read_bytes_total"} 7
    # HELP "http.wait" x
    # TYPE "http.wait" histogram
    {"http.wait_bucket",le="1.0"} 1
    {"http.wait_bucket",le="+Inf"} 3
    {"http.wait_sum"} 2.5
    {"http.wait_count"} 3
    # HELP legacy_name x
    # TYPE legacy_name gauge
    legacy_name{a_b="v","é"="v"} 1.5
    # HELP "link.state" x
    # TYPE "link.state" gauge
    {"link.state","link.state"="on"} 0
    {"link.state","link.state"="off"} 1
    # HELP "size \\"of\\" it" x
    # TYPE "size \\"of\\" it" summary
    {"size \\"of\\" it",quantile="0.5"} 4
    {"size \\"of\\" it_sum"} 8
    {"size \\"of\\" it_count"} 2
    # HELP "target.is_info" x
    # TYPE "target.is_info" gauge
    {"target.is_info","os.name"="v"} 1
    "
  `);
  expect(encodeToString(snapshot, texts.underscores)).toMatchInlineSnapshot(`
    "# HELP http_read_bytes_total x
    # TYPE http_read_bytes_total counter
    http_read_bytes_total 7
    # HELP http_wait x
    # TYPE http_wait histogram
    http_wait_bucket{le="1.0"} 1
    http_wait_bucket{le="+Inf"} 3
    http_wait_sum 2.5
    http_wait_count 3
    # HELP legacy_name x
    # TYPE legacy_name gauge
    legacy_name{a_b="v",_="v"} 1.5
    # HELP link_state x
    # TYPE link_state gauge
    link_state{link_state="on"} 0
    link_state{link_state="off"} 1
    # HELP size__of__it x
    # TYPE size__of__it summary
    size__of__it{quantile="0.5"} 4
    size__of__it_sum 8
    size__of__it_count 2
    # HELP target_is_info x
    # TYPE target_is_info gauge
    target_is_info{os_name="v"} 1
    "
  `);
  expect(encodeToString(snapshot, openMetricsTexts['allow-utf-8'])).toMatchInlineSnapshot(`
    "# TYPE "http.read_bytes" counter
    # UNIT "http.read_bytes" bytes
    # HELP "http.read_bytes" x
    {"http.read_bytes_total"} 7
    # TYPE "http.wait" histogram
    # HELP "http.wait" x
    {"http.wait_bucket",le="1.0"} 1
    {"http.wait_bucket",le="+Inf"} 3
    {"http.wait_sum"} 2.5
    {"http.wait_count"} 3
    # TYPE legacy_name gauge
    # HELP legacy_name x
    legacy_name{a_b="v","é"="v"} 1.5
    # TYPE "link.state" stateset
    # HELP "link.state" x
    {"link.state","link.state"="on"} 0
    {"link.state","link.state"="off"} 1
    # TYPE "size \\"of\\" it" summary
    # HELP "size \\"of\\" it" x
    {"size \\"of\\" it",quantile="0.5"} 4
    {"size \\"of\\" it_sum"} 8
    {"size \\"of\\" it_count"} 2
    # TYPE "target.is" info
    # HELP "target.is" x
    {"target.is_info","os.name"="v"} 1
    # EOF
    "
  `);
  expect(encodeToString(snapshot, openMetricsTexts.dots)).toMatchInlineSnapshot(`
    "# TYPE http_dot_read__bytes_ counter
    # HELP http_dot_read__bytes_ x
    http_dot_read__bytes__total 7
    # TYPE http_dot_wait histogram
    # HELP http_dot_wait x
    http_dot_wait_bucket{le="1.0"} 1
    http_dot_wait_bucket{le="+Inf"} 3
    http_dot_wait_sum 2.5
    http_dot_wait_count 3
    # TYPE legacy__name gauge
    # HELP legacy__name x
    legacy__name{a__b="v",__="v"} 1.5
    # TYPE link_dot_state stateset
    # HELP link_dot_state x
    link_dot_state{link_dot_state="on"} 0
    link_dot_state{link_dot_state="off"} 1
    # TYPE size____of____it summary
    # HELP size____of____it x
    size____of____it{quantile="0.5"} 4
    size____of____it_sum 8
    size____of____it_count 2
    # TYPE target_dot_is_ info
    # HELP target_dot_is_ x
    target_dot_is__info{os_dot_name="v"} 1
    # EOF
    "
  `);
  expect(encodeToString(snapshot, openMetricsTexts.values)).toMatchInlineSnapshot(`
    "# TYPE U__http_2e_read__bytes_ counter
    # HELP U__http_2e_read__bytes_ x
    U__http_2e_read__bytes__total 7
    # TYPE U__http_2e_wait histogram
    # HELP U__http_2e_wait x
    U__http_2e_wait_bucket{le="1.0"} 1
    U__http_2e_wait_bucket{le="+Inf"} 3
    U__http_2e_wait_sum 2.5
    U__http_2e_wait_count 3
    # TYPE legacy_name gauge
    # HELP legacy_name x
    legacy_name{a_b="v",U___e9_="v"} 1.5
    # TYPE U__link_2e_state stateset
    # HELP U__link_2e_state x
    U__link_2e_state{U__link_2e_state="on"} 0
    U__link_2e_state{U__link_2e_state="off"} 1
    # TYPE U__size_20__22_of_22__20_it summary
    # HELP U__size_20__22_of_22__20_it x
    U__size_20__22_of_22__20_it{quantile="0.5"} 4
    U__size_20__22_of_22__20_it_sum 8
    U__size_20__22_of_22__20_it_count 2
    # TYPE U__target_2e_is_ info
    # HELP U__target_2e_is_ x
    U__target_2e_is__info{U__os_2e_name="v"} 1
    # EOF
    "
  `);
});

function expectLegacy(families: readonly Family[]): void {
  for (const { name, samples } of families) {
    expect(isLegacyName(name)).toBe(true);
    for (const { name, labels } of samples) {
      expect(isLegacyName(name)).toBe(true);
      expect(Object.keys(labels).every(isLegacyLabel)).toBe(true);
    }
  }
}
