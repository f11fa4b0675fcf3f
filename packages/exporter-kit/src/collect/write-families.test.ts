import { expect, it } from 'vitest';
import { encodeToString, text, texts } from '../encode/encode.ts';
import { openMetrics, openMetricsTexts } from '../encode/openmetrics.ts';
import { parseOpenMetrics } from '../parse/openmetrics.ts';
import { parseText } from '../parse/text.ts';
import { collector } from './collector.ts';
import { exporter } from './exporter.ts';
import type { Family } from './families.ts';
import { gatherer } from './scrape/gather.ts';
import { familiesOf, snapshotOf } from './scrape/snapshot.ts';
import { writeFamilies } from './write-families.ts';

/** Writes the families, and encodes what became of them. */
async function replayed(families: readonly Family[], encoding = text): Promise<string> {
  const one = collector({
    name: 'elsewhere',
    families: 'dynamic',
    collect: ({ family }) => writeFamilies(family, families),
  });
  const live = gatherer(exporter({ name: 'kit_exporter', collectors: [one] }), [one], { strict: true });
  const { snapshot, outcomes } = await live.gather({ deadline: Number.POSITIVE_INFINITY });
  if (outcomes[0]?.status !== 'ok') throw outcomes[0]?.error;
  const own = snapshotOf(familiesOf(snapshot).filter(({ metric }) => !metric.name.startsWith('kit_')));
  return encodeToString(own, encoding);
}

it('writes every type that text 0.0.4 has as it was', async () => {
  const exposition = `# HELP a_total Reads.
# TYPE a_total counter
a_total{path="/\\"\\\\\\n",constructor="x"} 12345678901
a_total{path="b",constructor="x"} 1.5
# HELP b No samples with labels.
# TYPE b gauge
b NaN
# HELP c Waits.
# TYPE c histogram
c_bucket{q="x",le="0.5"} 1
c_bucket{q="x",le="5.0"} 3
c_bucket{q="x",le="+Inf"} 6
c_sum{q="x"} 12.25
c_count{q="x"} 6
c_bucket{q="y",le="0.5"} 0
c_bucket{q="y",le="5.0"} 0
c_bucket{q="y",le="+Inf"} 0
c_sum{q="y"} 0
c_count{q="y"} 0
# HELP d Sizes.
# TYPE d summary
d{quantile="0.5"} 4
d{quantile="1.0"} NaN
d_sum 9
d_count 2
# HELP e camelCase, which the names of others may be.
# TYPE e untyped
e{aB="1"} -Inf
`;
  expect(await replayed(parseText(exposition))).toBe(exposition);
});

it('writes every type that OpenMetrics has as it was', async () => {
  const exposition = `# TYPE a_seconds counter
# UNIT a_seconds seconds
# HELP a_seconds Say \\"hi\\".
a_seconds_total 2
# TYPE b info
# HELP b About.
b_info{version="1"} 1
# TYPE c_state stateset
# HELP c_state State.
c_state{port="1",c_state="up"} 0
c_state{port="1",c_state="down"} 1
c_state{port="2",c_state="up"} 1
c_state{port="2",c_state="down"} 0
# TYPE d unknown
# HELP d 
d 1
# EOF
`;
  expect(await replayed(parseOpenMetrics(exposition), openMetrics)).toBe(exposition);
});

it('makes label sets even', async () => {
  const read = 'x{a="1"} 1\nx{b="2",a="1"} 2\nx 3\n';
  expect(await replayed(parseText(read))).toContain('x{a="1",b=""} 1\nx{a="1",b="2"} 2\nx{a="",b=""} 3\n');
});

it('gives each series its own quantiles and buckets, and adds nothing', async () => {
  const read = `# HELP h 
# TYPE h histogram
h_bucket{step="load",le="1.0"} 1
h_bucket{step="load",le="+Inf"} 1
h_sum{step="load"} 0.5
h_count{step="load"} 1
h_bucket{step="scan",le="60.0"} 1
h_bucket{step="scan",le="3600.0"} 1
h_bucket{step="scan",le="+Inf"} 1
h_sum{step="scan"} 5
h_count{step="scan"} 1
# HELP q 
# TYPE q summary
q{r="a",quantile="0.5"} 1
q_sum{r="a"} 1
q_count{r="a"} 1
q{r="b",quantile="0.9"} 2
q{r="c",quantile="0.9"} 3
q_count{r="c"} 1
`;
  expect(await replayed(parseText(read))).toBe(read);
});

it('writes bounds and quantiles in one form, however they were spelled', async () => {
  const bucket = (le: string) => `h_bucket{le="${le}"} 1\n`;
  const h = (...les: string[]) => `# HELP h \n# TYPE h histogram\n${les.map(bucket).join('')}h_sum 1\nh_count 1\n`;
  const s = (q: string) => `# HELP s \n# TYPE s summary\ns{quantile="${q}"} 1\ns_sum 1\ns_count 1\n`;
  const read = h('1e-9', '.5', '1', '1000000', '1e21', 'inf') + s('0.50');
  expect(await replayed(parseText(read))).toBe(h('1e-09', '0.5', '1.0', '1e+06', '1e+21', '+Inf') + s('0.5'));
});

it('leaves out times, _created lines and families without samples', async () => {
  const read = '# TYPE x counter\nx_total 1 1.5\nx_created 1 1.5\n# TYPE y gauge\n# EOF\n';
  expect(await replayed(parseOpenMetrics(read))).toBe('# HELP x_total \n# TYPE x_total counter\nx_total 1\n');
});

it('refuses what a declaration can’t hold', async () => {
  await expect(replayed(parseText('x{__a="1"} 1\n'))).rejects.toThrow(/unknown x: label "__a" is reserved/);
});

it.each(['x_bucket{le="1"} -1', 'x_bucket{le="1"} 0.5', 'x_count NaN', 'x{le="1"} -0.5'])(
  'refuses a histogram with a count that is none: %s',
  async (line) => {
    await expect(replayed(parseText(`# TYPE x histogram\n${line}\n`, { lenient: true }))).rejects.toThrow(
      /x.*counts must be non-negative integers/,
    );
  },
);

it.each([
  ['x{x="a"} 1\nx{x="b"} 1\n', /several states are set/],
  ['x{x="a"} 0\n', /no state is set/],
])('refuses a stateset that is no state: %#', async (read, message) => {
  await expect(replayed(parseOpenMetrics(`# TYPE x stateset\n${read}# EOF\n`))).rejects.toThrow(message);
});

const one = (kind: string, name: string, value: number, labels = {}): Family => ({
  name: 'x',
  kind: kind as Family['kind'],
  help: '',
  unit: '',
  samples: [{ name, labels, value }],
});

it.each<[string, Family, RegExp]>([
  ['an info of 5', one('info', 'x_info', 5), /^info x: a sample's value is 5, but an info's is always 1/],
  ['an info of 0', one('info', 'x_info', 0), /a sample's value is 0/],
  ['an info of NaN', one('info', 'x_info', Number.NaN), /a sample's value is NaN/],
  [
    'a state of 2',
    one('stateset', 'x', 2, { x: 'a' }),
    /^stateset x: a sample's value is 2, but a stateset's is 0 or 1/,
  ],
  ['a kind that is none', one('meter' as never, 'x', 1), /^family x: its kind is "meter"; it must be one of/],
  ['a kind that all objects have', one('constructor', 'x', 1), /its kind is "constructor"/],
  ['no kind, and no samples', { ...one('', 'x', 1), samples: [] }, /its kind is ""/],
  ['a sample of another family', one('gauge', 'y', 1), /^gauge x: a sample is called "y", but must be called x\./],
  ['a counter under two names', twoNames('counter', '_total'), /"x", but must be called x_total\./],
  ['an info under two names', twoNames('info', '_info'), /"x", but must be called x_info\./],
  ['a line that no histogram has', one('histogram', 'x_max', 1), /must be called x or x_bucket or x_sum or x_count\./],
])('refuses what it could only write as something else: %s', async (_what, family, message) => {
  await expect(replayed([family])).rejects.toThrow(message);
});

function twoNames(kind: string, ending: string): Family {
  const [first, second] = [one(kind, `x${ending}`, 1), one(kind, 'x', 1, { a: 'b' })];
  return { ...first, samples: [...first.samples, ...second.samples] };
}

it('writes names in quotes as they were, and escaped', async () => {
  const exposition = `# HELP "http.requests_total" Requests.
# TYPE "http.requests_total" counter
{"http.requests_total","http.method"="GET",code="200"} 3
{"http.requests_total","http.method"="PUT",code="200"} 4
# HELP "http.wait" Waits.
# TYPE "http.wait" histogram
{"http.wait_bucket",le="0.5"} 1
{"http.wait_bucket",le="+Inf"} 2
{"http.wait_sum"} 1.5
{"http.wait_count"} 2
`;
  expect(await replayed(parseText(exposition), texts['allow-utf-8'])).toBe(exposition);
  expect(await replayed(parseText(exposition), openMetricsTexts.underscores)).toBe(`# TYPE http_requests counter
# HELP http_requests Requests.
http_requests_total{http_method="GET",code="200"} 3
http_requests_total{http_method="PUT",code="200"} 4
# TYPE http_wait histogram
# HELP http_wait Waits.
http_wait_bucket{le="0.5"} 1
http_wait_bucket{le="+Inf"} 2
http_wait_sum 1.5
http_wait_count 2
# EOF
`);
});
