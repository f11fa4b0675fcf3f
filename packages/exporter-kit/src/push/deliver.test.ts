import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { later } from '../../test/later.ts';
import { memory, names, remembering } from '../../test/push/memory.ts';
import { gauge, histogram } from '../metric/declare.ts';
import { job } from './job.ts';
import { settleJob } from './settle-job.ts';
import type { Sink } from './sink.ts';

const help = 'x';
const metrics = {
  done: gauge({ name: 'done', help }),
  same: gauge({ name: 'same', help, labels: ['i'] }),
  sizes: histogram({ name: 'sizes', help, buckets: [1] }),
};

/** A job that writes the same number into all it has, again and again, until `until` says so. */
const counting = (until: () => boolean, end = (): void => {}) =>
  job({
    name: 'counting',
    metrics,
    async run({ done, same, sizes }, { signal }) {
      for (let n = 1; !until() && !signal.aborted; n++) {
        done.set(n);
        for (let i = 0; i < 20; i++) same.set({ i }, n);
        sizes.set({ counts: [n, 0], sum: n });
        await sleep(1);
      }
      end();
    },
  });

it('adds what there is so far, each time as it is at one moment, and says nothing of the end', async () => {
  const sink = memory();
  await settleJob(
    counting(() => sink.got.length >= 5),
    { to: [sink], progressEveryMs: 3 },
  );
  const last = sink.got.pop()!;
  expect(last.mode).toBe('replace');
  expect(sink.got.length).toBeGreaterThanOrEqual(5);
  let before = 0;
  for (const { mode, lines } of sink.got) {
    expect(mode).toBe('add');
    expect(new Set(names(lines))).toEqual(new Set(['done', 'same', 'sizes_bucket', 'sizes_sum', 'sizes_count']));
    const values = new Set(lines.map((line) => Number(line.split(' ').at(-1))));
    expect(values.size).toBe(1);
    const [now] = [...values] as [number];
    expect(now).toBeGreaterThan(before);
    before = now;
  }
  // The run went on as if nobody had looked.
  expect(last.lines).toContain('job_success 1');
  expect(Number(last.lines.find((line) => line.startsWith('done '))!.slice(5))).toBeGreaterThanOrEqual(before);
});

it('waits for the push under way, so that the end comes last; one push at a time', async () => {
  const order: string[] = [];
  const slow: Sink = {
    name: 'slow',
    async deliver({ mode }) {
      order.push(`begin ${mode}`);
      await sleep(30);
      order.push(`end ${mode}`);
    },
  };
  await settleJob(
    counting(() => order.length >= 5),
    { to: [slow], progressEveryMs: 1 },
  );
  expect(order.length % 2).toBe(0);
  for (let i = 0; i < order.length; i += 2) expect(order[i + 1]).toBe(order[i]!.replace('begin', 'end'));
  expect(order.slice(-2)).toEqual(['begin replace', 'end replace']);
  expect(order.filter((step) => step.includes('replace')).length).toBe(2);
});

it('tells of trouble once, and is not counted', async () => {
  const log = remembering();
  const tries: string[] = [];
  const broken: Sink = {
    name: 'broken',
    async deliver({ mode }) {
      tries.push(mode);
      if (mode === 'add') throw new Error('no gateway');
    },
  };
  const report = await settleJob(
    counting(() => tries.length >= 3),
    { to: [broken], progressEveryMs: 1, log },
  );
  expect(report).toMatchObject({ success: true, notDelivered: 0 });
  expect(log.said).toEqual([
    'warn progress not delivered; further failures of this sink are not logged {"job":"counting","sink":"broken","err":"no gateway"}',
  ]);
});

it('is cut short where it would hold up the end', async () => {
  const begun = later();
  const order: string[] = [];
  const stuck: Sink = {
    name: 'stuck',
    deliver({ mode }, { signal }) {
      order.push(mode);
      if (mode === 'replace') return Promise.resolve();
      begun.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  let going = true;
  void begun.promise.then(() => {
    going = false;
  });
  const started = performance.now();
  await settleJob(
    counting(() => !going),
    { to: [stuck], progressEveryMs: 1 },
  );
  expect(order).toEqual(['add', 'replace']);
  expect(performance.now() - started).toBeLessThan(10_000);
});

it('pushes nothing while nothing is written, and stops when the job fails', async () => {
  const sink = memory();
  const failing = job({
    name: 'failing',
    metrics,
    async run() {
      await sleep(20);
      throw new Error('no');
    },
  });
  await settleJob(failing, { to: [sink], progressEveryMs: 1 });
  expect(sink.got.map(({ mode }) => mode)).toEqual(['add']);
  expect(sink.got[0]?.lines).toContain('job_success 0');
});
