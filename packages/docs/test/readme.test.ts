import { expect, it } from 'vitest';
import { folderOf, runSnippet } from './run.ts';

it("runs the README's exporter", async () => {
  const { stdout } = await runSnippet('readme', 'spool-exporter.js', ['--once', `--folder=${folderOf('readme')}`]);
  expect(stdout).toMatch(/^spool_files \d+$/m);
  expect(stdout).toMatch(/^spool_file_size_bytes\{file="spool\.ts"\} \d+$/m);
  expect(stdout).toMatch(/^spool_scrape_collector_success\{collector="spool"\} 1$/m);
});

it("runs the README's application", async () => {
  const { stdout } = await runSnippet('readme', 'shop.js');
  expect(stdout).toMatch(/^shop_orders_total\{country="pt",paid="card"\} 1$/m);
  expect(stdout).toMatch(/^shop_orders_total\{country="de",paid="cash"\} 2$/m);
  expect(stdout).toMatch(/^shop_checkouts_in_progress 0$/m);
  expect(stdout).toMatch(/^shop_checkout_seconds_count 1$/m);
});
