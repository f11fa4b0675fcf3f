import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { gauge } from '../metric/declare.ts';
import { collector } from './collector.ts';
import { silent, unsupported } from './context.ts';
import { leaving, type Runner, runner } from './runner.ts';

const value = gauge({ name: 'value', help: 'x' });
const forever = Number.POSITIVE_INFINITY;
const soon = (ms: number): number => performance.now() + ms;

function running(collect: (set: (v: number) => void, signal: AbortSignal) => void | Promise<void>): Runner {
  const made = collector({
    name: 'test',
    metrics: { value },
    collect: (w, { signal }) => collect((v) => w.value.set(v), signal),
  });
  return runner(made, undefined, silent, false);
}

const held = (): { wait: Promise<void>; go: () => void } => {
  let go = (): void => {};
  const wait = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { wait, go };
};

it('keeps the samples of a run that ends well', async () => {
  const outcome = await running((set) => set(7)).run({ deadline: forever });
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
  const outcome = await running((set) => {
    set(1);
    return fail();
  }).run({ deadline: forever });
  expect(outcome).toMatchObject({ status: 'failed', reason: 'no broker' });
  expect(outcome.samples).toBeUndefined();
});

it('tells unsupported from failed', async () => {
  const outcome = await running(() => unsupported('no /proc here')).run({ deadline: forever });
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
  expect(await live.run({ deadline: soon(20) })).toMatchObject({
    status: 'timeout',
    reason: expect.stringContaining('deadline'),
  });
  expect(aborted).toBe(true);
  expect(await live.run({ deadline: forever })).toMatchObject({
    status: 'busy',
    reason: expect.stringContaining('goes on'),
  });
  write(2);
  expect(live.drops.counts.get('late')).toBe(1);
  go();
  await sleep(0);
  expect(await live.run({ deadline: forever })).toMatchObject({ status: 'ok' });
  expect(calls).toBe(2);
});

it('lets those who come during a run join it, each with a deadline of its own', async () => {
  const { wait, go } = held();
  let calls = 0;
  const live = running(async (set) => {
    calls++;
    await wait;
    set(5);
  });
  const deadline = soon(20);
  const short = live.run({ deadline, left: leaving(deadline, undefined).left });
  const long = live.run({ deadline: soon(60_000) });
  expect(await short).toMatchObject({ status: 'timeout' });
  go();
  const outcome = await long;
  expect(outcome.status).toBe('ok');
  expect(outcome.samples?.columns[0]?.vals[0]).toBe(5);
  expect(calls).toBe(1);
});

it('aborts the run when the last one who waited is gone', async () => {
  const { wait, go } = held();
  const reasons: string[] = [];
  const live = running(async (_set, signal) => {
    signal.addEventListener('abort', () => reasons.push(String((signal.reason as Error).message)));
    await wait;
  });
  const [a, b] = [new AbortController(), new AbortController()];
  const runs = [
    live.run({ deadline: forever, left: leaving(forever, a.signal).left }),
    live.run({ deadline: forever, left: leaving(forever, b.signal).left }),
  ];
  a.abort();
  expect(await runs[0]).toMatchObject({ status: 'timeout' });
  expect(reasons).toEqual([]);
  b.abort();
  await runs[1];
  expect(reasons).toEqual(['nobody waits for its answer any more']);
  go();
});

it('survives a collector that fails after its deadline', async () => {
  const { wait, go } = held();
  const live = running(async () => {
    await wait;
    throw new Error('late trouble');
  });
  expect(await live.run({ deadline: soon(5) })).toMatchObject({ status: 'timeout' });
  go();
  await sleep(0);
  expect(await live.run({ deadline: forever })).toMatchObject({ status: 'failed', reason: 'late trouble' });
});
