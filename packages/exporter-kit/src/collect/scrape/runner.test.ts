import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { gauge } from '../../metric/declare.ts';
import { collector } from '../collector.ts';
import { silent, unsupported } from '../context.ts';
import { type Outcome, type Runner, runner } from './runner.ts';

const value = gauge({ name: 'value', help: 'x' });
const forever = Number.POSITIVE_INFINITY;
const soon = (ms: number): number => performance.now() + ms;

function running(collect: (set: (v: number) => void, signal: AbortSignal) => void | Promise<void>): Runner {
  const made = collector({
    name: 'test',
    metrics: { value },
    collect: (w, { signal }) => collect((v) => w.value.set(v), signal),
  });
  return runner(made, undefined, { log: silent, strict: false });
}

const ask = (live: Runner, deadline: number): Promise<Outcome> => live.join(deadline).done;

const held = (): { wait: Promise<void>; go: () => void } => {
  let go = (): void => {};
  const wait = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { wait, go };
};

it('keeps the samples of a run that ends well', async () => {
  const outcome = await ask(
    running((set) => set(7)),
    forever,
  );
  expect(outcome.status).toBe('ok');
  expect(outcome.samples?.columns[0]?.vals[0]).toBe(7);
});

it.each([
  [
    'throws',
    () => {
      throw new Error('no broker');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no broker'))],
])('leaves out half a list when the collector %s', async (_how, fail) => {
  const outcome = await ask(
    running((set) => {
      set(1);
      return fail();
    }),
    forever,
  );
  expect(outcome).toMatchObject({ status: 'failed', reason: 'no broker' });
  expect(outcome.samples).toBeUndefined();
});

it('tells unsupported from failed', async () => {
  const outcome = await ask(
    running(() => unsupported('no /proc here')),
    forever,
  );
  expect(outcome).toMatchObject({ status: 'unsupported', reason: 'no /proc here' });
});

it('aborts at the deadline, and does not start a second call while the first goes on', async () => {
  const { wait, go } = held();
  let calls = 0;
  let aborted = false;
  let write: (v: number) => void = () => {};
  const live = running(async (set, signal) => {
    calls++;
    write = set;
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    set(1);
    if (calls === 1) await wait;
  });
  expect(await ask(live, soon(20))).toMatchObject({
    status: 'timeout',
    reason: expect.stringContaining('deadline'),
  });
  expect(aborted).toBe(true);
  expect(await ask(live, forever)).toMatchObject({
    status: 'busy',
    reason: expect.stringContaining('has not ended yet'),
  });
  write(2);
  expect(live.drops.counts.get('late')).toBe(1);
  go();
  await sleep(0);
  expect(await ask(live, forever)).toMatchObject({ status: 'ok' });
  expect(calls).toBe(2);
});

it('lets those who come during a run join it, and goes on until the latest deadline among them', async () => {
  const { wait, go } = held();
  let calls = 0;
  const live = running(async (set) => {
    calls++;
    await wait;
    set(5);
  });
  const short = live.join(soon(5));
  const long = live.join(soon(60_000));
  await sleep(20);
  go();
  const [one, two] = await Promise.all([short.done, long.done]);
  expect([one.status, two.status, calls]).toEqual(['ok', 'ok', 1]);
  expect(one.samples?.columns[0]?.vals[0]).toBe(5);
});

it('aborts the run when the last one who waited is gone, and starts another for who comes then', async () => {
  const { wait, go } = held();
  const reasons: string[] = [];
  const live = running(async (_set, signal) => {
    signal.addEventListener('abort', () => reasons.push(String((signal.reason as Error).message)));
    await wait;
  });
  const [a, b] = [live.join(forever), live.join(forever)];
  a.leave();
  expect(reasons).toEqual([]);
  b.leave();
  expect(reasons).toEqual(['no scrape is waiting for it any more']);
  expect(await ask(live, forever)).toMatchObject({ status: 'busy' });
  go();
  await sleep(0);
  expect(await ask(live, forever)).toMatchObject({ status: 'ok' });
});

it('ends at its own limit, however long the scraper waits', async () => {
  const slow = collector({ name: 'slow', metrics: {}, timeoutMs: 10, collect: () => new Promise<void>(() => {}) });
  const outcome = await ask(runner(slow, undefined, { log: silent, strict: false }), forever);
  expect(outcome).toMatchObject({ status: 'timeout', reason: expect.stringContaining('own limit') });
});

it('serves what it cached, and no failure from there', async () => {
  let calls = 0;
  const cached = collector({
    name: 'cached',
    metrics: { value },
    cacheForMs: 60_000,
    collect(w) {
      calls++;
      if (calls === 1) throw new Error('not yet');
      w.value.set(calls);
    },
  });
  const live = runner(cached, undefined, { log: silent, strict: false });
  expect(await ask(live, forever)).toMatchObject({ status: 'failed' });
  const [fresh, again] = [await ask(live, forever), await ask(live, forever)];
  expect([fresh.ageMs, calls]).toEqual([0, 2]);
  expect(again.ageMs).toBeGreaterThan(0);
  for (const outcome of [fresh, again]) {
    expect(outcome.samples?.columns[0]?.vals[0]).toBe(2);
    outcome.samples?.release();
  }
});

it('writes no more series than it may', async () => {
  const many = collector({
    name: 'many',
    metrics: { v: gauge({ name: 'v', help: 'x', labels: ['i'] }) },
    maxSeries: 3,
    collect({ v }) {
      for (let i = 0; i < 10; i++) v.set({ i }, i);
    },
  });
  const live = runner(many, undefined, { log: silent, strict: false });
  for (let run = 1; run <= 2; run++) {
    const { samples } = await ask(live, forever);
    expect(samples?.columns[0]?.live).toBe(3);
    expect(live.drops.counts.get('over_budget')).toBe(7 * run);
    samples?.release();
  }
});

it('survives a collector that fails after its deadline', async () => {
  const { wait, go } = held();
  const live = running(async () => {
    await wait;
    throw new Error('late trouble');
  });
  expect(await ask(live, soon(5))).toMatchObject({ status: 'timeout' });
  go();
  await sleep(0);
  expect(await ask(live, forever)).toMatchObject({ status: 'failed', reason: 'late trouble' });
});
