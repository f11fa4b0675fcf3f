import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiledSnippets, exec } from './snippets.ts';

const check = `
import { fetchHandler } from 'exporter-kit';
import * as queue from './queue.ts';
import * as shop from './shop.ts';

queue.queue.done.inc();
for (const { metrics } of [shop, queue]) {
  const text = await (await fetchHandler(metrics)(new Request('http://page/metrics'))).text();
  for (const line of text.split('\\n')) if (/^(shop|queue)_(orders|carts|jobs)/.test(line)) console.log(line);
}
`;

let folder = '';

beforeAll(async () => {
  folder = await compiledSnippets('packages/docs/pages/migrate/from-prom-client.md', { 'check.ts': check });
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it("runs the page's applications", async () => {
  const { stdout } = await exec(process.execPath, [join(folder, 'check.js')]);
  expect(stdout.trim().split('\n')).toEqual([
    'shop_carts 1',
    'shop_orders_total{country="pt"} 1',
    'queue_jobs_done_total 1',
    'queue_jobs_waiting 1',
  ]);
});
