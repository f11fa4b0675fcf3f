import { execFileSync } from 'node:child_process';
import { mkdir, truncate, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'exporter-kit';
import { golden, scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { fixture, goldenFile, tree } from '../../test/fixtures.ts';
import { textfile } from './textfile.ts';

/** Scrapes directories; gives what was logged, too. */
async function served(...directory: string[]) {
  const errors: string[] = [];
  const log: Logger = {
    debug() {},
    info() {},
    warn() {},
    error: (facts) => errors.push((facts as { err: Error }).err.message),
  };
  return { ...(await scrape(textfile(), { config: { directory }, log })), errors };
}

it('serves what was recorded', async () => {
  for (const file of ['backup.prom', 'other.prom']) await utimes(fixture(`textfile/${file}`), 1e9, 1e9);
  const { text, errors } = await served(fixture('textfile'));
  golden(text.replaceAll(fixture(''), '/fixtures/'), goldenFile('textfile'));
  expect(errors).toEqual([]);
});

it('serves nothing without a directory', async () => {
  const { text } = await scrape(textfile());
  expect(text.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual(['node_textfile_scrape_error 0']);
});

it.each([
  ['is no exposition', 'what is this?\n', 'line 2'],
  ['has a timestamp', 'b 1 1700000000000\n', 'b has a timestamp'],
  ['has another type', '# TYPE a counter\na 1\n', 'a is a counter, but in'],
  ['has another help', '# HELP a Apples.\na{x="1"} 1\n', 'a has a different help text in'],
  ['has reserved labels', 'x{__name__="y"} 1\n', '__name__'],
  ['has a negative counter', '# TYPE x_total counter\nx_total -1\n', 'a counter must be a number of 0 or more, not -1'],
  ['has a counter that is no number', '# TYPE x_total counter\nx_total NaN\n', 'not NaN'],
  ['has half an observation', '# TYPE h histogram\nh_bucket{le="1"} 0.5\n', 'counts must be non-negative integers'],
  ['has a negative count', '# TYPE s summary\ns_count -1\n', 's_count: counts must be non-negative integers'],
  ['has a label that is too long', `x{a="${'b'.repeat(5000)}"} 1\n`, 'is longer than'],
  ['is not UTF-8', Buffer.from('x{name="caf\xe9"} 1\n', 'latin1'), 'not valid UTF-8'],
  ['repeats a series', 'a{x=""} 1\n', 'a{} is in'],
  ["takes the collector's own name", 'node_textfile_scrape_error 0\n', 'is a family of the collector itself'],
])('leaves out a file that %s, and nothing else', async (_, text, message) => {
  const directory = await tree({
    'a.prom': '# HELP a As.\na 1\n',
    'b.prom': Buffer.concat([Buffer.from('good 1\n'), Buffer.from(text)]),
    'c.prom': 'c 3\n',
  });
  const { value, series, errors } = await served(directory);
  expect(value('node_textfile_scrape_error')).toBe(1);
  expect([value('a'), value('good'), value('c')]).toEqual([1, undefined, 3]);
  expect(series('node_textfile_mtime_seconds').map((s) => s.labels.file)).toEqual([
    join(directory, 'a.prom'),
    join(directory, 'c.prom'),
  ]);
  expect(errors).toEqual([expect.stringContaining(message)]);
  expect(errors[0]).toContain(join(directory, 'b.prom'));
});

it('takes families whose lines are mixed, as scripts write them', async () => {
  const lines = [
    '# TYPE t summary',
    'a{d="1"} 1',
    't_sum 4',
    'b{d="1"} 2',
    '# HELP u Us.',
    'a{d="2"} 3',
    't_count 2',
    'u 5',
  ];
  const { value, errors } = await served(await tree({ 'a.prom': `${lines.join('\n')}\n` }));
  expect(errors).toEqual([]);
  expect([value('a', { d: 1 }), value('a', { d: 2 }), value('b', { d: 1 })]).toEqual([1, 3, 2]);
  expect([value('t_sum'), value('t_count'), value('u')]).toEqual([4, 2, 5]);
});

it('takes what text 0.0.4 lets stand side by side, in one file or several', async () => {
  const files = {
    'a.prom': '# TYPE x_total counter\nx_total 1\n# TYPE x_created gauge\nx_created 2\n# TYPE s summary\ns_sum 3\n',
    'b.prom': '# TYPE x gauge\nx 4\n# TYPE s_bucket gauge\ns_bucket 5\n# TYPE s_created Gauge\ns_created 6\n',
    'c.prom': 's_count 7\n',
  };
  const { value, errors } = await served(await tree(files));
  expect(['x_total', 'x_created', 's_sum', 'x', 's_bucket', 's_created', 's_count'].map((name) => value(name))).toEqual(
    [...[1, 2, 3, 4, 5, 6], undefined],
  );
  expect(errors).toEqual([expect.stringContaining('c.prom: s_count belongs to the family s')]);
});

it('adds nothing to a series: buckets and quantiles are those of the file, in any of several', async () => {
  const first =
    '# TYPE q summary\nq{r="a",quantile="0.5"} 1\nq_sum{r="a"} 1\n# TYPE h histogram\nh_bucket{r="a",le="1"} 1\n';
  const second =
    '# TYPE q summary\nq{r="b",quantile="0.9"} 2\n# TYPE h histogram\nh_bucket{r="b",le="60"} 1\nh_count{r="b"} 1\n';
  const { text, errors } = await served(await tree({ 'a.prom': first, 'b.prom': second }));
  expect(errors).toEqual([]);
  expect(text.split('\n').filter((line) => /^[qh]/.test(line))).toEqual([
    'h_bucket{r="a",le="1.0"} 1',
    'h_bucket{r="b",le="60.0"} 1',
    'h_count{r="b"} 1',
    'q{r="a",quantile="0.5"} 1',
    'q_sum{r="a"} 1',
    'q{r="b",quantile="0.9"} 2',
  ]);
});

it('names the line of the file, not of what it made of it', async () => {
  const { errors } = await served(
    await tree({ 'a.prom': 'a{d="1"} 1\nb 1\na{d="2"} 1\nb{e="1"} 1\nc one\na{d="3"} 1\n' }),
  );
  expect(errors).toEqual([expect.stringMatching(/: line 5: .*c one/)]);
});

it('does not take a file whose end is missing', async () => {
  const { errors } = await served(await tree({ 'a.prom': 'a{d="1"} 1\n\na{d="2"} 1' }));
  expect(errors).toEqual([expect.stringContaining('line 3')]);
});

it('serves other directories when one is missing', async () => {
  const { value, errors } = await served('/nowhere/at/all', await tree({ 'a.prom': 'a 1\n' }));
  expect([value('node_textfile_scrape_error'), value('a')]).toEqual([1, 1]);
  expect(errors).toEqual([expect.stringContaining('/nowhere/at/all')]);
});

it('does not wait for a pipe, nor read a directory', async () => {
  const directory = await tree({ 'a.prom': 'a 1\n' });
  execFileSync('mkfifo', [join(directory, 'pipe.prom')]);
  await mkdir(join(directory, 'folder.prom'));
  const { value, errors } = await served(directory);
  expect([value('node_textfile_scrape_error'), value('a')]).toEqual([1, 1]);
  expect(errors).toEqual(['folder', 'pipe'].map((name) => expect.stringContaining(`${name}.prom is not a file`)));
});

it('does not read a file larger than 64 MiB', async () => {
  const directory = await tree({ 'a.prom': 'a 1\n', 'b.prom': '' });
  await truncate(join(directory, 'b.prom'), 2 ** 40);
  const { value, errors } = await served(directory);
  expect([value('node_textfile_scrape_error'), value('a')]).toEqual([1, 1]);
  expect(errors).toEqual([expect.stringContaining('1099511627776 bytes; the maximum is 67108864')]);
});
