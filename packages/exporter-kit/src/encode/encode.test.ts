import { expect, it } from 'vitest';
import { collector } from '../collect/collector.ts';
import { exporter } from '../collect/exporter.ts';
import { gatherer } from '../collect/scrape/gather.ts';
import { counter, gauge, histogram, info, stateset, summary, untyped } from '../metric/declare.ts';
import { encodeToString, text } from './encode.ts';
import { openMetrics } from './openmetrics.ts';

const everything = collector({
  name: 'everything',
  metrics: {
    depth: gauge({ name: 'a_depth', help: 'A "quoted"\nback\\slash.', labels: ['queue', 'node'] }),
    none: gauge({ name: 'a_none', help: 'Nobody sets it.' }),
    reads: counter({ name: 'b_read_bytes_total', help: 'Reads.', unit: 'bytes' }),
    wait: histogram({ name: 'c_wait_seconds', help: 'Wait.', unit: 'seconds', buckets: [0.5, 5], labels: ['q'] }),
    sizes: summary({ name: 'd_sizes', help: 'Sizes.', quantiles: [0.5, 1] }),
    about: info({ name: 'e_info', help: 'About.', labels: ['version'] }),
    link: stateset({ name: 'f_link', help: 'Link.', states: ['open', 'shut'], labels: ['port'] }),
    odd: untyped({ name: 'g_odd', help: 'Odd.', labels: { kind: ['nan', 'up', 'down'] } }),
    foreign: counter({
      name: 'h_foreign',
      help: 'A counter by another name.',
      waive: { total: 'as the source names it' },
    }),
  },
  collect(w) {
    w.depth.set({ queue: 'say "hi"\n\\', node: 'é😀' }, 1.5);
    w.depth.set({ node: '', queue: 'b' }, -3);
    w.reads.set(12345678901);
    w.wait.set({ q: 'x' }, { counts: [1, 2, 3], sum: 12.25 });
    w.sizes.set({ quantiles: [Number.NaN, 7], sum: 9, count: 2 });
    w.about.set({ version: '1.0' });
    w.link.set({ port: 1 as unknown as string }, 'shut');
    w.odd.set({ kind: 'nan' }, Number.NaN);
    w.odd.set({ kind: 'up' }, Number.POSITIVE_INFINITY);
    w.odd.set({ kind: 'down' }, Number.NEGATIVE_INFINITY);
    w.foreign.set(3);
  },
});

async function encoded(encoding: typeof text): Promise<string> {
  const live = gatherer(exporter({ name: 'x_exporter', collectors: [everything] }), [everything], { strict: true });
  const { snapshot } = await live.gather({ deadline: Number.POSITIVE_INFINITY });
  const all = encodeToString(snapshot, encoding);
  snapshot.release();
  return all;
}

const own = (body: string): string =>
  body
    .split(/(?=^# (?:HELP|TYPE) [a-z]_)/m)
    .filter((block) => /^# (?:HELP|TYPE) [a-h]_/.test(block))
    .join('');

it('writes text 0.0.4', async () => {
  expect(own(await encoded(text))).toMatchInlineSnapshot(`
    "# HELP a_depth A "quoted"\\nback\\\\slash.
    # TYPE a_depth gauge
    a_depth{queue="say \\"hi\\"\\n\\\\",node="é😀"} 1.5
    a_depth{queue="b",node=""} -3
    # HELP b_read_bytes_total Reads.
    # TYPE b_read_bytes_total counter
    b_read_bytes_total 12345678901
    # HELP c_wait_seconds Wait.
    # TYPE c_wait_seconds histogram
    c_wait_seconds_bucket{q="x",le="0.5"} 1
    c_wait_seconds_bucket{q="x",le="5.0"} 3
    c_wait_seconds_bucket{q="x",le="+Inf"} 6
    c_wait_seconds_sum{q="x"} 12.25
    c_wait_seconds_count{q="x"} 6
    # HELP d_sizes Sizes.
    # TYPE d_sizes summary
    d_sizes{quantile="0.5"} NaN
    d_sizes{quantile="1.0"} 7
    d_sizes_sum 9
    d_sizes_count 2
    # HELP e_info About.
    # TYPE e_info gauge
    e_info{version="1.0"} 1
    # HELP f_link Link.
    # TYPE f_link gauge
    f_link{port="1",f_link="open"} 0
    f_link{port="1",f_link="shut"} 1
    # HELP g_odd Odd.
    # TYPE g_odd untyped
    g_odd{kind="nan"} NaN
    g_odd{kind="up"} +Inf
    g_odd{kind="down"} -Inf
    # HELP h_foreign A counter by another name.
    # TYPE h_foreign counter
    h_foreign 3
    "
  `);
});

it('writes OpenMetrics 1.0', async () => {
  const body = await encoded(openMetrics);
  expect(body.endsWith('\n# EOF\n')).toBe(true);
  expect(own(body)).toMatchInlineSnapshot(`
    "# TYPE a_depth gauge
    # HELP a_depth A \\"quoted\\"\\nback\\\\slash.
    a_depth{queue="say \\"hi\\"\\n\\\\",node="é😀"} 1.5
    a_depth{queue="b",node=""} -3
    # TYPE b_read_bytes counter
    # UNIT b_read_bytes bytes
    # HELP b_read_bytes Reads.
    b_read_bytes_total 12345678901
    # TYPE c_wait_seconds histogram
    # UNIT c_wait_seconds seconds
    # HELP c_wait_seconds Wait.
    c_wait_seconds_bucket{q="x",le="0.5"} 1
    c_wait_seconds_bucket{q="x",le="5.0"} 3
    c_wait_seconds_bucket{q="x",le="+Inf"} 6
    c_wait_seconds_sum{q="x"} 12.25
    c_wait_seconds_count{q="x"} 6
    # TYPE d_sizes summary
    # HELP d_sizes Sizes.
    d_sizes{quantile="0.5"} NaN
    d_sizes{quantile="1.0"} 7
    d_sizes_sum 9
    d_sizes_count 2
    # TYPE e info
    # HELP e About.
    e_info{version="1.0"} 1
    # TYPE f_link stateset
    # HELP f_link Link.
    f_link{port="1",f_link="open"} 0
    f_link{port="1",f_link="shut"} 1
    # TYPE g_odd unknown
    # HELP g_odd Odd.
    g_odd{kind="nan"} NaN
    g_odd{kind="up"} +Inf
    g_odd{kind="down"} -Inf
    # TYPE h_foreign unknown
    # HELP h_foreign A counter by another name.
    h_foreign 3
    "
  `);
});

it('leaves out of OpenMetrics what it forbids: negative sums and quantiles, sums that are no number, counts without sums', async () => {
  const odd = collector({
    name: 'odd',
    metrics: {
      h: histogram({ name: 'a_hist', help: 'x', buckets: [], labels: ['l'] }),
      s: summary({ name: 'a_summ', help: 'x', quantiles: [0.5], labels: ['l'] }),
    },
    collect({ h, s }) {
      h.set({ l: 'a' }, { counts: [2], sum: -1 });
      h.set({ l: 'b' }, { counts: [2], sum: Number.NaN });
      s.set({ l: 'a' }, { quantiles: [-1], sum: -2, count: 2 });
      s.set({ l: 'b' }, { quantiles: [Number.NaN], sum: Number.NaN, count: 0 });
    },
  });
  const live = gatherer(exporter({ name: 'x_exporter', collectors: [odd] }), [odd], { strict: true });
  const { snapshot } = await live.gather({ deadline: Number.POSITIVE_INFINITY });
  const samples = (body: string): string[] => body.split('\n').filter((line) => line.startsWith('a_'));
  const [plain, strict] = [samples(encodeToString(snapshot, text)), samples(encodeToString(snapshot, openMetrics))];
  expect(plain.filter((line) => !strict.includes(line))).toEqual([
    'a_hist_sum{l="a"} -1',
    'a_hist_count{l="a"} 2',
    'a_hist_sum{l="b"} NaN',
    'a_hist_count{l="b"} 2',
    'a_summ{l="a",quantile="0.5"} -1',
    'a_summ_sum{l="a"} -2',
    'a_summ_sum{l="b"} NaN',
  ]);
  expect(strict).toContain('a_summ{l="b",quantile="0.5"} NaN');
});
