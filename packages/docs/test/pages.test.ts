import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documents, root } from './documents.ts';
import { folderOf, runSnippet, startSnippet } from './run.ts';

it('start: runs the exporter', async () => {
  const { stdout, code } = await runSnippet('start', 'main.js', ['--once']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^machine_memory_bytes\{state="free"\} \d/m);
  expect(stdout).toMatch(/^machine_scrape_collector_success\{collector="memory"\} 1$/m);
});

it('collector: runs the collectors', async () => {
  const { stdout } = await runSnippet('collector', 'check.js');
  const lines = [
    'spool_files 1',
    'spool_file_size_bytes{file="mail"} 4',
    'broker_received_messages_total{queue="mail"} 1042',
    'broker_wait_seconds_bucket{le="10.0"} 9',
    'broker_message_bytes{quantile="0.99"} 8192',
    'broker_build_info{version="4.1.0"} 1',
    'broker_role{broker_role="leader"} 1',
    'limits_open_files 1024',
    'sensor_inlet_celsius 21.5',
  ];
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(lines));
});

it('native-histograms: shows what the page shows', async () => {
  const { stdout } = await runSnippet('native-histograms', 'check.js');
  const page = await readFile(join(root, documents.get('native-histograms')!), 'utf8');
  const [, shown] = /^(# native .*)$/m.exec(page)!;
  expect(stdout.split('\n')).toContain(shown);
  expect(stdout).toContain('message_age_seconds_bucket{le="60.0"} 7\n');
});

it('probe: probes by default and with the module', async () => {
  const page = await readFile(join(root, documents.get('probe')!), 'utf8');
  const [, yaml] = /```yaml\n([^`]*)```/.exec(page)!;
  await writeFile(join(folderOf('probe'), 'probe.yml'), yaml!.replace('"*.example.com"', '127.0.0.1'));
  const url = await startSnippet('probe', 'main.js', ['--config.file=probe.yml']);
  const text = await (await fetch(new URL('probe?module=many&target=127.0.0.1', url))).text();
  expect(text).toContain('probe_name_addresses 1\n');
  expect(text).toContain('probe_success 0\n');
  const debug = await (await fetch(new URL('probe?module=many&target=127.0.0.1&debug=true', url))).text();
  expect(debug).toContain('only 1 addresses');
});

it('job: runs without a gateway', async () => {
  await mkdir(join(folderOf('job'), 'old'));
  await writeFile(join(folderOf('job'), 'old/a'), 'hello');
  const { stdout } = await runSnippet('job', 'main.js', ['--dry-run']);
  expect(stdout).toMatch(/^tidy_freed_bytes 5$/m);
  expect(stdout).toMatch(/^tidy_file_bytes_count 1$/m);
  expect(stdout).toMatch(/^job_success 1$/m);
});

it('share: has the settings of the collectors as flags', async () => {
  const { stdout } = await runSnippet('share', 'main.js', ['--help']);
  for (const flag of ['--redis.addr', '--redis.password-file', '--redis.targets']) expect(stdout).toContain(flag);
});

it('otlp: runs the job', async () => {
  expect((await runSnippet('otlp', 'sync.js', ['--dry-run'])).stdout).toMatch(/^sync_rows 42$/m);
});

it('scale-out: runs the collector in its thread, and the job', async () => {
  const { stdout } = await runSnippet('scale-out', 'main.js', ['--once']);
  expect(stdout).toMatch(/^primes_found 9592$/m);
  expect((await runSnippet('scale-out', 'nightly.js', ['--dry-run'])).stdout).toMatch(/^nightly_rows 42$/m);
});
