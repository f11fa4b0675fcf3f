import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderOf, runSnippet, startSnippet } from './run.ts';

it("runs the README's exporter", async () => {
  const { stdout } = await runSnippet('readme', 'spool-exporter.js', ['--once', `--folder=${folderOf('readme')}`]);
  expect(stdout).toMatch(/^spool_files \d+$/m);
  expect(stdout).toMatch(/^spool_file_size_bytes\{file="spool\.ts"\} \d+$/m);
  expect(stdout).toMatch(/^spool_scrape_collector_success\{collector="spool"\} 1$/m);
});

it("runs the README's job", async () => {
  await mkdir(join(folderOf('readme'), 'old'));
  await writeFile(join(folderOf('readme'), 'old/a'), 'hello');
  const { stdout } = await runSnippet('readme', 'tidy.js', ['--dry-run']);
  expect(stdout).toMatch(/^tidy_freed_bytes 5$/m);
  expect(stdout).toMatch(/^job_success 1$/m);
});

it("runs the README's probe", async () => {
  const url = await startSnippet('readme', 'name-exporter.js', ['--probe.allow=127.0.0.0/8']);
  const said = await (await fetch(new URL('probe?target=127.0.0.1', url))).text();
  expect(said).toMatch(/^probe_name_addresses 1$/m);
  expect(said).toMatch(/^probe_success 1$/m);
  expect((await fetch(new URL('probe?target=169.254.169.254', url))).status).toBe(403);
});

it("runs the README's application", async () => {
  const { stdout } = await runSnippet('readme', 'shop.js');
  expect(stdout).toMatch(/^shop_orders_total\{country="pt",paid="card"\} 1$/m);
  expect(stdout).toMatch(/^shop_orders_total\{country="de",paid="cash"\} 2$/m);
  expect(stdout).toMatch(/^shop_checkouts_in_progress 0$/m);
  expect(stdout).toMatch(/^shop_checkout_seconds_count 1$/m);
});
