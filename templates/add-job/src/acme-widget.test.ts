import { mkdtemp, readFile, rm } from 'node:fs/promises';
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

it('counts the lines', async () => {
  await executeJob(acmeWidgetJob, { to: [textfile(folder)] });
  const text = await written();
  expect(text).toContain('job_success{job="acme_widget"} 1\n');
  expect(lint(text)).toEqual([]);
  // The kit's own families hold times, which differ from run to run.
  const own = text.match(/^(# \w+ )?acme_widget_.*\n/gm) ?? [];
  golden(own.join(''), new URL('../test/acme-widget.prom', import.meta.url));
});

it('fails without its source', async () => {
  const failing = executeJob(acmeWidgetJob, { to: [textfile(folder)], settings: { source: join(folder, 'none') } });
  await expect(failing).rejects.toThrow(/ENOENT/);
  expect(await written()).toContain('job_success{job="acme_widget"} 0\n');
});

it('stops when its signal aborts', async () => {
  const signal = AbortSignal.abort(new Error('the machine goes down'));
  await expect(executeJob(acmeWidgetJob, { to: [], signal })).rejects.toThrow('the machine goes down');
});
