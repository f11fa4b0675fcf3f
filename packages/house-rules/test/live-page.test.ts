import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiledSnippets, exec } from './snippets.ts';

const check = `
import { fetchHandler } from 'exporter-kit';
import { checkout, metrics } from './shop.ts';

await checkout(async () => {});
const text = await (await fetchHandler(metrics)(new Request('http://page/metrics'))).text();
for (const line of text.split('\\n')) if (/^shop_(orders|checkouts|.*_count)/.test(line)) console.log(line);
`;

let folder = '';

beforeAll(async () => {
  folder = await compiledSnippets('packages/exporter-kit/docs/live.md', { 'check.ts': check });
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
