import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiledSnippets, exec, root, vitest } from './snippets.ts';

const check = `
import { fetchHandler } from 'exporter-kit';
import { checkout, metrics } from './shop.ts';

await checkout(async () => {});
const text = await (await fetchHandler(metrics)(new Request('http://page/metrics'))).text();
for (const line of text.split('\\n')) if (/^shop_(orders|checkouts|.*_count)/.test(line)) console.log(line);
`;

const checkSizes = `
import { exporter, fetchHandler } from 'exporter-kit';
import { sizes } from './sizes.ts';

for (const size of [sizes.usual, sizes.classic, sizes.fine]) size.observe(2e3);
const handler = fetchHandler(exporter({ name: 'sizes_exporter', collectors: [sizes.collector] }));
const text = await (await handler(new Request('http://page/metrics'))).text();
for (const line of text.split('\\n')) if (/^[a-z]+_bytes_/.test(line)) console.log(line);
`;

const checkMail = `
import { fetchHandler } from 'exporter-kit';
import { metrics, sent } from './mail.ts';

sent('example.org', '<7@example.org>');
const headers = { accept: 'application/openmetrics-text' };
for (const openMetricsCreated of [false, true]) {
  const handler = fetchHandler(metrics, { openMetricsCreated });
  const text = await (await handler(new Request('http://page/metrics', { headers }))).text();
  for (const line of text.split('\\n')) if (line.startsWith('mail_sent_')) console.log(line.replace(/ [\\d.]{10,}$/, ' (time)'));
}
`;
const checkTuned = `
import { exporter, fetchHandler } from 'exporter-kit';
import { shop } from './tuned-shop.ts';

const handler = fetchHandler(exporter({ name: 'shop_exporter', collectors: [shop.collector] }));
const text = await (await handler(new Request('http://page/metrics'))).text();
for (const line of text.split('\\n')) if (/^shop_(orders|.*_bucket)/.test(line)) console.log(line);
`;
const checkExporter = `
import { run } from 'exporter-kit';
import { shopExporter } from './tuned-exporter.ts';

await run(shopExporter, { port: 9400 });
`;

let folder = '';

beforeAll(async () => {
  folder = await compiledSnippets('packages/docs/pages/count/live.md', {
    'check.ts': check,
    'check-sizes.ts': checkSizes,
    'check-mail.ts': checkMail,
    'check-tuned.ts': checkTuned,
    'check-exporter.ts': checkExporter,
  });
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it("runs the page's shop", async () => {
  const { stdout } = await exec(process.execPath, [join(folder, 'check.js')]);
  expect(stdout.trim().split('\n')).toEqual([
    'shop_checkout_seconds_count{step="pay"} 1',
    'shop_checkout_seconds_count{step="ship"} 0',
    'shop_checkouts_in_progress 0',
    'shop_orders_total{country="pt",paid="card"} 1',
  ]);
});

it('shows declared buckets in text, with native ones or without', async () => {
  const { stdout } = await exec(process.execPath, [join(folder, 'check-sizes.js')]);
  const lines = stdout.trim().split('\n');
  const of = (name: string): string[] =>
    lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
  const ends = ['_bytes_sum 2000', '_bytes_count 1'];
  const [below, above, all] = ['1000.0"} 0', '1e+06"} 1', '+Inf"} 1'].map((end) => `_bytes_bucket{le="${end}`);
  expect(of('usual')).toEqual([below, above, all, ...ends]);
  expect(of('classic')).toEqual(of('usual'));
  expect(of('fine')).toEqual([all, ...ends]);
});

it("has the page's exemplar and start timestamp in OpenMetrics", async () => {
  const { stdout } = await exec(process.execPath, [join(folder, 'check-mail.js')]);
  const total = 'mail_sent_total{domain="example.org"} 1 # {message_id="<7@example.org>"} 1 (time)';
  expect(stdout.trim().split('\n')).toEqual([total, total, 'mail_sent_created{domain="example.org"} (time)']);
});

it('tunes by a variable, as the page says', async () => {
  const tuned = async (tune: string): Promise<string[]> => {
    const env = { ...process.env, SHOP_METRICS: tune };
    const { stdout } = await exec(process.execPath, [join(folder, 'check-tuned.js')], { env });
    return stdout.trim().split('\n');
  };
  const page = await readFile(join(root, 'packages/docs/pages/count/live.md'), 'utf8');
  const [, variable] = /^SHOP_METRICS='(.*)' node/m.exec(page)!;
  expect(await tuned(variable!)).toEqual([
    'shop_checkout_seconds_bucket{le="1.0"} 0',
    'shop_checkout_seconds_bucket{le="5.0"} 0',
    'shop_checkout_seconds_bucket{le="+Inf"} 0',
    'shop_orders_total 0',
  ]);
  const [, wrong] = /`(SHOP_METRICS:1: [^`]*)`/.exec(page)!;
  await expect(tuned('shop_checkout_secnds: {}')).rejects.toThrow(wrong!);
});

it('tunes by a config file, as the page says', async () => {
  const page = await readFile(join(root, 'packages/docs/pages/count/live.md'), 'utf8');
  const [, yaml] = /```yaml\n([^`]*)```/.exec(page)!;
  await writeFile(join(folder, 'shop.yml'), yaml!);
  const args = [join(folder, 'check-exporter.js'), '--once', `--config.file=${join(folder, 'shop.yml')}`];
  const { stdout } = await exec(process.execPath, args);
  expect(stdout.match(/(?<=_bucket\{le=")[^"]*/g)).toEqual(['1.0', '5.0', '+Inf']);
});

it("runs the page's test", async () => {
  const { stdout } = await exec(process.execPath, [vitest, 'run', '--root', folder], {
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(stdout).toMatch(/Tests +1 passed \(1\)/);
});
