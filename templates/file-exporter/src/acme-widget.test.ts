import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { golden, lint, scrape } from 'exporter-kit/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { acmeWidgetCollector } from './acme-widget.ts';
import { sample } from './config.ts';
import { readRegularFile } from './regular-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'acme-widget-'));
  file = join(folder, 'status.txt');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('writes the metrics of the file, and its modification time', async () => {
  await copyFile(sample, file);
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  const { text, value } = await scrape(acmeWidgetCollector(file));
  expect(value('acme_widget_items', { state: 'ready' })).toBe(12);
  expect(lint(text)).toEqual([]);
  golden(text, new URL('../test/acme-widget.prom', import.meta.url));
});

it.each<[what: string, make: () => void, message: RegExp]>([
  ['is not there', () => {}, /ENOENT/],
  ['is half written', () => writeFileSync(file, 'ready 1\nbusy 1'), /last line is incomplete/],
  ['lacks something', () => writeFileSync(file, 'ready 1\n'), /"busy" is missing/],
  ['holds nonsense', () => writeFileSync(file, 'ready many\n'), /"ready" is not a number: "many"/],
  [
    'is larger than it should be',
    () => {
      writeFileSync(file, '');
      truncateSync(file, 2 ** 30);
    },
    /1073741824 bytes; the maximum is 1048576/,
  ],
])('fails with a file that %s', async (_, make, message) => {
  make();
  await expect(scrape(acmeWidgetCollector(file))).rejects.toThrow(message);
});

it.skipIf(process.platform === 'win32')('does not hang at a pipe that nobody writes to', async () => {
  execFileSync('mkfifo', [file]);
  await expect(scrape(acmeWidgetCollector(file))).rejects.toThrow(/not a regular file/);
});

it('stops reading when the scrape ends', async () => {
  await expect(readRegularFile(sample, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
});
