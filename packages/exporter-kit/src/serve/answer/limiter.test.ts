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
