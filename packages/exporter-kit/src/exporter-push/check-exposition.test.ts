import { describe, expect, it } from 'vitest';
import { checkExposition } from './check-exposition.ts';

const group = { job: 'nightly', grouping: { instance: 'db1' } };
const check = (text: string | Uint8Array): ReturnType<typeof checkExposition> =>
  checkExposition(typeof text === 'string' ? Buffer.from(text) : text, group, new Set(['job_success']));

describe('takes', () => {
  it.each([
    ['a bare line', 'x 1\n', 1],
    ['a line with labels and blanks', ' x{ a = "b" , }  1\n', 1],
    ['heads and comments', '# anything\n# HELP x Help.\n# TYPE x counter\nx{a="1"} 1\nx{a="2"} 2\n\n', 2],
    ['a histogram', '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n', 4],
    ['a name of any character', '{"http.requests",path="/"} 1\n', 1],
    ['histograms with different buckets', `${histogram('a', 1)}${histogram('b', 2).replace(/^#.*\n/, '')}`, 8],
    ['families that mix', 'x 1\ny 2\nx{a="b"} 3\n', 3],
    ['help after samples, types in capitals', '# TYPE x GAUGE\nx 1\n# HELP x Help.\n', 1],
    ['a histogram without +Inf', '# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 3\nh_count 1\n', 3],
    ['a histogram that is a gauge', '# TYPE h histogram\nh 3\n', 1],
    ['a histogram without buckets', '# TYPE h histogram\nh_sum 3\nh_count 1\n', 2],
    ['buckets in any order', '# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_bucket{le="1"} 1\n', 2],
    ['a summary of quantiles alone', '# TYPE s summary\ns{quantile="0.5"} NaN\ns{quantile="1.5"} -1\n', 2],
    [
      'a gauge called as a counter, a counter that is not',
      '# TYPE x_total gauge\nx_total 1\n# TYPE x counter\nx 1\n',
      2,
    ],
    ['names that OpenMetrics reserves', '# TYPE x_total counter\nx_total 1\n# TYPE x_created gauge\nx_created 1\n', 2],
    ['label __proto__x, constructor', 'x{constructor="a"} 1\n', 1],
  ])('%s', (_, text, samples) => {
    expect(check(text).families.flatMap((family) => family.samples)).toHaveLength(samples);
  });
});

describe('refuses, and names the line', () => {
  it.each([
    ['nothing', '', /^no samples; write lines such as: backup_bytes 1024/],
    ['comments alone', '# TYPE x gauge\n', /^no samples; write lines/],
    ['a cut line', 'x 1\ny 2', /^line 2: .*line feed, in: y 2; was the file cut short\?/],
    ['a carriage return', 'x 1\r\n', /^line 1: .*carriage return/],
    ['what would garble a terminal', 'x{a="\u001b[2J"} y\n', /^line 1: "y" is not a number, in: x\{a="\\x1b\[2J"\} y$/],
    ['a byte order mark', '\uFEFFx 1\n', /^line 1: .*byte order mark/],
    [
      'quotes that the shell took',
      'x 1\ny{a=b} 2\n',
      /^line 2: .*label values must be in double quotes, which the shell/,
    ],
    ['quotes taken from the second label', 'y{a="b",c=d} 2\n', /^line 1: .*label values must be in double quotes/],
    ['single quotes', "y{a='b'} 2\n", /^line 1: .*label values must be in double quotes|use double quotes/],
    ['an empty variable', 'x \n', /^line 1: .*was a variable empty\?/],
    ['an empty variable after labels', 'x{a="b"} \n', /^line 1: .*was a variable empty\?/],
    ['an equals sign', 'x=1\n', /^line 1: .*separate name and value by a space/],
    ['a dash in a name', 'my-metric 1\n', /^line 1: .*names consist of letters/],
    ['a decimal comma', 'x 1,5\n', /^line 1: "1,5" is not a number, in: x 1,5; use a decimal point: 1.5/],
    ['a unit', 'x 12K\n', /^line 1: .*a plain number, in base units/],
    ['a per cent sign', 'x 12%\n', /^line 1: .*a plain number/],
    ['a type without a word', '# TYPE x\nx 1\n', /^line 1: .*# TYPE backup_bytes gauge/],
    ['an invalid type', '# TYPE x number\nx 1\n', /^line 1: the type must be one of counter, gauge/],
    ['a time', 'x 1\ny 2 1700000000000\n', /^line 2: there is a timestamp.*leave it out/],
    ['the label job', 'x{job="a"} 1\n', /^line 1: the label "job" is set by --job; leave it out/],
    ['a label of the grouping', 'x 1\ny{instance="a"} 1\n', /^line 2: the label "instance" is set by --grouping/],
    ['the same when it is escaped', 'x 1\ny{"in\uD83D\uDE00"="a"} 1\n', undefined],
    ['a reserved label', 'x{__a="b"} 1\n', /^line 1: the label "__a" is reserved/],
    [
      'a name of the gateway',
      'push_time_seconds 1\n',
      /^line 1: push_time_seconds is written by the Pushgateway itself/,
    ],
    ['a name of the verdict', 'x 1\njob_success 1\n', /^line 2: job_success is written by exporter-push itself/],
    ['a duplicate', 'x{a="b",c="d"} 1\nx{c="d",a="b"} 1\n', /^line 2: duplicate series/],
    ['a duplicate but for an empty label', 'x{a=""} 1\nx 1\n', /^line 2: duplicate series/],
    ['a type after its samples', 'x 1\n# TYPE x gauge\n', /^line 2: the TYPE of x must come before its samples/],
    ['a second type', '# TYPE x gauge\n# TYPE x counter\nx 1\n', /^line 2: duplicate TYPE of x/],
    ['a negative counter', '# TYPE x counter\nx{a="1"} 1\nx{a="2"} -1\n', /^line 3: /],
    [
      'names that become one',
      '{"a.b"} 1\na_b 2\n',
      /^line 2: family a_b would write "a_b", as does a.b of the exposition; rename one, in: a_b 2/,
    ],
    [
      'labels that become one',
      'x{"a.b"="1",a_b="2"} 1\n',
      /^line 1: the labels "a.b" and "a_b" would both be written as "a_b"; rename one/,
    ],
    ['a bucket twice', '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="1.0"} 1\n', /^line 3: duplicate series/],
    ['a bound that is no number', '# TYPE h histogram\nh_bucket{le="a"} 1\n', /^line 2: "a" is not a number/],
    [
      'half an observation',
      '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1.5\n',
      /^line 3: .*non-negative integers/,
    ],
    [
      'a negative count',
      '# TYPE s summary\ns_sum 1\ns{quantile="0.5"} 1\ns_count -1\n',
      /^line 4: .*non-negative integers/,
    ],
    [
      'a name of two families',
      '# TYPE x_sum gauge\nx_sum 1\n# TYPE x summary\nx_sum 2\n',
      /^line 3: x_sum already belongs/,
    ],
    ['a web page', '<!DOCTYPE html>\n<html></html>\n', /^line 1: /],
    ['a label name with a dash', 'x{a-b="c"} 1\n', /^line 1: .*label names consist of letters, digits and "_"/],
    ['a digit in front', '1x 5\n', /^line 1: .*a name must not start with a digit/],
    ['a value over two lines', 'x{a="b\nc"} 1\n', /^line 1: .*write a line break in it as \\n/],
    ['a word', 'x 1\ny yes\n', /^line 2: .*a value must be a number: 1 or 0/],
    ['a value too long', `x 1\ny 1\ny{a="${'b'.repeat(100_000)}"} 1\n`, /^line 3: /],
    ['labels of two lines that become one', 'x 1\ny{c="1"} 1\ny{"a.b"="1"} 1\ny{a_b="2"} 1\n', /^line 4: /],
    ['JSON', '{"x": 1}\n', /^line 1: /],
  ])('%s', (_, text, message) => {
    if (message === undefined) expect(() => check(text)).not.toThrow();
    else expect(() => check(text)).toThrow(message);
  });

  it('what is not text', () => {
    const bytes = Buffer.concat([Buffer.from('x 1\n'), Buffer.from([0xff, 0x00, 0x0a, 0x80])]);
    expect(() => check(bytes)).toThrow(/^line 2: it is not UTF-8 text; an exposition is text/);
    expect(() => check(Buffer.from([0x80]))).toThrow(/^line 1: it is not UTF-8/);
  });

  it('more names than anybody has', () => {
    const names = Array.from({ length: 5001 }, (_, i) => `x_${i} 1\n`).join('');
    expect(() => check(names)).toThrow('there are more than 5000 metric names; push less at once');
  });

  it('the line of a family whose name becomes that of one above it, whatever stands between', () => {
    const before = '{"a.b"} 1\nc 1\n# TYPE a_b counter\na_b{l="1"} 1\na_b{l="2"} 2\n';
    expect(() => check(before)).toThrow(/^line 4: family a_b would write/);
    const suffix = '# TYPE s summary\ns_sum 1\nc 1\n{"s.sum"} 2\n';
    expect(() => check(suffix)).toThrow(/^line 4: /);
  });

  it('in time, whatever is in it', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `x{i="${i}"} ${i}\n`).join('');
    expect(() => check(`# TYPE x counter\n${many}x{i="last"} -1\n`)).toThrow(/^line 20002: /);
  });
});

function histogram(label: string, bound: number): string {
  const bucket = (le: string): string => `h_bucket{l="${label}",le="${le}"} 1\n`;
  return `# TYPE h histogram\n${bucket(`${bound}`)}${bucket('+Inf')}h_sum{l="${label}"} 1\nh_count{l="${label}"} 1\n`;
}
