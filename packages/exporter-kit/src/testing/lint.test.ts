import { needPeers, promtoolCheckMetrics } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { lint } from './lint.ts';

const family = (kind: string, name: string, labels = ''): string =>
  `# HELP ${name} Help.\n# TYPE ${name} ${kind}\n${name}${labels} 1\n`;
const histogram = (name: string, labels = ''): string => `# HELP ${name} Help.
# TYPE ${name} histogram
${name}_bucket{${labels}le="+Inf"} 1
${name}_sum${labels === '' ? '' : `{${labels}}`} 1
${name}_count${labels === '' ? '' : `{${labels}}`} 1
`;
const summary = (name: string, labels = ''): string => `# HELP ${name} Help.
# TYPE ${name} summary
${name}{${labels}quantile="0.5"} 1
${name}_sum${labels === '' ? '' : `{${labels}}`} 1
${name}_count${labels === '' ? '' : `{${labels}}`} 1
`;

/** Expositions, each with the families that the linter has something to say about, as often as it does. */
const cases: { [what: string]: [text: string, metrics: string[]] } = {
  'a good gauge': [family('gauge', 'queue_depth'), []],
  'a good counter': [family('counter', 'queue_processed_total'), []],
  'a good histogram': [histogram('queue_wait_seconds', 'queue="a",'), []],
  'a good summary': [summary('queue_wait_seconds'), []],
  'an info': [family('gauge', 'queue_info', '{version="1"}'), []],
  'an escaped quote in its help': ['# HELP a Says \\"no\\".\n# TYPE a gauge\na 1\n', []],
  'no help': ['# TYPE a gauge\na 1\n', ['a']],
  'no type': ['# HELP a Help.\na 1\n', []],
  neither: ['a 1\n', ['a']],
  'a counter without _total': [family('counter', 'reads'), ['reads']],
  'a gauge with _total': [family('gauge', 'reads_total'), ['reads_total']],
  'a histogram with _total': [histogram('reads_total'), ['reads_total']],
  'an untyped with _total': [family('untyped', 'reads_total'), []],
  'a gauge with _count': [family('gauge', 'reads_count'), ['reads_count']],
  'a gauge with _sum': [family('gauge', 'reads_sum'), ['reads_sum']],
  'a gauge with _bucket': [family('gauge', 'reads_bucket'), ['reads_bucket']],
  'a summary with _count': [summary('reads_count'), []],
  'a summary with _bucket': [summary('reads_bucket'), ['reads_bucket']],
  'an untyped with _count': [family('untyped', 'reads_count'), []],
  'a gauge with le': [family('gauge', 'a', '{le="1"}'), ['a']],
  'a gauge with quantile': [family('gauge', 'a', '{quantile="1"}'), ['a']],
  'an untyped with le': [family('untyped', 'a', '{le="1",quantile="1"}'), []],
  'base units': [
    ['seconds', 'bytes', 'celsius', 'meters', 'metres', 'volts', 'kelvin']
      .map((u) => family('gauge', `a_${u}`))
      .join(''),
    [],
  ],
  milliseconds: [family('gauge', 'a_milliseconds'), ['a_milliseconds']],
  minutes: [family('counter', 'a_minutes_total'), ['a_minutes_total']],
  'kilobytes, in the middle': [family('gauge', 'a_kilobytes_used'), ['a_kilobytes_used']],
  bits: [family('gauge', 'a_bits'), ['a_bits']],
  fahrenheit: [family('gauge', 'a_fahrenheit'), ['a_fahrenheit']],
  'no unit at all, though it looks like one': [family('gauge', 'a_millions'), []],
  'short units': [
    ['s', 'ms', 'kb', 'd', 'h', 'm'].map((u) => family('gauge', `a_${u}`)).join(''),
    ['a_d', 'a_h', 'a_kb', 'a_m', 'a_ms', 'a_s'],
  ],
  'a short unit in the middle': [family('gauge', 'a_ms_used'), ['a_ms_used']],
  'a short unit in front': [family('gauge', 'ms_used'), []],
  'its type in its name': [family('gauge', 'a_gauge'), ['a_gauge']],
  'its type in the middle of its name': [family('counter', 'a_counter_total'), ['a_counter_total']],
  'another type in its name': [family('gauge', 'a_summary_c'), []],
  'a type in the name of an untyped': [family('untyped', 'a_gauge'), []],
  'unknown in the name of an untyped': [family('untyped', 'a_unknown'), []],
  'a colon': [family('gauge', 'a:b'), ['a:b']],
  camelCase: [family('gauge', 'aB'), ['aB']],
  capitals: [family('gauge', 'QUEUE_DEPTH'), []],
  'a camelCase label': [family('gauge', 'a', '{bC="1"}'), ['a']],
  'a series twice': ['# HELP a Help.\n# TYPE a gauge\na{b="1"} 1\na{b="2"} 1\na{b="1"} 2\n', ['a']],
  'much at once': [
    family('gauge', 'aB_milliseconds_total'),
    ['aB_milliseconds_total', 'aB_milliseconds_total', 'aB_milliseconds_total'],
  ],
};

const names = (text: string): string[] => lint(text).map(({ metric }) => metric);

it.each(Object.entries(cases))('finds what is wrong with %s', (_, [text, metrics]) => {
  expect(names(text)).toEqual(metrics);
});

it('says what to do', () => {
  expect(lint(family('counter', 'reads'))).toEqual([
    { metric: 'reads', message: 'is a counter; call it "reads_total".' },
  ]);
  expect(lint('# HELP a Help.\na 1\na 1\n')).toEqual([
    { metric: 'a', message: 'has a duplicate series, in line 3; write it once.' },
  ]);
});

it('finds what OpenMetrics reserves, which promtool does not', () => {
  expect(names(family('gauge', 'a_created'))).toEqual(['a_created']);
});

it('refuses what is no exposition', () => {
  expect(() => lint('a b\n')).toThrow(/^line 1: "b" is not a number/);
});

const promtool = needPeers('promtool');
describe.skipIf(!promtool)('beside promtool', () => {
  const said = (text: string): string[] =>
    promtoolCheckMetrics(text)
      .problems.map((line) => line.split(' ')[0]!)
      .sort();

  // promtool does not look for duplicates.
  it.each(Object.entries(cases).filter(([what]) => what !== 'a series twice'))('agrees on %s', (_, [text, metrics]) => {
    expect(said(text)).toEqual(metrics);
  });

  it('agrees on every mixture of words', () => {
    const words = [
      '',
      'total',
      'count',
      'bucket',
      'sum',
      'info',
      'ms',
      's',
      'bytes',
      'millibytes',
      'bits',
      'gauge',
      'histogram',
      'countered',
      'aB',
    ];
    let text = '';
    for (const kind of ['gauge', 'counter', 'untyped', 'histogram', 'summary']) {
      for (const [i, a] of words.entries()) {
        for (const [j, b] of words.entries()) {
          // Of two units in one name, promtool looks at either.
          if (/bytes|bits/.test(a) && /bytes|bits/.test(b)) continue;
          const name = ['x', kind.slice(0, 2), i, j, a, b].filter((word) => word !== '').join('_');
          text += kind === 'histogram' ? histogram(name) : kind === 'summary' ? summary(name) : family(kind, name);
        }
      }
    }
    // Of two short units in one name, promtool speaks twice.
    const ours = new Set(names(text));
    expect(ours.size).toBeGreaterThan(500);
    expect(ours).toEqual(new Set(said(text)));
  });
});
