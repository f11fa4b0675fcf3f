import { expect, it } from 'vitest';
import { runSnippet } from './run.ts';

it("runs the page's applications", async () => {
  const { stdout } = await runSnippet('from-prom-client', 'check.js');
  expect(stdout.trim().split('\n')).toEqual([
    'shop_carts 1',
    'shop_orders_total{country="pt"} 1',
    'queue_jobs_done_total 1',
    'queue_jobs_waiting 1',
  ]);
});
