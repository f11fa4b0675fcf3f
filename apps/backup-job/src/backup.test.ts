import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executeJob, textfile } from 'exporter-kit';
import { parseText } from 'exporter-kit/exposition';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backup } from './backup.ts';
import { readArchive } from './check-archive.ts';

let folder: string;
let source: string;
let archive: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-test-'));
  source = join(folder, 'source');
  archive = join(folder, 'out', 'a.tar.gz');
  await mkdir(join(source, 'deep'), { recursive: true });
  await writeFile(join(source, 'deep', 'a'), 'x'.repeat(700));
  await writeFile(join(source, 'b'), 'y'.repeat(50));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (settings: object = {}, signal = new AbortController().signal) =>
  executeJob(backup, { settings: { source, archive, ...settings }, to: [textfile(folder)], signal });

async function reported(): Promise<Record<string, number | undefined>> {
  const families = parseText(await readFile(join(folder, 'backup.prom'), 'utf8'));
  return Object.fromEntries(families.map(({ name, samples }) => [name, samples[0]?.value]));
}

it('reports what is in the archive', async () => {
  await run();
  const size = (await readFile(archive)).length;
  expect(await reported()).toMatchObject({
    backup_files: 2,
    backup_source_bytes: 750,
    backup_archive_bytes: size,
    job_success: 1,
  });
  const read = await readArchive(archive, new AbortController().signal);
  expect(Object.fromEntries(read)).toEqual({ './deep/a': 700, './b': 50 });
});

it('replaces the previous archive, and leaves no other files', async () => {
  await run();
  await rm(join(source, 'b'));
  await run();
  expect(await reported()).toMatchObject({ backup_files: 1 });
  expect(await readdir(join(folder, 'out'))).toEqual(['a.tar.gz']);
});

it('keeps the previous archive if it fails', async () => {
  await run();
  const good = await readFile(archive);
  await expect(run({ source: join(folder, 'gone') })).rejects.toThrow('no such folder');
  expect(await readFile(archive)).toEqual(good);
  expect(await readdir(join(folder, 'out'))).toEqual(['a.tar.gz']);
});

it('keeps the previous archive if it is stopped midway, and cleans up', async () => {
  await run();
  const good = await readFile(archive);
  await writeFile(join(source, 'big'), randomBytes(20_000_000));
  const stop = new AbortController();
  const stopped = run({}, stop.signal);
  await expect.poll(() => readdir(join(folder, 'out')), { interval: 2, timeout: 50_000 }).toHaveLength(2);
  stop.abort(new Error('the machine goes down'));
  await expect(stopped).rejects.toThrow('the machine goes down');
  expect(await readFile(archive)).toEqual(good);
  expect(await readdir(join(folder, 'out'))).toEqual(['a.tar.gz']);
  expect(await reported()).toMatchObject({ job_success: 0, backup_files: 2 });
});

it('rejects an archive inside the folder to archive', async () => {
  for (const inside of [join(source, 'a.tar.gz'), join(source, 'deep', 'a.tar.gz'), join(source, '..a.tar.gz')]) {
    await expect(run({ archive: inside })).rejects.toThrow('is inside the folder to archive');
  }
  await run({ archive: join(folder, 'source.tar.gz') });
});

it('makes archives only', async () => {
  await expect(run({ archive: join(folder, 'a.zip') })).rejects.toThrow('.tar.gz');
});
