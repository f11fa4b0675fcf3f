import fc from 'fast-check';
import { needPeers, promtoolCheckMetrics, pythonParse } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { parseText } from './text.ts';

const histogram = (lines: string[]): string => `# TYPE h histogram\n${lines.map((line) => `h_${line}\n`).join('')}`;
const whole = ['bucket{le="1"} 2', 'bucket{le="+Inf"} 3', 'sum 4', 'count 3'];

const good: { [what: string]: string } = {
  'an escaped quote in a help': '# HELP x say \\"hello\\"\nx 1\n',
  nothing: '',
  'blank lines and comments': '\n  \n# a comment\n#another\n# HELPER x y\n#\n',
  'a family without samples': '# HELP x y\n# TYPE x gauge\n',
  'blanks wherever tokens meet': '  # HELP  x  y\n\t# TYPE x \t gauge\n x { a = "b" , c = "d" , } \t 1  5\n',
  'labels right after the name, the value right after them': 'x{a="b"}1\n',
  'numbers of all shapes': 'a 1\nb -1.5e-3\nc +.5\nd 1.\ne NaN\nf +Inf\ng -inf\nh Nan\ni Infinity\nj 007\n',
  'names with colons': 'job:x:rate 1\n',
  'a time before 1970': 'x 1 -5\n',
  'an upper-case name': 'X_Y{Z="1"} 1\n',
  'a whole histogram': histogram(whole),
  'histograms whose lines mingle': histogram([
    ...whole.map((line) => line.replace('{', '{a="1",').replace(/^(sum|count)/, '$1{a="1"}')).slice(0, 2),
    ...whole,
    'sum{a="1"} 4',
    'count{a="1"} 3',
  ]),
  'a summary with quantiles only': '# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="1"} NaN\n',
  'suffixes without a type': 'x_bucket{le="1"} 1\nx_sum 1\nx_count 1\n',
  'empty braces': 'x{} 1\n',
  'quotes in a help': '# HELP x say "hi"\nx 1\n',
};

/** Names in quotes: what scrapers before Prometheus 3 can't read. */
const quoted: { [what: string]: string } = {
  'a name in quotes': '{"a.b"} 1\n',
  'a legacy name in quotes': '{"x","y"="z"} 1\n',
  'names in quotes with blanks wherever tokens meet': ' { "a.b" , "c.d" = "e" , f="g" , } \t 1 5\n',
  'a comma after the name': '{"a.b",} 1\n',
  'a name in quotes with help and type': '# HELP "a.b" "x"\n# TYPE "a.b" gauge\n{"a.b"} 1\n',
  'a whole histogram with its name in quotes': [
    '# TYPE "h.h" histogram',
    '{"h.h_bucket",le="1"} 2',
    '{"h.h_bucket",le="+Inf"} 3',
    '{"h.h_sum"} 4',
    '{"h.h_count"} 3\n',
  ].join('\n'),
  'a name with all that is escaped': '# TYPE "\\"\\\\\\n{}" gauge\n{"\\"\\\\\\n{}"} 1\n',
};

const bad: { [what: string]: [text: string, message: RegExp] } = {
  'no line feed at the end': ['x 1', /^line 1: the last line does not end with a line feed, in: x 1$/],
  'no value': ['x\n', /must be followed by labels or a space/],
  'no value after labels': ['x{a="b"}\n', /the value is missing/],
  'a value that is no number': ['x 1.2.3\n', /"1\.2\.3" is not a number/],
  'a hexadecimal number': ['x 0x10\n', /"0x10" is not a number/],
  'underscores in a number': ['x 1_000\n', /not a number/],
  'a number too large': ['x 1e999\n', /not a number/],
  'a carriage return': ['x 1\r\n', /"1\\r" is not a number/],
  'a time with a fraction': ['x 1 1.5\n', /"1\.5" is not a timestamp/],
  'a blank at the end': ['x 1 \n', /the line ends with a space or tab/],
  'a blank after the time': ['x 1 2 \n', /unexpected text after the sample: " "/],
  'more after the time': ['x 1 2 3\n', /unexpected text after the sample: " 3"/],
  'a name that starts with a digit': ['a 1\n1x 1\n', /^line 2: a metric name is missing before "1x 1"/],
  'a name in quotes outside of braces': ['"a.b" 1\n', /a metric name is missing before/],
  'a name in quotes after a label': ['{a="b","a.b"} 1\n', /it comes first, in quotes/],
  'labels without a name': ['{"a.b"="c"} 1\n', /it comes first, in quotes/],
  'braces without a name': ['{} 1\n', /it comes first, in quotes/],
  'a second name': ['x{"a.b"} 1\n', /"=" is missing/],
  'an empty name': ['{""} 1\n', /a metric name is empty/],
  'an empty label name': ['x{""="a"} 1\n', /a label name is empty/],
  'a name without closing quote': ['{"a.b} 1\n', /a metric name has no closing quote/],
  'a name with an escape that is invalid': ['{"a\\.b"} 1\n', /"\\\\." is not a valid escape/],
  'a label in quotes and without': ['x{a="b","a"="c"} 1\n', /duplicate label "a"/],
  'the label __name__ in quotes': ['x{"__name__"="y"} 1\n', /"__name__" is reserved/],
  'a type without closing quote': ['# TYPE "a.b gauge\n', /no closing quote/],
  'a name in quotes and its type together': ['# TYPE "a.b"gauge\n', /is not a valid metric name/],
  'a name with a dot': ['a.b 1\n', /must be followed by labels or a space/],
  'a label that starts with a digit': ['x{1="a"} 1\n', /a label name is missing before "1=/],
  'a label with a colon': ['x{a:b="a"} 1\n', /"=" is missing before ":b=/],
  'a label without value': ['x{a} 1\n', /"=" is missing/],
  'a label without quotes': ['x{a=b} 1\n', /"\\"" is missing before "b}/],
  'two commas': ['x{a="b",,c="d"} 1\n', /a label name is missing before ",c=/],
  'no comma': ['x{a="b" c="d"} 1\n', /"," is missing before "c=/],
  'no closing brace': ['x{a="b" 1\n', /"," is missing/],
  'nothing after a brace': ['x{\n', /a label name is missing before the end of the line/],
  'no closing quote': ['x{a="b\\"} 1\n', /no closing quote/],
  'a line feed in a value': ['x{a="b\nc"} 1\n', /^line 1: .*no closing quote/],
  'an invalid escape': ['x{a="\\t"} 1\n', /"\\\\t" is not a valid escape/],
  'an escape in a help that is invalid': ['# HELP x \\t\n', /"\\\\t" is not a valid escape/],
  'a type with a blank after it': ['# TYPE x gauge \n', /the type must be one of/],
  'a help that ends in a backslash': ['# HELP x y\\\n', /is not a valid escape/],
  'one label twice': ['x{a="b",a="c"} 1\n', /duplicate label "a"/],
  'the label __name__': ['x{__name__="y"} 1\n', /"__name__" is reserved/],
  'one series twice': ['x{a="1",b="2"} 1\nx{b="2",a="1"} 1\n', /^line 2: duplicate series/],
  'one series twice at two times': ['x 1 1\nx 1 2\n', /duplicate series/],
  'one series twice, once with an empty label': ['x 1\nx{a=""} 1\n', /duplicate series/],
  'TYPE after samples': ['x 1\n# TYPE x gauge\n', /^line 2: the TYPE of x must come before its samples/],
  'HELP after samples': ['x 1\n# HELP x y\n', /the HELP of x must come before its samples/],
  'a second TYPE': ['# TYPE x gauge\n# TYPE x gauge\n', /duplicate TYPE of x/],
  'a second HELP': ['# HELP x y\n# HELP x y\n', /duplicate HELP of x/],
  'an invalid type': ['# TYPE x info\n', /the type must be one of counter, gauge,/],
  'a type in capitals': ['# TYPE x GAUGE\n', /the type must be one of/],
  'no type': ['# TYPE x\n', /the type must be one of/],
  'no name': ['# TYPE\n', /a metric name is missing/],
  'an invalid name': ['# TYPE a.b gauge\n', /is not a valid metric name/],
  'families that mingle': ['x 1\ny 1\nx{a="b"} 1\n', /^line 3: the lines of family x must be together/],
  'families whose TYPEs stand together': [
    '# TYPE x gauge\n# TYPE y gauge\nx 1\n',
    /^line 3: the lines of family x must be together/,
  ],
  'a gauge with a name of a histogram above': [
    `${histogram(whole)}# TYPE h_count gauge\n`,
    /h_count already belongs to the family h/,
  ],
  'a histogram with a name of a gauge above': ['h_sum 1\n# TYPE h histogram\n', /h_sum already belongs to the family/],
  'a histogram with plain samples': [
    '# TYPE h histogram\nh 1\n',
    /histogram samples must be named h_bucket, h_sum, h_count/,
  ],
  'buckets without +Inf': [histogram(['bucket{le="1"} 2', 'sum 1', 'count 2']), /^line 2: .* no bucket le="\+Inf"/],
  'buckets that go down': [histogram(['bucket{le="1"} 2', 'bucket{le="2"} 1']), /count of 1 follows 2/],
  'buckets out of order': [histogram(['bucket{le="2"} 1', 'bucket{le="1"} 2']), /ascending order/],
  'buckets with NaN': [histogram(['bucket{le="1"} NaN']), /count of NaN follows 0/],
  'buckets below zero': [histogram(['bucket{le="1"} -1']), /count of -1 follows 0/],
  'one bucket in two spellings': [histogram(['bucket{le="1"} 1', 'bucket{le="1.0"} 1']), /ascending order/],
  'a bucket without le': [histogram(['bucket 1']), /h_bucket must have the label "le"/],
  'a bucket with a strange le': [histogram(['bucket{le="a"} 1']), /"a" is not a number/],
  'a sum with le': [histogram(['sum{le="1"} 1']), /h_sum must not have the label "le"/],
  'a histogram without sum': [histogram(whole.toSpliced(2, 1)), /has no _sum/],
  'a histogram without count': [histogram(whole.toSpliced(3, 1)), /has no _count/],
  'a count that differs': [histogram(whole.with(3, 'count 4')), /_count is 4, but its bucket le="\+Inf" has 3/],
  'a summary without quantile': ['# TYPE s summary\ns 1\n', /s must have the label "quantile"/],
  'a quantile above 1': ['# TYPE s summary\ns{quantile="1.1"} 1\n', /"1\.1" is not between 0 and 1/],
};

const sample = [
  '# HELP h Waits,\\nin all \\\\ "ways".',
  '# TYPE h histogram',
  ...whole.map((line) => `h_${line}`),
  '# TYPE c_total counter',
  'c_total{path="/a\\\\b\\"c\\n",emoji="🦫"} 1e3 1700000000123',
  'plain NaN',
  '',
].join('\n');

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not throw');
}

describe('parseText', () => {
  it.each(Object.entries({ ...good, ...quoted }))('reads %s', (_, text) => {
    expect(() => parseText(text)).not.toThrow();
  });

  it.each(Object.entries(bad))('refuses %s', (_, [text, message]) => {
    expect(() => parseText(text)).toThrow(message);
  });

  it('shows no more than the beginning of a long line', () => {
    const long = 'z'.repeat(1e5);
    for (const text of [`x ${long}\n`, `${long}\n`, `x{a="${long}\n`, `x{a="1",${long}="2",${long}="3"} 1\n`]) {
      const { message } = thrown(() => parseText(text));
      expect(message.length).toBeLessThan(300);
      expect(message.startsWith('line 1: ') && message.endsWith('…')).toBe(true);
    }
  });

  it('takes families apart', () => {
    expect(parseText(sample)).toEqual([
      {
        name: 'h',
        kind: 'histogram',
        help: 'Waits,\nin all \\ "ways".',
        unit: '',
        samples: [
          { name: 'h_bucket', labels: { le: '1' }, value: 2 },
          { name: 'h_bucket', labels: { le: '+Inf' }, value: 3 },
          { name: 'h_sum', labels: {}, value: 4 },
          { name: 'h_count', labels: {}, value: 3 },
        ],
      },
      {
        name: 'c_total',
        kind: 'counter',
        help: '',
        unit: '',
        samples: [
          { name: 'c_total', labels: { path: '/a\\b"c\n', emoji: '🦫' }, value: 1000, timestampMs: 1700000000123 },
        ],
      },
      {
        name: 'plain',
        kind: 'unknown',
        help: '',
        unit: '',
        samples: [{ name: 'plain', labels: {}, value: Number.NaN }],
      },
    ]);
  });

  it('takes names that objects have for names like any other', () => {
    const text = 'constructor{__proto__="a",constructor="b"} 1\nhasOwnProperty 2\n__proto__ 3\n';
    const [first, , third] = parseText(text);
    expect(Object.entries(first!.samples[0]!.labels)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(third!.name).toBe('__proto__');
    expect(({} as { a?: string }).a).toBeUndefined();
    expect(parseText('x 1\n')[0]!.samples[0]!.labels.constructor).toBeUndefined();
  });

  it('takes names in quotes for what they stand for', () => {
    const text = '# TYPE "a.b\\"\\n\\\\" gauge\n{"a.b\\"\\n\\\\","c=d"="e",f="g"} 1\n{"x"} 2\n';
    expect(parseText(text).flatMap(({ samples }) => samples)).toEqual([
      { name: 'a.b"\n\\', labels: { 'c=d': 'e', f: 'g' }, value: 1 },
      { name: 'x', labels: {}, value: 2 },
    ]);
  });

  it('keeps label sets apart that a careless key would mix up', () => {
    expect(parseText('x{a="b,c",d="e"} 1\nx{a="b",c="d,e"} 1\nx{a="b\\",c=\\"d"} 1\n')[0]!.samples).toHaveLength(3);
    expect(parseText('x{a="b",c="d"} 1\nx{"a\\"b\\"c"="d"} 1\nx{"a\\"b\\"1:c"="d"} 1\n')[0]!.samples).toHaveLength(3);
  });

  // What is quadratic here takes longer than a test may.
  it('copes with extreme shapes', () => {
    const times = (n: number): string[] => [
      `x{${Array.from({ length: n }, (_, i) => `l${i}="v"`).join()}} 1\n`,
      `x{a="${'\\\\\\"'.repeat(n)}"} 1\n`,
      `x{a="${'\\'.repeat(n)}\n`,
      `# HELP x ${'\\\\'.repeat(n)}\n`,
      `${' '.repeat(n)}x${' '.repeat(n)}1${' '.repeat(n)}\n`,
      `x ${'1'.repeat(n)}z\n`,
      `${'n'.repeat(n)} 1\n`,
      Array.from({ length: n / 4 }, (_, i) => `x{i="${i}"} 1\n`).join(''),
    ];
    for (const text of times(100_000)) {
      try {
        parseText(text);
      } catch {}
    }
  });

  it('reads back what a writer writes, whatever the labels hold', () => {
    const legacy = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
    const label = fc.oneof(legacy, fc.string({ unit: 'binary', minLength: 1 })).filter((name) => name !== '__name__');
    const any = fc.record({
      labels: fc.dictionary(label, fc.string({ unit: 'binary', minLength: 1 })),
      value: fc.double(),
    });
    const escaped = (text: string): string =>
      text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
    const spell = (value: number): string =>
      (Object.is(value, -0) ? '-0' : String(value)).replace(/^(-?)Infinity/, (_, sign) => `${sign || '+'}Inf`);
    fc.assert(
      fc.property(fc.uniqueArray(any, { selector: (s) => JSON.stringify(Object.entries(s.labels).sort()) }), (all) => {
        const text = all
          .map(({ labels, value }) => {
            const pairs = Object.entries(labels).map(([name, text]) => `"${escaped(name)}"="${escaped(text)}"`);
            return `x{${pairs.join(',')}} ${spell(value)}\n`;
          })
          .join('');
        const read = parseText(text).flatMap((family) => family.samples);
        expect(read.map((s) => ({ labels: { ...s.labels }, value: s.value }))).toEqual(
          all.map((s) => ({ labels: { ...s.labels }, value: s.value })),
        );
      }),
    );
  });

  it('either reads a text or refuses it with a line', () => {
    const piece = fc.constantFrom(
      'x',
      'x_sum',
      '{',
      '}',
      'le="1"',
      'a="',
      '"',
      ',',
      ' 1',
      '\n',
      '# TYPE x ',
      '\\',
      'histogram',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        try {
          parseText(pieces.join(''));
        } catch (error) {
          expect((error as Error).message).toMatch(/^line \d+: /);
        }
      }),
    );
  });
});

const promtool = needPeers('promtool');
describe.skipIf(!promtool)('parseText beside promtool', () => {
  it.each(Object.entries(good))('accepts as promtool does: %s', (_, text) => {
    expect(promtoolCheckMetrics(text).code, 'as text').not.toBe(1);
  });

  // What the reader of promtool lets pass, or only its tables don't show; the format's description does not.
  const lenient = [
    'a type in capitals',
    'no type',
    'no name',
    'one series twice',
    'one series twice at two times',
    'one series twice, once with an empty label',
    'HELP after samples',
    'families that mingle',
    'families whose TYPEs stand together',
    'a gauge with a name of a histogram above',
    'a histogram with a name of a gauge above',
    'a histogram with plain samples',
    'buckets without +Inf',
    'buckets that go down',
    'buckets out of order',
    'buckets with NaN',
    'buckets below zero',
    'one bucket in two spellings',
    'a bucket without le',
    'a sum with le',
    'a histogram without sum',
    'a histogram without count',
    'a count that differs',
    'a summary without quantile',
    'a quantile above 1',
  ];
  it.each(Object.entries(bad).filter(([what]) => !lenient.includes(what)))(
    'refuses as promtool does: %s',
    (_, [text]) => {
      expect(promtoolCheckMetrics(text).code).toBe(1);
    },
  );
});

const python = needPeers('python-client');
describe.skipIf(!python)('parseText beside the Python client', () => {
  it('reads the same samples', () => {
    const bare = (samples: readonly { name: string; labels: object; value: number }[]): object[] =>
      samples.map(({ name, labels, value }) => ({ name, labels: { ...labels }, value }));
    const theirs = pythonParse(sample, 'text').flatMap((family) => bare(family.samples));
    expect(parseText(sample).flatMap((family) => bare(family.samples))).toEqual(theirs);
  });
});
