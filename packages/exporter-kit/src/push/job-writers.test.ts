import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { memory, remembering } from '../../test/push/memory.ts';
import { samplesOf } from '../encode/samples.ts';
import { counter, gauge, histogram, info, stateset, summary, untyped } from '../metric/declare.ts';
import { executeJob } from './execute.ts';
import { job } from './job.ts';
import type { JobWriters } from './job-writers.ts';
import type { Sink } from './sink.ts';

const help = 'x';
const metrics = {
  records: counter({ name: 'j_records_total', help, labels: { verdict: ['valid', 'malformed'] } }),
  bytes: counter({ name: 'j_read_bytes_total', help, unit: 'bytes' }),
  open: gauge({ name: 'j_open_files', help }),
  left: gauge({ name: 'j_left', help, labels: ['queue'] }),
  took: histogram({ name: 'j_step_seconds', help, unit: 'seconds', labels: ['step'], buckets: [1, 10] }),
  sizes: histogram({ name: 'j_size_bytes', help, unit: 'bytes', buckets: [10] }),
  wait: summary({ name: 'j_wait_seconds', help, unit: 'seconds', quantiles: [0.5] }),
  about: info({ name: 'j_about_info', help, labels: ['version'] }),
  mode: stateset({ name: 'j_mode', help, states: ['full', 'partial'] }),
  other: untyped({ name: 'j_other', help }),
};
type Written = JobWriters<typeof metrics>;

/** What a run writes, without the kit's own families, and what is said of dropped samples. */
async function result(run: (writers: Written) => void | Promise<void>): Promise<{ lines: string[]; said: string[] }> {
  const [sink, log] = [memory(), remembering()];
  await executeJob(job({ name: 'j', metrics, run }), { to: [sink], log });
  return { lines: sink.got[0]!.lines.filter((line) => line.startsWith('j_')), said: log.said };
}

describe("a job's writers", () => {
  it('count', async () => {
    const { lines, said } = await result(({ records, bytes, open, left, took, sizes }) => {
      records.inc({ verdict: 'valid' });
      records.inc({ verdict: 'valid' }, 2.5);
      records.with({ verdict: 'malformed' });
      bytes.inc();
      bytes.inc(9);
      open.inc();
      open.dec(3);
      left.inc({ queue: 'a' }, -2);
      left.with({ queue: 'b' }).set(7);
      left.with({ queue: 'b' }).dec();
      took.observe({ step: 'read' }, 1);
      took.observe({ step: 'read' }, 11);
      took.with({ step: 'read' }).observe(-1);
      took.with({ step: 'write' });
      sizes.observe(3);
    });
    expect(said).toEqual([]);
    expect(lines).toEqual([
      'j_left{queue="a"} -2',
      'j_left{queue="b"} 6',
      'j_open_files -2',
      'j_read_bytes_total 10',
      'j_records_total{verdict="valid"} 3.5',
      'j_records_total{verdict="malformed"} 0',
      'j_size_bytes_bucket{le="10.0"} 1',
      'j_size_bytes_bucket{le="+Inf"} 1',
      'j_size_bytes_sum 3',
      'j_size_bytes_count 1',
      'j_step_seconds_bucket{step="read",le="1.0"} 2',
      'j_step_seconds_bucket{step="read",le="10.0"} 2',
      'j_step_seconds_bucket{step="read",le="+Inf"} 3',
      'j_step_seconds_sum{step="read"} 11',
      'j_step_seconds_count{step="read"} 3',
      'j_step_seconds_bucket{step="write",le="1.0"} 0',
      'j_step_seconds_bucket{step="write",le="10.0"} 0',
      'j_step_seconds_bucket{step="write",le="+Inf"} 0',
      'j_step_seconds_sum{step="write"} 0',
      'j_step_seconds_count{step="write"} 0',
    ]);
  });

  it('start empty at each run, and write nothing that was not written', async () => {
    const counting = job({
      name: 'j',
      metrics,
      run({ bytes, sizes }) {
        bytes.inc();
        sizes.observe(1);
      },
    });
    for (let run = 0; run < 3; run++) {
      const sink = memory();
      await executeJob(counting, { to: [sink] });
      expect(sink.got[0]!.lines.filter((line) => line.startsWith('j_'))).toEqual([
        'j_read_bytes_total 1',
        'j_size_bytes_bucket{le="10.0"} 1',
        'j_size_bytes_bucket{le="+Inf"} 1',
        'j_size_bytes_sum 1',
        'j_size_bytes_count 1',
      ]);
    }
  });

  it('keep exemplars, and native histograms of what was observed', async () => {
    const log = remembering();
    const got: unknown[] = [];
    const sink: Sink = {
      name: 'samples',
      async deliver({ snapshot }) {
        for (const { samples } of samplesOf(snapshot, { natives: 'beside' })) {
          for (const { name, labels, value, exemplar, native } of samples) {
            if (!name.startsWith('j_')) continue;
            if (exemplar !== undefined) got.push([name, labels.le, exemplar.value, exemplar.labels]);
            if (native !== undefined) got.push([name, labels.step, value, native.positive.map(([, count]) => count)]);
          }
        }
      },
    };
    const run = ({ records, bytes, took, sizes }: Written) => {
      records.inc({ verdict: 'valid' }, 2, { id: 'a' });
      records.with({ verdict: 'valid' }).inc(3, { id: 'b' });
      bytes.inc(9, { id: 'c' });
      took.observe({ step: 'read' }, 5, { id: 'd' });
      took.with({ step: 'read' }).observe(5);
      took.observe({ step: 'read' }, 0.5);
      took.start()({ step: 'send' }, { id: 'e' });
      // Its values are not known.
      took.set({ step: 'known' }, { counts: [0, 1, 0], sum: 3 });
      took.observe({ step: 'known' }, 5);
      sizes.start()({ id: 'f' });
      sizes.observe(1, { id: 7 } as never);
    };
    const counting = job({ name: 'j', metrics, run });
    for (let i = 0; i < 2; i++) {
      got.length = 0;
      await executeJob(counting, { to: [sink], log });
      expect(got).toEqual([
        ['j_read_bytes_total', undefined, 9, { id: 'c' }],
        ['j_records_total', undefined, 3, { id: 'b' }],
        ['j_size_bytes', undefined, 2, [1, 1]],
        ['j_size_bytes_bucket', '10.0', expect.any(Number), { id: 'f' }],
        ['j_step_seconds', 'read', 3, [1, 2]],
        ['j_step_seconds_bucket', '10.0', 5, { id: 'd' }],
        ['j_step_seconds', 'send', 1, [1]],
        ['j_step_seconds_bucket', '1.0', expect.any(Number), { id: 'e' }],
      ]);
    }
    expect(log.said).toHaveLength(2);
    expect(log.said[0]).toContain('invalid_exemplar');
  });

  it("take exemplars from OpenTelemetry's active span", async () => {
    const key = Symbol.for('opentelemetry.js.api.1');
    const span = { traceId: '5'.repeat(32), spanId: '6'.repeat(16), traceFlags: 1 };
    const context = { active: () => ({ getValue: () => ({ spanContext: () => span }) }) };
    Object.assign(globalThis, { [key]: { context } });
    onTestFinished(() => void Reflect.deleteProperty(globalThis, key));
    const found: unknown[] = [];
    const sink: Sink = {
      name: 'samples',
      async deliver({ snapshot }) {
        for (const { samples } of samplesOf(snapshot)) {
          for (const { exemplar } of samples) if (exemplar !== undefined) found.push(exemplar.labels);
        }
      },
    };
    const run = ({ bytes, took }: Written) => {
      bytes.inc();
      took.time({ step: 'read' }, () => {});
    };
    await executeJob(job({ name: 'j', metrics, run }), { to: [sink] });
    const ids = { trace_id: span.traceId, span_id: span.spanId };
    expect(found).toEqual([ids, ids]);
  });

  it('set and add as before, and count on from there', async () => {
    const { lines, said } = await result((w) => {
      w.records.set({ verdict: 'valid' }, 5);
      w.records.add({ verdict: 'valid' }, 1);
      w.records.inc({ verdict: 'valid' });
      w.left.add({ queue: 'a' }, -1);
      w.left.set({ queue: 'a' }, 2);
      w.left.dec({ queue: 'a' });
      w.sizes.set({ counts: [1, 2], sum: 50 });
      w.sizes.observe(20);
      w.wait.set({ quantiles: [1], sum: 1, count: 1 });
      w.about.set({ version: '1' });
      w.mode.set('full');
      w.other.add(2);
      w.other.add(-3);
    });
    expect(said).toEqual([]);
    expect(lines).toEqual([
      'j_about_info{version="1"} 1',
      'j_left{queue="a"} 1',
      'j_mode{j_mode="full"} 1',
      'j_mode{j_mode="partial"} 0',
      'j_other -1',
      'j_records_total{verdict="valid"} 7',
      'j_size_bytes_bucket{le="10.0"} 1',
      'j_size_bytes_bucket{le="+Inf"} 4',
      'j_size_bytes_sum 70',
      'j_size_bytes_count 4',
      'j_wait_seconds{quantile="0.5"} 1',
      'j_wait_seconds_sum 1',
      'j_wait_seconds_count 1',
    ]);
  });

  it('time work, sync and async, also what throws', async () => {
    const { lines, said } = await result(async ({ took, sizes, open, left }) => {
      expect(took.time({ step: 'a' }, () => 7)).toBe(7);
      expect(await took.time({ step: 'a' }, async () => 8)).toBe(8);
      const bound = took.with({ step: 'a' });
      await expect(bound.time(() => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
      expect(() =>
        sizes.time(() => {
          throw new RangeError('not');
        }),
      ).toThrow('not');
      expect(took.start()({ step: 'a' })).toBeGreaterThanOrEqual(0);
      expect(bound.start()()).toBeGreaterThanOrEqual(0);
      expect(open.track(() => 9)).toBe(9);
      const labels = { queue: 'a' };
      const tracked = left.track(labels, async () => 10);
      // The series that went up goes down.
      labels.queue = 'b';
      expect(await tracked).toBe(10);
    });
    expect(said).toEqual([]);
    expect(lines).toContain('j_step_seconds_count{step="a"} 5');
    expect(lines).toContain('j_size_bytes_count 1');
    expect(lines).toContain('j_open_files 0');
    expect(lines.filter((line) => line.startsWith('j_left'))).toEqual(['j_left{queue="a"} 0']);
  });

  it.each<[string, (w: Written) => void, string]>([
    ['a negative count', (w) => w.bytes.inc(-1), 'invalid_value.*inc takes a finite number of 0 or more, not -1'],
    ['Infinity', (w) => w.bytes.inc(Infinity), 'invalid_value.*inc takes a finite number of 0 or more, not Infinity'],
    ['NaN', (w) => w.records.inc({ verdict: 'valid' }, Number.NaN), 'j_records_total{verdict=.*not NaN'],
    ['null', (w) => w.bytes.inc(null as never), 'not object'],
    ['text', (w) => w.open.dec('2' as never), 'j_open_files: the value must be a number, not string'],
    ['a big integer', (w) => w.left.dec({ queue: 'a' }, 2n as never), 'invalid_value.*not 2'],
    [
      'an observation of NaN',
      (w) => w.took.observe({ step: 'a' }, Number.NaN),
      'observe takes a finite number, not NaN',
    ],
    [
      'an observation of nothing',
      (w) => w.sizes.observe(undefined as never),
      'observe takes a finite number, not undefined',
    ],
    ['no labels', (w) => w.records.inc(undefined as never), 'invalid_label.*labels must be an object'],
    ['a wrong label value', (w) => w.records.with({ verdict: 'odd' as never }), 'invalid_label.*odd'],
    ['a label too many', (w) => w.took.observe({ step: 'a', of: 1 } as never, 1), 'extra_label.*of'],
    [
      'labels that throw',
      (w) =>
        w.left.with({
          get queue(): string {
            throw new Error('unreadable');
          },
        }),
      'invalid_label.*unreadable',
    ],
  ])('drop and count %s', async (_what, run, why) => {
    const { lines, said } = await result(run);
    expect(lines).toEqual([]);
    expect(said).toHaveLength(1);
    expect(said[0]!.replaceAll('\\"', '"')).toMatch(new RegExp(why));
  });

  it('drop a count that would make a sum infinite, and keep the sum', async () => {
    const { lines, said } = await result(({ bytes, sizes, open }) => {
      for (let i = 0; i < 3; i++) {
        bytes.inc(1e308);
        sizes.observe(-1e308);
        open.inc(1e308);
      }
    });
    expect(lines.filter((line) => !/bucket/.test(line))).toEqual([
      'j_open_files +Inf',
      'j_read_bytes_total 1e+308',
      'j_size_bytes_sum -1e+308',
      'j_size_bytes_count 1',
    ]);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('"count":4');
  });

  it('drop what comes after the end, also from bound ones', async () => {
    let late: Written | undefined;
    let bound: { inc(): void } | undefined;
    const { lines } = await result((writers) => {
      late = writers;
      bound = writers.records.with({ verdict: 'valid' });
    });
    late!.bytes.inc();
    late!.sizes.observe(1);
    late!.sizes.observe(Number.NaN);
    bound!.inc();
    expect(lines).toEqual(['j_records_total{verdict="valid"} 0']);
    expect((await result(({ records }) => records.inc({ verdict: 'valid' }))).lines).toEqual([
      'j_records_total{verdict="valid"} 1',
    ]);
  });
});

/** Never called: what it says is for the compiler. */
function wrong(w: Written): void {
  expectTypeOf(w.took.time({ step: 'a' }, async () => 3)).resolves.toBeNumber();
  expectTypeOf(w.open.track(() => 'x')).toBeString();
  // @ts-expect-error labels are missing
  w.records.inc();
  // @ts-expect-error outside the declared values
  w.records.inc({ verdict: 'odd' });
  // @ts-expect-error an undeclared label
  w.left.dec({ queue: 'a', of: 'b' });
  // @ts-expect-error no labels here
  w.bytes.inc({ queue: 'a' });
  // @ts-expect-error no labels to bind
  w.bytes.with({});
  // @ts-expect-error a counter does not go down
  w.bytes.dec();
  // @ts-expect-error a gauge observes nothing
  w.open.observe(1);
  // @ts-expect-error a histogram counts by observations
  w.sizes.inc();
  // @ts-expect-error a value is missing
  w.took.observe({ step: 'a' });
  // @ts-expect-error labels are missing
  w.took.start()();
  // @ts-expect-error bound to its labels already
  w.took.with({ step: 'a' }).observe({ step: 'a' }, 1);
  // @ts-expect-error quantiles can't be counted
  w.wait.observe(1);
  // @ts-expect-error a state is not a count
  w.mode.inc();
  // @ts-expect-error of unknown type, so neither up nor down
  w.other.inc();
}

it('compile as declared', () => {
  expect(wrong).toBeTypeOf('function');
});
