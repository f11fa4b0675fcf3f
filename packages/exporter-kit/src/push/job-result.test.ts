import { describe, expect, it } from 'vitest';
import { folder, memory, names, remembering } from '../../test/push/memory.ts';
import { type Collector, collector } from '../collect/collector.ts';
import { unsupported } from '../collect/context.ts';
import { withPrefix } from '../collect/decorate.ts';
import { counter, gauge } from '../metric/declare.ts';
import { executeJob } from './execute.ts';
import { job } from './job.ts';
import { settleJob } from './settle-job.ts';

const help = 'x';
const count = gauge({ name: 'read_items', help, labels: ['of'] });
const good = collector({ name: 'good', metrics: { count }, collect: (w) => w.count.set({ of: 'good' }, 1) });
const failing = (optional = false): Collector =>
  collector({
    name: 'failing',
    optional,
    metrics: { other: gauge({ name: 'other_items', help }) },
    collect(w) {
      w.other.set(1);
      throw new Error('no broker');
    },
  });
const hanging = collector({ name: 'hanging', metrics: {}, timeoutMs: 20, collect: () => new Promise(() => {}) });
const VERDICT = ['job_duration_seconds', 'job_last_completion_timestamp_seconds', 'job_success'];

describe("a job whose work succeeds, but not one of its collectors'", () => {
  it.each([
    ['throws', failing(), 'collector failing failed: no broker'],
    ['never ends', hanging, 'collector hanging failed: did not end within its own limit'],
  ])('has failed when it %s: the last good result stays', async (_how, bad, why) => {
    const sink = memory();
    const log = remembering();
    const spool = await folder();
    const report = await settleJob(job({ name: 'j', collectors: [good, bad], run() {} }), { to: [sink], log, spool });
    expect(report).toMatchObject({ success: false, ending: 'failed', notDelivered: 0 });
    expect(String(report.error)).toBe(`Error: ${why}`);
    expect(sink.got).toHaveLength(1);
    expect(sink.got[0]!.mode).toBe('add');
    expect(sink.got[0]!.lines).toContain('job_success 0');
    expect(names(sink.got[0]!.lines)).toEqual(VERDICT);
    expect(log.said[0]).toMatch(new RegExp(`error collector failed .*"collector":"${bad.name}"`));
  });

  it('rethrows what the collector threw as the cause, and names all that failed', async () => {
    const two = job({ name: 'j', collectors: [failing(), hanging], run() {} });
    await expect(executeJob(two, { to: [memory()] })).rejects.toMatchObject({
      message: 'collector failing failed: no broker; collector hanging failed: did not end within its own limit',
      cause: new Error('no broker'),
    });
  });

  it('succeeds all the same when that one is optional, or has nothing to read here', async () => {
    const absent = collector({ name: 'absent', metrics: {}, collect: () => unsupported('not here') });
    const sink = memory();
    const log = remembering();
    const report = await settleJob(job({ name: 'j', collectors: [failing(true), absent, good], run() {} }), {
      to: [sink],
      log,
    });
    expect(report).toMatchObject({ success: true });
    expect(sink.got[0]!.mode).toBe('replace');
    expect(sink.got[0]!.lines).toContain('read_items{of="good"} 1');
    expect(names(sink.got[0]!.lines)).not.toContain('other_items');
    expect(log.said).toEqual([expect.stringMatching(/^warn optional collector failed.*"collector":"failing"/)]);
  });

  it('is told that it was aborted while its collectors read', async () => {
    const aborting = new AbortController();
    const stopping = collector({
      name: 'stopping',
      metrics: {},
      collect: (_, { signal }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve());
          aborting.abort(new Error('ended by SIGTERM'));
        }),
    });
    const { signal } = aborting;
    const report = await settleJob(job({ name: 'j', collectors: [stopping], run() {} }), { to: [memory()], signal });
    expect(report).toMatchObject({ success: false, ending: 'aborted', error: new Error('ended by SIGTERM') });
  });

  it('is not begun when a collector would not accept its settings', async () => {
    let begun = false;
    const config = {
      parse() {
        throw new Error('which host?');
      },
    };
    const picky = collector({ name: 'picky', metrics: {}, config, collect() {} });
    const run = (): void => {
      begun = true;
    };
    const settling = settleJob(job({ name: 'j', collectors: [picky], run }), { to: [memory()] });
    await expect(settling).rejects.toThrow('collector picky does not accept its settings: which host?');
    expect(begun).toBe(false);
  });
});

describe("a job's collectors", () => {
  const words = collector({
    name: 'words',
    metrics: { count },
    config: { parse: (settings: unknown) => ({ word: 'none', ...(settings as { word?: string }) }) },
    collect: (w, { config }) => w.count.set({ of: config.word }, 1),
  });
  const work = job({ name: 'j', collectors: [words, withPrefix(words, 'home_')], run() {} });

  it('have the config that their parsers return', async () => {
    const sink = memory();
    await executeJob(job({ name: 'j', collectors: [words], run() {} }), { to: [sink] });
    expect(sink.got[0]!.lines).toContain('read_items{of="none"} 1');
  });

  it('have settings of their own, by their names', async () => {
    const sink = memory();
    const collectorSettings = { home_words: { word: 'hello' } };
    await executeJob(work, { to: [sink], collectorSettings });
    expect(sink.got[0]!.lines).toContain('home_read_items{of="hello"} 1');
    expect(sink.got[0]!.lines).toContain('read_items{of="none"} 1');
  });
});

describe('samples that a job drops', () => {
  const files = counter({ name: 'j_files_total', help });

  it('are counted beside the verdict, and logged once for each reason', async () => {
    const again = gauge({ name: 'read_items', help: 'another', labels: ['of'] });
    const other = collector({
      name: 'other',
      metrics: { again },
      collect(w) {
        w.again.set({ of: 'x' }, 1);
        w.again.set({ of: 'y' }, 1);
      },
    });
    const sink = memory();
    const log = remembering();
    const dropping = job({
      name: 'j',
      metrics: { files },
      collectors: [good, other],
      run: (w) => {
        for (let i = 0; i < 3; i++) w.files.set(-1);
      },
    });
    await executeJob(dropping, { to: [sink], log });
    expect(sink.got[0]!.lines).toContain('job_dropped_samples 5');
    expect(log.said).toEqual([
      'warn samples dropped {"job":"j","from":"job j","reason":"invalid_value","count":3,"first":"j_files_total: a counter must be a number of 0 or more, not -1."}',
      'warn samples dropped {"job":"j","from":"collector other","reason":"family_conflict","count":2,"first":"collector other: family read_items is also written by collector good, with another help; it is left out."}',
    ]);
  });

  it('are not spoken of where there are none, nor by a run that fails', async () => {
    const sink = memory();
    await executeJob(job({ name: 'j', metrics: { files }, run: (w) => w.files.set(1) }), { to: [sink] });
    const run = (w: { files: { set(value: number): void } }): never => {
      w.files.set(-1);
      throw new Error('x');
    };
    await settleJob(job({ name: 'j', metrics: { files }, run }), { to: [sink] });
    expect(sink.got.flatMap(({ lines }) => names(lines))).not.toContain('job_dropped_samples');
  });
});
