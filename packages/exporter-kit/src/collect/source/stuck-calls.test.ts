import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { gauge } from '../../metric/declare.ts';
import { type Logger, silent } from '../context.ts';
import { systemResolve } from '../resolve.ts';
import { sourceLog } from '../scrape/scrape-log.ts';
import { type Answer, type LiveTarget, liveTarget } from './live-target.ts';
import { source } from './source.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;
const up = gauge({ name: 'thing_up', help: 'Whether it answered.' });
const never = (): Promise<never> => new Promise(() => {});
type Calls = { open?: () => unknown; read?: () => unknown; close?: () => unknown };

/** A target of a source whose functions ignore their signals, and how often each was called. */
function target(own: Calls, log: Logger = silent) {
  const calls = { open: 0, read: 0, close: 0 };
  const current: Calls = { ...own };
  const call = (name: keyof Calls) => async () => {
    calls[name]++;
    return current[name]?.();
  };
  const thing = source({ name: 'thing', up, open: call('open'), read: call('read'), close: call('close') });
  const live = liveTarget(thing, { settings: {}, config: undefined }, { log, resolve: systemResolve });
  return { live, calls, set: (next: Calls) => void Object.assign(current, next) };
}

/** One scrape, which waits for a second. */
async function scrape(live: LiveTarget): Promise<Answer> {
  const waiter = live.join(performance.now() + 1000);
  const answered = waiter.done;
  await vi.advanceTimersByTimeAsync(1100);
  const answer = await answered;
  if (answer.up) answer.release();
  return answer;
}

/** Scrapes every 15 s, for some minutes; returns the minutes after which something was called. */
async function minutesOf(live: LiveTarget, count: () => number, minutes: number): Promise<number[]> {
  const at: number[] = [];
  const start = performance.now();
  while (performance.now() - start < minutes * MINUTE) {
    const before = count();
    const from = performance.now() - start;
    expect((await scrape(live)).up).toBe(false);
    if (count() > before) at.push(Math.floor(from / MINUTE));
    await vi.advanceTimersByTimeAsync(13_900);
  }
  return at;
}

it('answers at the deadline while read never ends, and asks again after 1, 2, 4 … minutes, at most an hour', async () => {
  const { live, calls } = target({ read: never });
  expect(await minutesOf(live, () => calls.read, 250)).toEqual([0, 1, 3, 7, 16, 32, 64, 124, 185, 245]);
  expect(calls).toEqual({ open: 10, read: 10, close: 10 });
  const waiting = await scrape(live);
  expect(waiting).toMatchObject({
    up: false,
    stage: 'read',
    isStuck: true,
    reason: expect.stringContaining('deadline'),
  });
  expect((waiting as { nextTryMs: number }).nextTryMs).toBeGreaterThan(MINUTE);
  expect(live.state().status).toBe('waiting');
});

it('is up again a minute after a read that never ends, and is not held up by it any more', async () => {
  const { live, set } = target({ read: never });
  await scrape(live);
  set({ read: () => 'fine' });
  expect(await scrape(live)).toMatchObject({ up: false, isStuck: true });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(await scrape(live)).toMatchObject({ up: true, reading: 'fine' });
  expect(await scrape(live)).toMatchObject({ up: true });
});

it.each([
  ['a value', (settle: (value: unknown) => void) => settle('late')],
  ['an error', (settle: (value: unknown) => void) => settle(Promise.reject(new Error('late')))],
  ['undefined thrown', (settle: (value: unknown) => void) => settle(Promise.reject(undefined))],
])('is up again as soon as a stuck read ends, with %s', async (_, end) => {
  let settle = (_: unknown): void => {};
  const { live, set, calls } = target({ read: () => new Promise((resolve) => (settle = resolve)) });
  await scrape(live);
  await scrape(live);
  expect(calls.read).toBe(1);
  set({ read: () => 'fine' });
  end(settle);
  await vi.advanceTimersByTimeAsync(1);
  expect(await scrape(live)).toMatchObject({ up: true, reading: 'fine' });
});

it('opens again after 1, 2, 4 … minutes while open never ends, and closes each client that comes after all', async () => {
  const late: ((client: unknown) => void)[] = [];
  const { live, calls, set } = target({ open: () => new Promise((resolve) => late.push(resolve)) });
  // Each call has 30 s until it is given up.
  expect(await minutesOf(live, () => calls.open, 20)).toEqual([0, 1, 4, 8, 17]);
  set({ open: () => 'a client' });
  await vi.advanceTimersByTimeAsync(30 * MINUTE);
  expect(await scrape(live)).toMatchObject({ up: true, client: 'a client' });
  for (const resolve of late) resolve('too late');
  await vi.advanceTimersByTimeAsync(1);
  expect(calls.close).toBe(5);
  expect(await scrape(live)).toMatchObject({ up: true, client: 'a client' });
  expect(calls.open).toBe(6);
});

it.each([
  ['never ends', never],
  ['throws nothing', () => Promise.reject(undefined)],
  ['throws a text', () => Promise.reject('closed')],
  ['throws a promise', () => Promise.reject(Promise.reject(new Error('closed')).catch(() => {}))],
  [
    'returns what throws when it is awaited',
    () =>
      Object.defineProperty({}, 'then', {
        get() {
          throw new Error('closed');
        },
      }),
  ],
])('opens another client while close %s', async (_, close) => {
  const { live, set, calls } = target({ close });
  await scrape(live);
  let reads = 0;
  set({ read: () => (reads++ === 0 ? Promise.reject(new Error('reset')) : 'fine') });
  expect(await scrape(live)).toMatchObject({ up: true, reading: 'fine' });
  expect(calls).toEqual({ open: 2, read: 3, close: 1 });
  const retired = live.retire();
  await vi.advanceTimersByTimeAsync(5000);
  await retired;
});

it('opens no more than a few clients while none of them closes', async () => {
  const { live, calls, set } = target({ close: never, read: () => Promise.reject(new Error('reset')) });
  expect(await minutesOf(live, () => calls.open, 10)).toEqual([0, 0, 0, 0, 2, 4, 8]);
  set({ read: () => 'fine' });
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(await scrape(live)).toMatchObject({ up: true });
});

it('is one line in the log, and one when it is up again', async () => {
  const lines: string[] = [];
  const write = (facts: object, text: string) => void lines.push(`${text} ${JSON.stringify(facts)}`);
  const tell = sourceLog({ ...silent, error: write, warn: write, info: write });
  const { live, set } = target({ read: never });
  const told = async () => tell([{ target: live, answer: await scrape(live) }]);
  for (let i = 0; i < 8; i++) await told();
  expect(lines).toEqual([expect.stringMatching(/^source is down .*"stage":"read","reason":"did not answer/)]);
  set({ read: () => 'fine' });
  await vi.advanceTimersByTimeAsync(MINUTE);
  await told();
  expect(lines.slice(1)).toEqual([expect.stringMatching(/^source is up again .*"failures":8/)]);
});

it('waits for none of them at the end for longer than 5 s', async () => {
  for (const calls of [{ read: never }, { open: never }, { close: never }, { read: never, close: never }]) {
    const { live } = target(calls);
    await scrape(live);
    const retired = live.retire();
    await vi.advanceTimersByTimeAsync(5000);
    await retired;
  }
});
