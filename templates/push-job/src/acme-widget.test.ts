import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executeJob, textfile } from 'exporter-kit';
import { golden, lint } from 'exporter-kit/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { acmeWidgetJob } from './acme-widget.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'job-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const written = (): Promise<string> => readFile(join(folder, 'acme_widget.prom'), 'utf8');

it('counts the records', async () => {
  await executeJob(acmeWidgetJob, { to: [textfile(folder)] });
  const text = await written();
  expect(text).toContain('job_success{job="acme_widget"} 1\n');
  expect(lint(text)).toEqual([]);
  // The kit's own families hold times, which differ from run to run.
  const own = text.match(/^(# \w+ )?acme_widget_.*\n/gm) ?? [];
  golden(own.join(''), new URL('../test/golden.prom', import.meta.url));
});

it('writes 0 for verdicts without records', async () => {
  const source = join(folder, 'empty.jsonl');
  await writeFile(source, '\n');
  await executeJob(acmeWidgetJob, { to: [textfile(folder)], settings: { source } });
  expect(await written()).toContain('acme_widget_records{job="acme_widget",verdict="malformed"} 0\n');
});

it('fails without its source, and keeps the last result', async () => {
  await executeJob(acmeWidgetJob, { to: [textfile(folder)] });
  const success = /^job_last_success_timestamp_seconds.*\n/m.exec(await written())?.[0];
  const failing = executeJob(acmeWidgetJob, { to: [textfile(folder)], settings: { source: join(folder, 'none') } });
  await expect(failing).rejects.toThrow(/ENOENT/);
  const text = await written();
  expect(text).toContain('job_success{job="acme_widget"} 0\n');
  expect(text).toContain(success);
  expect(text).toContain('acme_widget_read_bytes');
});

it.skipIf(process.platform === 'win32')('gives up a source that hangs, when its time is up', async () => {
  const source = join(folder, 'pipe');
  execFileSync('mkfifo', [source]);
  // A writer that writes nothing.
  const writer = await open(source, 'r+');
  const limits = { timeoutMs: 300, graceMs: 600_000 };
  const failing = executeJob(acmeWidgetJob, { to: [textfile(folder)], settings: { source }, ...limits });
  await expect(failing).rejects.toThrow(/300|time/);
  expect(await written()).toContain('job_success{job="acme_widget"} 0\n');
  await writer.close();
});

it('stops when its signal aborts', async () => {
  const signal = AbortSignal.abort(new Error('the machine goes down'));
  await expect(executeJob(acmeWidgetJob, { to: [], signal })).rejects.toThrow('the machine goes down');
});
