import fc from 'fast-check';
import { needPeers, pythonParse } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { parseOpenMetrics } from './openmetrics.ts';

const eof = '# EOF\n';
const typed = (kind: string, ...lines: string[]): string =>
  `# TYPE x ${kind}\n${lines.map((line) => `x${line}\n`).join('')}${eof}`;
const whole = ['_bucket{le="1.0"} 2', '_bucket{le="+Inf"} 3', '_sum 4.5', '_count 3'];

const good: { [what: string]: string } = {
  nothing: eof,
  'an end without line feed': '# EOF',
  'a family without samples': `# TYPE x gauge\n# HELP x y\n${eof}`,
  'a sample without a family': `x 1\n${eof}`,
  'all metadata': `# TYPE x_bytes gauge\n# UNIT x_bytes bytes\n# HELP x_bytes Say \\"hi\\",\\n\\\\.\nx_bytes 1\n${eof}`,
  'metadata in another order': `# HELP x_bytes y\n# UNIT x_bytes bytes\n# TYPE x_bytes gauge\n${eof}`,
  'an empty help and unit': `# HELP x \n# UNIT x \nx 1\n${eof}`,
  'a counter': typed('counter', '_total 1', '_created 1.5'),
  'a counter with exemplars': typed('counter', '_total{a="1"} 1 # {trace="b"} 0.5', '_total{a="2"} 1 # {} 0.5 1.25'),
  'a counter with a time and an exemplar': typed('counter', '_total 1 1.5 # {trace_id="b"} 0.5 1.25'),
  'an exemplar of 128 characters': typed('counter', `_total 1 # {a="${'🦫'.repeat(127)}"} 1`),
  'numbers of all shapes': typed(
    'gauge',
    ...['1', '-1.5e-3', '+.5', 'NaN', '+Inf', '-inf'].map((n, i) => `{n="${i}"} ${n}`),
  ),
  'a histogram': typed('histogram', ...whole, '_created 1'),
  'a histogram with buckets only': typed('histogram', ...whole.slice(0, 2)),
  'a histogram with negative buckets': typed('histogram', '_bucket{le="-1.0"} 1', '_bucket{le="+Inf"} 1'),
  'a histogram with exemplars': typed('histogram', '_bucket{le="1e-05"} 1 # {a="b"} 1e-06', '_bucket{le="+Inf"} 1'),
  'a gauge histogram': typed('gaugehistogram', '_bucket{le="1.0"} 1', '_bucket{le="+Inf"} 2', '_gcount 2', '_gsum 3'),
  'a gauge histogram of negative values': typed(
    'gaugehistogram',
    ...['_bucket{le="-1.0"} 1 # {a="b"} -2', '_bucket{le="+Inf"} 1', '_gcount 1', '_gsum -2'],
  ),
  'a backslash that escapes nothing': `# HELP x C:\\dir\nx{a="C:\\dir\\"} 1\n${eof}`.replace('\\"', '\\\\"'),
  'a summary': typed('summary', '{quantile="0.5"} 1', '{quantile="0.0"} NaN', '_sum 1', '_count 1'),
  'a summary without quantiles': typed('summary', '_count 1', '_sum 1'),
  'an info': typed('info', '_info{version="1"} 1', '_info{version="2"} 1.0'),
  'a stateset': typed('stateset', '{x="a"} 1', '{x="b"} 0', '{a="1",x="a"} 1', '{a="1",x="b"} 1'),
  'times in seconds': typed('gauge', ' 1 1520879607.789'),
  'several points of one series': typed('gauge', ' 1 1', ' 2 2', '{a="b"} 1 1'),
  'several points of one summary': typed('summary', '_count 0 1', '_sum 0 1', '_count 1 2', '_sum 1 2'),
};

/** Names in quotes: what scrapers before Prometheus 3 can't read. */
const quoted: { [what: string]: string } = {
  'a name in quotes': `{"a.b"} 1\n${eof}`,
  'names in quotes': `{"a.b","c.d"="e",f="g"} 1\n${eof}`,
  'a counter with its name in quotes': [
    '# TYPE "a.b_s" counter',
    '# UNIT "a.b_s" s',
    '# HELP "a.b_s" x',
    '{"a.b_s_total"} 1 # {"t.id"="b"} 0.5\n# EOF\n',
  ].join('\n'),
};

const bad: { [what: string]: [text: string, message: RegExp] } = {
  'a comma after a name in quotes': [`{"a.b",} 1\n${eof}`, /there is a comma after the last label/],
  'a blank after a name in quotes': [`{"a.b" } 1\n${eof}`, /"," is missing before " \} 1"/],
  'braces without a name': [`{a="b"} 1\n${eof}`, /it comes first, in quotes/],
  'a name in quotes that is not in braces': [`"a.b" 1\n${eof}`, /a metric name is missing/],
  'no end': ['x 1\n', /^line 1: the text does not end with "# EOF", in: x 1$/],
  'nothing at all': ['', /^line 1: the text does not end with "# EOF"/],
  'text after the end': [`${eof}x 1\n`, /^line 2: unexpected text after "# EOF"/],
  'a blank line after the end': [`${eof}\n`, /^line 2: unexpected text after "# EOF"/],
  'two ends': [eof + eof, /^line 2: unexpected text after/],
  'an end with a blank': ['# EOF \n', /OpenMetrics has no comments/],
  'an end in the middle of a line': ['x 1 # EOF', /^line 1: the last line is not "# EOF"/],
  'a blank line': [`\n${eof}`, /a metric name is missing before the end of the line/],
  'a comment': [`# a comment\n${eof}`, /OpenMetrics has no comments/],
  'a comment without blank': [`#TYPE x gauge\n${eof}`, /"# " is missing/],
  'a blank before a name': [` x 1\n${eof}`, /a metric name is missing before " x 1"/],
  'two blanks': [`x  1\n${eof}`, /the value is missing/],
  'a tab': [`x\t1\n${eof}`, /" " is missing/],
  'a blank at the end': [`x 1 \n${eof}`, /the value is missing/],
  'a blank in labels': [`x{a="b", c="d"} 1\n${eof}`, /a label name is missing before " c=/],
  'a comma after the last label': [`x{a="b",} 1\n${eof}`, /a comma after the last label/],
  'one label twice': [`x{a="b",a="b"} 1\n${eof}`, /duplicate label "a"/],
  'a value right after labels': [`x{a="b"}1\n${eof}`, /" " is missing before "1"/],
  'a carriage return': [`x 1\r\n${eof}`, /"1\\r" is not a number/],
  'a hexadecimal number': [`x 0x1p3\n${eof}`, /not a number/],
  'a number with underscores': [`x 1_0\n${eof}`, /not a number/],
  'a time that is infinite': [`x 1 +Inf\n${eof}`, /a finite number of seconds/],
  'more after the time': [`x 1 2 3\n${eof}`, /unexpected text after the sample: " 3"/],
  'TYPE after samples': [`x 1\n# TYPE x gauge\n${eof}`, /^line 2: the TYPE of x must come before its samples/],
  'UNIT after samples': [`x_s 1\n# UNIT x_s s\n${eof}`, /the UNIT of x_s must come before its samples/],
  'a second TYPE': [`# TYPE x gauge\n# TYPE x gauge\n${eof}`, /duplicate TYPE/],
  'a second HELP': [`# HELP x a\n# HELP x a\n${eof}`, /duplicate HELP/],
  'a second UNIT': [`# UNIT x_s s\n# UNIT x_s s\n${eof}`, /duplicate UNIT/],
  'no type': [`# TYPE x\n${eof}`, /" " is missing before the end of the line/],
  'an invalid type': [`# TYPE x untyped\n${eof}`, /the type must be one of counter, gauge/],
  'a quote in a help': [`# HELP x "y"\n${eof}`, /a quote in a HELP must be written/],
  'a quote in a help after a backslash': [`# HELP x a\\\\"y\n${eof}`, /a quote in a HELP must be written/],
  'a unit the name does not end in': [`# UNIT x_seconds_y seconds\n${eof}`, /must end in its unit, "_seconds"/],
  'a unit that is the name': [`# UNIT seconds seconds\n${eof}`, /must end in its unit/],
  'a unit of an info': [`# TYPE x_a info\n# UNIT x_a a\n${eof}`, /an info or stateset must not have a unit/],
  'a unit of a stateset': [`# UNIT x_a a\n# TYPE x_a stateset\n${eof}`, /an info or stateset must not have a unit/],
  'families that mingle': [`a 1\nb 1\na{c="d"} 1\n${eof}`, /^line 3: the lines of family a must be together/],
  'one series twice': [typed('gauge', '{a="1",b=""} 1', '{a="1"} 1'), /^line 3: duplicate series/],
  'one series twice at one time': [typed('gauge', ' 1 1', ' 2 1'), /duplicate series/],
  'points that go back in time': [typed('gauge', ' 1 2', ' 2 1'), /its timestamp must be later than the one above/],
  'a point without a time': [typed('gauge', ' 1 2', ' 2'), /its timestamp must be later/],
  'label sets that mingle': [
    typed('summary', '_count{a="1"} 1', '_count{a="2"} 1', '_sum{a="1"} 1'),
    /^line 4: the samples of a label set must be together/,
  ],
  'points that mingle': [typed('summary', '_count 1 1', '_count 2 2', '_sum 1 1'), /its timestamp must be later/],
  'a counter without _total': [typed('counter', ' 1'), /counter samples must be named x_total, x_created/],
  'a counter that is NaN': [typed('counter', '_total NaN'), /_total must not be negative or NaN/],
  'a counter below zero': [typed('counter', '_total -1'), /_total must not be negative/],
  'a gauge with a suffix of a counter above': [
    `# TYPE x counter\n# TYPE x_created gauge\n${eof}`,
    /already belongs to/,
  ],
  'a counter with a name of a gauge above': [`# TYPE x_total gauge\n# TYPE x counter\n${eof}`, /already belongs to/],
  'an exemplar on a gauge': [typed('gauge', ' 1 # {} 1'), /only counters and histogram buckets may have exemplars/],
  'an exemplar on a sum': [typed('histogram', '_sum 1 # {} 1'), /only counters and histogram buckets/],
  'an exemplar without labels': [typed('counter', '_total 1 # 1'), /an exemplar must start with its labels/],
  'an exemplar without value': [typed('counter', '_total 1 # {}'), /" " is missing/],
  'two exemplars': [typed('counter', '_total 1 # {} 1 # {} 1'), /unexpected text after the sample/],
  'an exemplar of 129 characters': [typed('counter', `_total 1 # {a="${'b'.repeat(128)}"} 1`), /more than 128/],
  'an info of 2': [typed('info', '_info 2'), /the value of an info must be 1/],
  'an info without _info': [typed('info', ' 1'), /info samples must be named x_info/],
  'a state of 2': [typed('stateset', '{x="a"} 2'), /the value of a state must be 0 or 1/],
  'a stateset without a state': [typed('stateset', ' 1'), /x must have the label "x"/],
  'buckets without +Inf': [
    typed('histogram', '_bucket{le="1.0"} 1'),
    /^line 2: the histogram has no bucket le="\+Inf"/,
  ],
  'buckets that go down': [typed('histogram', '_bucket{le="1.0"} 2', '_bucket{le="+Inf"} 1'), /count of 1 follows 2/],
  'buckets out of order': [typed('histogram', '_bucket{le="2.0"} 1', '_bucket{le="1.0"} 1'), /ascending order/],
  'buckets of half an observation': [typed('histogram', '_bucket{le="1.0"} 1.5'), /_bucket must be a whole number/],
  'an le that is no number': [typed('histogram', '_bucket{le="a"} 1'), /"a" is not a number/],
  'a bucket without le': [typed('histogram', '_bucket 1'), /x_bucket must have the label "le"/],
  'a count that differs': [typed('histogram', ...whole.with(3, '_count 4')), /_count is 4, but its bucket/],
  'a sum without count': [typed('histogram', ...whole.slice(0, 3)), /both _sum and _count, or neither/],
  'a count without sum': [typed('histogram', ...whole.toSpliced(2, 1)), /both _sum and _count, or neither/],
  'a sum beside negative buckets': [
    typed('histogram', '_bucket{le="-1.0"} 1', '_bucket{le="+Inf"} 1', '_sum 1', '_count 1'),
    /negative buckets must not have a _sum/,
  ],
  'a sum that is NaN': [typed('histogram', ...whole.with(2, '_sum NaN')), /_sum must not be negative or NaN/],
  'a count of half an observation': [typed('summary', '_count 1.5'), /_count must be a whole number/],
  'a quantile above 1': [typed('summary', '{quantile="1.1"} 1'), /not between 0 and 1/],
  'a quantile with a negative value': [typed('summary', '{quantile="0.1"} -1'), /quantile must not be negative/],
};

// The syntax lets label values be any text; which form of a number is asked of writers. The Python client holds readers to it.
const spelled: { [what: string]: string } = {
  'bounds in any spelling': typed('histogram', '_bucket{le="1"} 1', '_bucket{le="1e1"} 1', '_bucket{le="Inf"} 1'),
  'quantiles in any spelling': typed('summary', '{quantile="1"} 1', '{quantile="0.50"} 1'),
};

describe('parseOpenMetrics', () => {
  it.each(Object.entries({ ...good, ...quoted, ...spelled }))('reads %s', (_, text) => {
    expect(() => parseOpenMetrics(text)).not.toThrow();
  });

  it.each(Object.entries(bad))('refuses %s', (_, [text, message]) => {
    expect(() => parseOpenMetrics(text)).toThrow(message);
  });

  it('takes families apart', () => {
    const text = [
      '# TYPE c_seconds counter',
      '# UNIT c_seconds seconds',
      '# HELP c_seconds Say \\"hi\\",\\n\\\\.',
      'c_seconds_total{path="/a\\\\b\\"c\\n",emoji="🦫"} 1e3 1520879607.789 # {trace_id="b"} 0.5',
      '# TYPE i info',
      'i_info{__proto__="a",constructor="b"} 1',
      'plain NaN',
      '# EOF',
    ].join('\n');
    const families = parseOpenMetrics(text);
    expect(families.slice(0, 1)).toEqual([
      {
        name: 'c_seconds',
        kind: 'counter',
        help: 'Say "hi",\n\\.',
        unit: 'seconds',
        samples: [
          {
            name: 'c_seconds_total',
            labels: { path: '/a\\b"c\n', emoji: '🦫' },
            value: 1000,
            timestampMs: 1520879607789,
            exemplar: { labels: { trace_id: 'b' }, value: 0.5, timestampMs: 1520879607789 },
          },
        ],
      },
    ]);
    expect(Object.entries(families[1]!.samples[0]!.labels)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(families[2]).toMatchObject({ name: 'plain', kind: 'unknown', help: '', unit: '' });
  });

  // What is quadratic here takes longer than a test may.
  it('copes with extreme shapes', () => {
    const n = 100_000;
    const shapes = [
      `# HELP x ${'\\'.repeat(n)}\n`,
      `# HELP x ${'\\\\ '.repeat(n)}"\n`,
      `# UNIT ${'_s'.repeat(n)} s\n`,
      `x ${'1'.repeat(n)}z\n`,
      typed('counter', `_total 1 # {${Array.from({ length: n }, (_, i) => `l${i}="v"`).join()}} 1`),
      Array.from({ length: n / 4 }, (_, i) => `x{i="${i}"} 1\n`).join(''),
      Array.from({ length: n / 4 }, (_, i) => `x ${i} ${i}\n`).join(''),
    ];
    for (const text of shapes) {
      try {
        parseOpenMetrics(text);
      } catch {}
    }
  });

  it('either reads a text or refuses it with a line', () => {
    const pieces = [
      'x',
      '_total',
      '_bucket{',
      '}',
      'le="1.0"',
      'a="',
      '"',
      ',',
      ' 1',
      '\n',
      '# TYPE x ',
      'counter',
      ' # {} 1',
      '# EOF',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 20 }), (parts) => {
        try {
          parseOpenMetrics(parts.join(''));
        } catch (error) {
          expect((error as Error).message).toMatch(/^line \d+: /);
        }
      }),
    );
  });
});

const python = needPeers('python-client');
describe.skipIf(!python)('parseOpenMetrics beside the Python client', () => {
  it('reads the same, all in one exposition', () => {
    const { 'several points of one summary': _, ...cases } = good; // of these the client loses one
    const text = Object.values(cases)
      .map((one, i) => one.replace(/# EOF\n?$/, '').replaceAll(/\bx(?=[ _{=])/g, `x${i}`))
      .join('')
      .concat(eof);
    const ours = parseOpenMetrics(text);
    const theirs = pythonParse(text, 'openmetrics');
    expect(theirs.map(({ name, type, help, unit }) => ({ name, kind: type, help, unit }))).toEqual(
      ours.map(({ name, kind, help, unit }) => ({ name, kind, help, unit })),
    );
    expect(theirs.flatMap(({ samples }) => samples.map(({ exemplar: _, ...sample }) => sample))).toEqual(
      ours.flatMap(({ samples }) =>
        samples.map(({ name, labels, value, timestampMs }) => ({
          name,
          labels: { ...labels },
          value,
          ...(timestampMs === undefined ? {} : { timestamp: timestampMs / 1000 }),
        })),
      ),
    );
  });
});
