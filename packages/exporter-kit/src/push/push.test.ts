import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { collector } from '../collect/collector.ts';
import { silent } from '../collect/context.ts';
import { job } from '../collect/job.ts';
import { encodeToString } from '../encode/encode.ts';
import { text } from '../encode/text.ts';
import { counter, gauge } from '../metric/declare.ts';
import { executeJob } from './execute.ts';
import type { Sink } from './sink.ts';
import { fileName, textfile } from './textfile.ts';

const help = 'x';
const bytes = gauge({ name: 'backup_bytes', help, unit: 'bytes', labels: ['volume'] });
const files = counter({ name: 'backup_files_total', help });
const good = job({
  name: 'backup',
  metrics: { bytes, files },
  run({ bytes: writer, files: count }) {
    writer.add({ volume: 'a' }, 1);
    writer.add({ volume: 'a' }, 2);
    count.add(1);
    count.add(1);
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

/** A sink that remembers. */
function memory(): Sink & { got: { mode: string; lines: string[] }[] } {
  const got: { mode: string; lines: string[] }[] = [];
  return {
    name: 'memory',
    got,
    async deliver({ mode, snapshot }) {
      const lines = encodeToString(snapshot, text).split('\n');
      got.push({ mode, lines: lines.filter((line) => line !== '' && !line.startsWith('#')) });
    },
  };
}

const names = (lines: readonly string[]): string[] => lines.map((line) => line.split(/[ {]/)[0]!);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'push-test-'));
  cleanups.push(() => rm(made, { recursive: true }));
  return made;
}

describe('executeJob', () => {
  it('replaces the group after a success: what it measured and the verdict', async () => {
    const sink = memory();
    const before = Date.now() / 1000;
    const report = await executeJob(good, { to: [sink] });
    expect(report).toMatchObject({ success: true, delivered: [{ sink: 'memory' }] });
    const [{ mode, lines }] = sink.got as [{ mode: string; lines: string[] }];
    expect(mode).toBe('replace');
    expect(lines).toContain('backup_bytes{volume="a"} 3');
    expect(lines).toContain('backup_files_total 2');
    expect(lines).toContain('job_success 1');
    const last = lines.find((line) => line.startsWith('job_last_success_timestamp_seconds '))!;
    expect(Number(last.split(' ')[1])).toBeGreaterThanOrEqual(before);
    expect(Number(last.split(' ')[1])).toBeLessThanOrEqual(Date.now() / 1000);
    expect(names(lines)).toContain('job_last_completion_timestamp_seconds');
    expect(names(lines)).toContain('job_duration_seconds');
  });

  it('adds the verdict alone after a failure, and rethrows what the job threw', async () => {
    const sink = memory();
    await expect(executeJob(bad, { to: [sink] })).rejects.toThrow('disk full');
    expect(sink.got[0]?.mode).toBe('add');
    expect(names(sink.got[0]!.lines)).toEqual([
      'job_duration_seconds',
      'job_last_completion_timestamp_seconds',
      'job_success',
    ]);
    expect(sink.got[0]?.lines).toContain('job_success 0');
  });

  it("serves every sink, and never hides the job's own error behind a sink's", async () => {
    const broken: Sink = { name: 'broken', deliver: () => Promise.reject(new Error('no gateway')) };
    const sink = memory();
    const report = await executeJob(good, { to: [broken, sink] });
    expect(report.delivered).toMatchObject([{ sink: 'broken', error: new Error('no gateway') }, { sink: 'memory' }]);
    expect(sink.got.length).toBe(1);
    await expect(executeJob(bad, { to: [broken] })).rejects.toThrow('disk full');
  });

  it('pushes what its collectors read', async () => {
    const sink = memory();
    const reads = collector({
      name: 'reads',
      metrics: { v: gauge({ name: 'read_value', help }) },
      collect: ({ v }) => v.set(4),
    });
    await executeJob(job({ name: 'j', collectors: [reads], run() {} }), { to: [sink] });
    expect(sink.got[0]?.lines).toContain('read_value 4');
  });

  it('counts as failed when it is aborted, even if it does not heed that', async () => {
    const sink = memory();
    const aborting = new AbortController();
    const deaf = job({
      name: 'deaf',
      run: () => new Promise<void>(() => aborting.abort(new Error('ended by SIGTERM'))),
    });
    await expect(executeJob(deaf, { to: [sink], signal: aborting.signal, graceMs: 10 })).rejects.toThrow(
      'ended by SIGTERM',
    );
    expect(sink.got[0]?.lines).toContain('job_success 0');
  });

  it('refuses a grouping that a label is one with when escaped', async () => {
    const waive = { syntax: 'names of another system' };
    const metrics = { size: gauge({ name: 'size', help: 'x', labels: ['disk.volume'], waive }) };
    const one = job({ name: 'one', metrics, run: ({ size }) => size.set({ 'disk.volume': 'a' }, 1) });
    await expect(executeJob(one, { to: [], grouping: { disk_volume: 'x' } })).rejects.toThrow(
      'label "disk.volume" of size is also set by the grouping',
    );
  });

  it.each([
    ['a label of the job', { volume: 'x' }, /label "volume" of backup_bytes is also set by the grouping/],
    ['the job itself', { job: 'x' }, /"job" is the job's own name/],
    ['no label name', { 'a-b': 'x' }, /not a label name/],
  ])('refuses a grouping that is %s, before anything runs', async (_what, grouping, message) => {
    let ran = false;
    const watched = job({
      name: 'w',
      metrics: { bytes },
      run() {
        ran = true;
      },
    });
    await expect(executeJob(watched, { grouping: grouping as never, to: [] })).rejects.toThrow(message);
    expect(ran).toBe(false);
  });

  it('refuses families that the kit writes for every job', async () => {
    const clash = job({ name: 'c', metrics: { s: gauge({ name: 'job_success', help }) }, run() {} });
    await expect(executeJob(clash, { to: [] })).rejects.toThrow(/job_success is written by the kit/);
  });
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
    expect((await stat(join(directory, all[0]!))).mode & 0o777).toBe(0o644);
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

  it('replaces what can not be read, saying so', async () => {
    const directory = await folder();
    const said: string[] = [];
    await writeFile(join(directory, 'backup.prom'), 'torn{');
    const log = { ...silent, warn: (_facts: object, message: string) => said.push(message) };
    await executeJob(bad, { to: [textfile(directory)], log }).catch(() => {});
    expect(said).toEqual([expect.stringContaining('can not be read')]);
    expect(await readFile(join(directory, 'backup.prom'), 'utf8')).toContain('job_success{job="backup"} 0');
  });

  it('says what is wrong with the folder, and leaves nothing behind', async () => {
    const directory = await folder();
    const { delivered } = await executeJob(good, { to: [textfile(join(directory, 'nowhere'))] });
    expect(String(delivered[0]?.error)).toMatch(/nowhere: there is no such directory; create it/);
    await writeFile(join(directory, 'file'), '');
    await chmod(directory, 0o755);
    const inFile = await executeJob(good, { to: [textfile(join(directory, 'file'))] });
    expect(String(inFile.delivered[0]?.error)).toMatch(/not a directory/);
    expect(await readdir(directory)).toEqual(['file']);
  });

  it('tells groups apart whose names look alike', async () => {
    const all = await Promise.all([
      fileName('a', {}),
      fileName('a', { b: 'c' }),
      fileName('a_b-c', {}),
      fileName('a', { b: 'c/' }),
      fileName('a/', {}),
    ]);
    expect(new Set(all).size).toBe(all.length);
    for (const name of all) expect(name).toMatch(/^[\w-]+\.prom$/);
  });
});
