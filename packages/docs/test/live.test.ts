import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documents, root } from './documents.ts';
import { folderOf, runSnippet } from './run.ts';

const page = await readFile(join(root, documents.get('live')!), 'utf8');

async function lines(file: string): Promise<string[]> {
  const { stdout } = await runSnippet('live', file);
  return stdout.trim().split('\n');
}

it("runs the page's shop", async () => {
  expect(await lines('check.js')).toEqual([
    'shop_checkout_seconds_count{step="pay"} 1',
    'shop_checkout_seconds_count{step="ship"} 0',
    'shop_checkouts_in_progress 0',
    'shop_orders_total{country="pt",paid="card"} 1',
  ]);
});

it('shows declared buckets in text, with native ones or without', async () => {
  const all = await lines('check-sizes.js');
  const of = (name: string): string[] =>
    all.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
  const ends = ['_bytes_sum 2000', '_bytes_count 1'];
  const [below, above, every] = ['1000.0"} 0', '1e+06"} 1', '+Inf"} 1'].map((end) => `_bytes_bucket{le="${end}`);
  expect(of('usual')).toEqual([below, above, every, ...ends]);
  expect(of('classic')).toEqual(of('usual'));
  expect(of('fine')).toEqual([every, ...ends]);
});

it("has the page's exemplar and start timestamp in OpenMetrics", async () => {
  const total = 'mail_sent_total{domain="example.org"} 1 # {message_id="<7@example.org>"} 1 (time)';
  expect(await lines('check-mail.js')).toEqual([total, total, 'mail_sent_created{domain="example.org"} (time)']);
});

it('tunes by a variable, as the page says', async () => {
  const tuned = (tune: string) => runSnippet('live', 'check-tuned.js', [], { SHOP_METRICS: tune });
  const [, variable] = /^SHOP_METRICS='(.*)' node/m.exec(page)!;
  expect((await tuned(variable!)).stdout.trim().split('\n')).toEqual([
    'shop_checkout_seconds_bucket{le="1.0"} 0',
    'shop_checkout_seconds_bucket{le="5.0"} 0',
    'shop_checkout_seconds_bucket{le="+Inf"} 0',
    'shop_orders_total 0',
  ]);
  const [, wrong] = /`(SHOP_METRICS:1: [^`]*)`/.exec(page)!;
  expect((await tuned('shop_checkout_secnds: {}')).stderr).toContain(wrong!);
});

it('tunes by a config file, as the page says', async () => {
  const [, yaml] = /```yaml\n([^`]*)```/.exec(page)!;
  await writeFile(join(folderOf('live'), 'shop.yml'), yaml!);
  const { stdout } = await runSnippet('live', 'check-exporter.js', ['--once', '--config.file=shop.yml']);
  expect(stdout.match(/(?<=_bucket\{le=")[^"]*/g)).toEqual(['1.0', '5.0', '+Inf']);
});
