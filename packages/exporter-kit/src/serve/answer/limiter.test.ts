import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { limiter } from './limiter.ts';

const { signal } = new AbortController();
const soon = (): number => performance.now() + 20;
const later = (): number => performance.now() + 60_000;

async function entered(result: ReturnType<ReturnType<typeof limiter>>): Promise<() => void> {
  const leave = await result;
  if (typeof leave === 'string') throw new Error(leave);
  return leave;
}

it('lets those who wait in by order of arrival, one for each who leaves', async () => {
  const enter = limiter({ total: 2 });
  const order: string[] = [];
  const come = async (key: string): Promise<() => void> => {
    const leave = await entered(enter({ key, until: later(), signal }));
    order.push(key);
    return leave;
  };
  const [a, b] = [await come('a'), await come('b')];
  const [c, d] = [come('c'), come('d')];
  expect(order).toEqual(['a', 'b']);
  a();
  const leaveC = await c;
  expect(order).toEqual(['a', 'b', 'c']);
  b();
  (await d)();
  leaveC();
  expect(order).toEqual(['a', 'b', 'c', 'd']);
  await Promise.all([come('e'), come('f')]);
});

it('refuses whoever has waited long enough or is gone, and keeps no place for them', async () => {
  const enter = limiter({ total: 1 });
  const leave = await entered(enter({ key: 'a', until: later(), signal }));
  expect(await enter({ key: 'b', until: soon(), signal })).toBe('total');
  const gone = new AbortController();
  const waits = enter({ key: 'c', until: later(), signal: gone.signal });
  gone.abort();
  expect(await waits).toBe('total');
  leave();
  expect(await enter({ key: 'd', until: soon(), signal })).toBeTypeOf('function');
});

it('counts those who wait for their key', async () => {
  const enter = limiter({ total: 1, perKey: 2 });
  const leave = await entered(enter({ key: 'a', until: later(), signal }));
  const second = enter({ key: 'a', until: later(), signal });
  expect(await enter({ key: 'a', until: later(), signal })).toBe('perKey');
  leave();
  (await entered(second))();
  expect(await enter({ key: 'a', until: later(), signal })).toBeTypeOf('function');
});

it('refuses the 1001st who would wait', async () => {
  const enter = limiter({ total: 1 });
  const leave = await entered(enter({ key: 'a', until: later(), signal }));
  const clients = Array.from({ length: 1000 }, () => new AbortController());
  const waiting = clients.map((client, i) => enter({ key: `${i}`, until: later(), signal: client.signal }));
  expect(await enter({ key: 'b', until: later(), signal })).toBe('total');
  for (const client of clients) client.abort();
  await Promise.all(waiting);
  leave();
});

/** Takes the event loop's whole time until it returns. */
function work(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

it('lets only a few in while the process has no rest, and all it may as soon as it has', async () => {
  const enter = limiter({ total: 100 });
  let inside = 0;
  const coming = Array.from({ length: 120 }, async () => {
    const leave = await entered(enter({ key: '', until: later(), signal }));
    inside++;
    return leave;
  });
  for (let turn = 0; turn < 20; turn++) {
    work(5);
    await setImmediate();
  }
  expect(inside).toBe(16);
  const leaves = await Promise.all(coming.slice(0, 100));
  expect(inside).toBe(100);
  leaves[0]!();
  const late = await Promise.all([...coming.slice(100, 101)]);
  expect(inside).toBe(101);
  for (const leave of [...leaves.slice(1), ...late]) leave();
  for (const one of coming.slice(101)) (await one)();
});

it('lets those for whom there is a place wait longer, while the process has no rest', async () => {
  const enter = limiter({ total: 20 });
  const until = performance.now() + 600;
  const results = Array.from({ length: 30 }, () => enter({ key: '', until, signal }));
  const leaves = await Promise.all(results.slice(0, 16).map(entered));
  let refused = 0;
  for (const one of results.slice(16)) void one.then((result) => typeof result === 'string' && refused++);
  while (performance.now() < until + 20) {
    work(5);
    await setImmediate();
  }
  // Not even those for whom there is none: they are let in by who leaves.
  expect(refused).toBe(0);
  leaves[0]!();
  expect(await results[16]).toBeTypeOf('function');
  while (performance.now() < until + 80) {
    work(5);
    await setImmediate();
  }
  // The process may have had rest for a moment, and let in as many as there are places.
  const outcomes = await Promise.all(results);
  expect(outcomes.filter((one) => one === 'total').length).toBeGreaterThanOrEqual(9);
});
