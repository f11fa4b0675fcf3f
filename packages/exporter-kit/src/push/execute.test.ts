import { describe, expect, it } from 'vitest';
import { later } from '../../test/later.ts';
import { memory, names, remembering } from '../../test/push/memory.ts';
import { collector } from '../collect/collector.ts';
import { counter, gauge } from '../metric/declare.ts';
import { executeJob } from './execute.ts';
import { job } from './job.ts';
import { settleJob } from './settle-job.ts';
import type { Sink } from './sink.ts';

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
const deaf = job({ name: 'deaf', run: () => new Promise<void>(() => {}) });
const heeding = job({
  name: 'heeding',
  run: (_, { signal }) =>
    new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
});
const broken: Sink = { name: 'broken', deliver: () => Promise.reject(new Error('no gateway')) };

describe('executeJob', () => {
  it('replaces the group after a success: what it measured and the verdict', async () => {
    const sink = memory();
    const before = Date.now() / 1000;
    const report = await executeJob(good, { to: [sink] });
    expect(report).toMatchObject({
      success: true,
      ending: 'succeeded',
      delivered: [{ sink: 'memory' }],
      notDelivered: 0,
    });
    const [{ mode, lines }] = sink.got as [(typeof sink.got)[0]];
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

  it('takes the last of what a job writes of a series', async () => {
    const sink = memory();
    const log = remembering();
    const again = job({
      name: 'again',
      metrics: { bytes },
      run({ bytes: writer }) {
        writer.set({ volume: 'a' }, 1);
        writer.set({ volume: 'b' }, 5);
        writer.set({ volume: 'a' }, 2);
        writer.add({ volume: 'a' }, 1);
      },
    });
    await executeJob(again, { to: [sink], log });
    expect(sink.got[0]?.lines.slice(0, 2)).toEqual(['backup_bytes{volume="a"} 3', 'backup_bytes{volume="b"} 5']);
    expect(log.said).toEqual([]);
  });

  it.each<[string, () => never | Promise<void>, RegExp]>([
    ['throws nothing at all', () => Promise.reject(undefined), /undefined was thrown/],
    [
      'throws at once',
      () => {
        throw new Error('at once');
      },
      /at once/,
    ],
    ['throws what is no error', () => Promise.reject('words'), /words/],
  ])('has failed when it %s', async (_what, run, message) => {
    const sink = memory();
    const report = await settleJob(job({ name: 'j', run }), { to: [sink] });
    expect(report).toMatchObject({ success: false, ending: 'failed', leftBehind: false });
    expect(String(report.error)).toMatch(message);
    expect(sink.got[0]?.lines).toContain('job_success 0');
  });

  it("serves every sink, and never hides the job's own error behind a sink's", async () => {
    const hopeless: Sink = {
      name: 'hopeless',
      deliver() {
        throw new Error('thrown, not rejected');
      },
    };
    const sink = memory();
    const log = remembering();
    const report = await executeJob(good, { to: [broken, hopeless, sink], log });
    expect(report.notDelivered).toBe(2);
    expect(report.delivered).toMatchObject([
      { sink: 'broken', error: new Error('no gateway') },
      { sink: 'hopeless', error: new Error('thrown, not rejected') },
      { sink: 'memory' },
    ]);
    expect(log.said.sort()).toEqual([
      'error not delivered {"job":"backup","sink":"broken","err":"no gateway"}',
      'error not delivered {"job":"backup","sink":"hopeless","err":"thrown, not rejected"}',
    ]);
    expect(sink.got.length).toBe(1);
    await expect(executeJob(bad, { to: [broken], pushRequired: true })).rejects.toThrow('disk full');
  });

  it('fails for want of delivery alone where that is asked for', async () => {
    const run = executeJob(good, { to: [memory(), broken], pushRequired: true });
    await expect(run).rejects.toThrow('job backup succeeded, but its result was not delivered: no gateway');
  });

  it('ends with its delivery time, whatever a sink makes of the signal', async () => {
    const stuck: Sink = { name: 'stuck', deliver: () => new Promise(() => {}) };
    const sink = memory();
    const { delivered } = await executeJob(good, { to: [stuck, sink], pushTimeoutMs: 50 });
    expect(String(delivered[0]?.error)).toContain('push timeout of 50ms exceeded');
    expect(sink.got.length).toBe(1);
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

  it.each([
    [{ timeoutMs: 0 }, /timeoutMs is 0; give milliseconds, from 1 to 24 days/],
    [{ graceMs: -1 }, /graceMs is -1; give milliseconds, from 0/],
    [{ pushTimeoutMs: Number.NaN }, /pushTimeoutMs is NaN/],
    [{ progressEveryMs: 2 ** 31 }, /progressEveryMs is 2147483648/],
  ])('refuses %j', async (times, message) => {
    await expect(executeJob(good, { to: [], ...times })).rejects.toThrow(message);
  });

  it('refuses families that the kit writes for every job', async () => {
    const clash = job({ name: 'c', metrics: { s: gauge({ name: 'job_success', help }) }, run() {} });
    await expect(executeJob(clash, { to: [] })).rejects.toThrow(/job_success is written by the kit/);
  });
});

describe('a job that is told to end', () => {
  const LIMIT = 'exceeded its time limit of 20ms';
  const STOP = new Error('ended by SIGTERM');
  const soon = (): AbortSignal => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(STOP), 5);
    return stop.signal;
  };

  it.each([
    ['heeds its time limit', heeding, { timeoutMs: 20 }, LIMIT, 'timed out', false],
    ['does not heed its time limit', deaf, { timeoutMs: 20, graceMs: 10 }, LIMIT, 'timed out', true],
    ['heeds a signal', heeding, { signal: soon }, STOP.message, 'aborted', false],
    ['does not heed a signal', deaf, { signal: soon, graceMs: 10 }, STOP.message, 'aborted', true],
    ['is not to begin at all', deaf, { signal: () => AbortSignal.abort(STOP) }, STOP.message, 'aborted', false],
  ])('has failed when it %s', async (_what, work, options, message, ending, leftBehind) => {
    const sink = memory();
    const { signal, ...limits }: { signal?: () => AbortSignal; timeoutMs?: number; graceMs?: number } = options;
    const report = await settleJob(work, { ...limits, ...(signal && { signal: signal() }), to: [sink] });
    expect(report).toMatchObject({ success: false, ending, leftBehind });
    expect((report.error as Error).message).toBe(message);
    expect(sink.got[0]?.mode).toBe('add');
    expect(sink.got[0]?.lines).toContain('job_success 0');
  });

  it('has failed even when it says that it succeeded, as it may have stopped half way', async () => {
    const stop = new AbortController();
    const obedient = job({ name: 'o', run: () => stop.abort(STOP) });
    await expect(executeJob(obedient, { to: [], signal: stop.signal })).rejects.toBe(STOP);
  });

  it('says what else went wrong while it ended', async () => {
    const messy = job({
      name: 'messy',
      run: (_, { signal }) =>
        new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('can not clear up')))),
    });
    const { error } = await settleJob(messy, { to: [], timeoutMs: 20 });
    expect(error).toMatchObject({ message: LIMIT, cause: { message: 'can not clear up' } });
  });

  it('is heard no more once it is left behind', async () => {
    const sink = memory();
    const end = later();
    const late = job({
      name: 'late',
      metrics: { files },
      async run({ files: count }) {
        await end.promise;
        count.add(1);
        throw new Error('too late');
      },
    });
    await settleJob(late, { to: [sink], timeoutMs: 10, graceMs: 10 });
    end.resolve();
    await new Promise(setImmediate);
    expect(sink.got.length).toBe(1);
  });
});

describe('removeOnExit', () => {
  it.each([
    ['success', good],
    ['failure', bad],
  ])('takes the group away after a %s; who can not do that is told the end', async (_how, work) => {
    const removing = memory('removing');
    const { remove, ...other } = memory('other');
    const report = await settleJob(work, { to: [removing, other], removeOnExit: true });
    expect(removing.got.map(({ mode }) => mode)).toEqual(['remove']);
    expect(other.got.length).toBe(1);
    expect(report.notDelivered).toBe(0);
  });

  it('counts and tells where that did not work', async () => {
    const log = remembering();
    const stubborn: Sink = { ...memory('stubborn'), remove: () => Promise.reject(new Error('no')) };
    const report = await settleJob(good, { to: [stubborn], removeOnExit: true, log });
    expect(report).toMatchObject({ success: true, notDelivered: 1 });
    expect(log.said).toEqual(['error not removed {"job":"backup","sink":"stubborn","err":"no"}']);
  });
});
