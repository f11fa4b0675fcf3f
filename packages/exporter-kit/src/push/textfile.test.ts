import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder } from '../../test/push/memory.ts';
import { silent } from '../collect/context.ts';
import { ownMark } from '../disk/owner.ts';
import { counter, gauge } from '../metric/declare.ts';
import { executeJob } from './execute.ts';
import { job } from './job.ts';
import type { Sink } from './sink.ts';
import { fileName, textfile } from './textfile.ts';

const help = 'x';
const bytes = gauge({ name: 'backup_bytes', help, unit: 'bytes', labels: ['volume'] });
const files = counter({ name: 'backup_files_total', help });
const good = job({
  name: 'backup',
  metrics: { bytes, files },
  run({ bytes: writer, files: count }) {
    writer.set({ volume: 'a' }, 3);
    count.add(2);
  },
});
const bad = job({
  name: 'backup',
  metrics: { bytes },
  run({ bytes: writer }) {
    writer.set({ volume: 'a' }, 7);
    throw new Error('disk full');
  },
});

/** Delivers everything as an addition. */
const asAdded = (sink: Sink): Sink => ({
  name: sink.name,
  deliver: (delivery, context) => sink.deliver({ ...delivery, mode: 'add' }, context),
});

describe('textfile', () => {
  it('gives each group a file of its own, and its labels to every series', async () => {
    const directory = await folder();
    await executeJob(good, { to: [textfile(directory)], grouping: { instance: 'a/b' } });
    await executeJob(good, { to: [textfile(directory)] });
    const all = (await readdir(directory)).sort();
    const names = [await fileName('backup', {}), await fileName('backup', { instance: 'a/b' })];
    expect(all).toEqual(names.sort());
    const body = await readFile(join(directory, await fileName('backup', { instance: 'a/b' })), 'utf8');
    expect(body).toContain('backup_bytes{job="backup",instance="a/b",volume="a"} 3');
  });

  it('can be read by the collector, whatever umask the job has', async () => {
    const directory = await folder();
    const umask = process.umask(0o077);
    try {
      await executeJob(good, { to: [textfile(directory)] });
    } finally {
      process.umask(umask);
    }
    expect((await stat(join(directory, 'backup.prom'))).mode & 0o777).toBe(0o644);
  });

  it('takes a group away, and minds not when it is gone', async () => {
    const directory = await folder();
    const context = { log: silent, signal: new AbortController().signal };
    const group = { job: 'backup', grouping: { instance: 'a' } };
    await executeJob(good, { to: [textfile(directory)], grouping: group.grouping });
    await executeJob(good, { to: [textfile(directory)] });
    await textfile(directory).remove?.(group, context);
    await textfile(directory).remove?.(group, context);
    expect(await readdir(directory)).toEqual(['backup.prom']);
  });

  it('clears up after writers that were killed, and leaves those alone that live', async () => {
    const directory = await folder();
    const mark = await ownMark();
    const [machine] = mark.split('-');
    const old = new Date(Date.now() - 7_200_000);
    const elsewhere = ['a.prom.00000000-1-1-1.tmp', 'b.prom.00000000-1-1-1.tmp'];
    const dead = [`a.prom.${machine}-${process.pid}-1-1.tmp`, `c.prom.${machine}-4194999-77-1.tmp`];
    const staying = ['notes.tmp', `a.prom.${mark}-99999.tmp`, elsewhere[1]!];
    for (const name of [...elsewhere, ...dead, ...staying]) await writeFile(join(directory, name), 'x');
    await utimes(join(directory, elsewhere[0]!), old, old);
    await executeJob(good, { to: [textfile(directory)] });
    expect((await readdir(directory)).sort()).toEqual([...staying, 'backup.prom'].sort());
  });

  it('loses nothing to writers of one group at the same time', async () => {
    const directory = await folder();
    const one = (i: number) =>
      job({
        name: 'many',
        metrics: { v: gauge({ name: `v_${i}`, help }) },
        run({ v }) {
          v.set(i);
        },
      });
    const to = [textfile(directory)];
    const running = Array.from({ length: 20 }, (_, i) => executeJob(one(i), { to: [asAdded(to[0]!)], log: silent }));
    for (const { notDelivered } of await Promise.all(running)) expect(notDelivered).toBe(0);
    const body = await readFile(join(directory, 'many.prom'), 'utf8');
    for (let i = 0; i < 20; i++) expect(body).toContain(`v_${i}{job="many"} ${i}\n`);
    expect(await readdir(directory)).toEqual(['many.prom']);
  });

  it('keeps the last success when a run fails', async () => {
    const directory = await folder();
    const read = async (): Promise<string> => readFile(join(directory, 'backup.prom'), 'utf8');
    await executeJob(good, { to: [textfile(directory)] });
    const before = await read();
    await executeJob(bad, { to: [textfile(directory)] }).catch(() => {});
    const after = await read();
    const line = (body: string, name: string): string | undefined =>
      body.split('\n').find((l) => l.startsWith(`${name}{`));
    for (const name of ['job_last_success_timestamp_seconds', 'backup_bytes', 'backup_files_total']) {
      expect(line(after, name)).toBe(line(before, name));
      expect(line(after, name)).toBeDefined();
    }
    expect(line(after, 'job_success')).toBe('job_success{job="backup"} 0');
    expect((await readdir(directory)).length).toBe(1);
  });

  it('keeps every line of families that it adds to, and leaves the file alone where families clash', async () => {
    const directory = await folder();
    const file = join(directory, 'backup.prom');
    const lines = [
      '# HELP h x',
      '# TYPE h histogram',
      'h_bucket{job="backup",le="0.5"} 1',
      'h_sum{job="backup"} NaN',
      '',
    ];
    await writeFile(file, lines.join('\n'));
    await executeJob(good, { to: [asAdded(textfile(directory))] });
    const body = await readFile(file, 'utf8');
    expect(body).toContain(
      `# TYPE backup_files_total counter\nbackup_files_total{job="backup"} 2\n${lines.join('\n')}`,
    );
    const clashing = job({
      name: 'backup',
      metrics: { sum: gauge({ name: 'h_sum', help, waive: 'clashes' }) },
      run: ({ sum }) => sum.set(1),
    });
    const { delivered } = await executeJob(clashing, { to: [asAdded(textfile(directory))] });
    expect(String(delivered[0]?.error)).toMatch(/would write "h_sum"/);
    expect(await readFile(file, 'utf8')).toBe(body);
  });

  it('replaces what can not be read, saying so', async () => {
    const directory = await folder();
    const said: string[] = [];
    await writeFile(join(directory, 'backup.prom'), 'torn{');
    const log = { ...silent, warn: (_facts: object, message: string) => said.push(message) };
    await executeJob(bad, { to: [textfile(directory)], log }).catch(() => {});
    expect(said).toEqual([expect.stringContaining('existing file not readable')]);
    expect(await readFile(join(directory, 'backup.prom'), 'utf8')).toContain('job_success{job="backup"} 0');
  });

  it('says what is wrong with the folder, and leaves nothing behind', async () => {
    const directory = await folder();
    const { delivered } = await executeJob(good, { to: [textfile(join(directory, 'nowhere'))] });
    expect(String(delivered[0]?.error)).toMatch(/nowhere: no such directory; create it/);
    await writeFile(join(directory, 'file'), '');
    const inFile = await executeJob(good, { to: [textfile(join(directory, 'file'))] });
    expect(String(inFile.delivered[0]?.error)).toMatch(
      /not a directory; give the one that the textfile collector reads/,
    );
    expect(await readdir(directory)).toEqual(['file']);
  });

  it('tells groups apart whose names look alike', async () => {
    const all = await Promise.all([
      fileName('a', {}),
      fileName('a', { b: 'c' }),
      fileName('a_b-c', {}),
      fileName((await fileName('a', { b: 'c' })).replace('.prom', ''), {}),
      fileName('a', { b: 'c/' }),
      fileName('a/', {}),
    ]);
    expect(await fileName('a', { b: '1', c: '2' })).toBe(await fileName('a', { c: '2', b: '1' }));
    expect(new Set(all).size).toBe(all.length);
    for (const name of all) expect(name).toMatch(/^[\w-]+\.prom$/);
  });
});
