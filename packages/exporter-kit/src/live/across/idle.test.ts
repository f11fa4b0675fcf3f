import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joined } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Reader, type Row, rowsOf } from '../../../test/start-reader.ts';
import { counter, gauge, histogram, info, join, live, share } from '../../index.ts';
import { acrossOf } from './across.ts';
import { Member } from './folder/member.ts';
import { tidy } from './thread/threads.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() });
});
afterEach(() => {
  vi.useRealTimers();
});

const shop = (idleAfterMs = 1000) =>
  live({
    name: 'shop',
    idleAfterMs,
    span: false,
    metrics: {
      orders: counter({ name: 'orders_total', help: 'Orders.', labels: ['country'] }),
      took: histogram({ name: 'took_seconds', help: 'Took.', unit: 'seconds', labels: ['step'], buckets: [1, 2] }),
      visits: counter({ name: 'visits_total', help: 'Visits.' }),
      stock: gauge({ name: 'stock', help: 'Stock.', labels: ['item'] }),
      about: info({ name: 'build_info', help: 'Build.', labels: ['version'] }),
    },
  });
type Shop = ReturnType<typeof shop>;

/** The counts of native buckets, which come after their indices. */
const ownCounts = (side: readonly number[]): readonly number[] => side.filter((_, i) => i % 2 === 1);

/** A part of an application: where it counts, and what makes its counts known. */
interface Part {
  readonly own: Shop;
  tell(): Promise<void>;
  end(): void;
}

function forked(parent: Shop, idleAfterMs?: number): Part {
  const outside = Object.assign(new EventEmitter(), { send: () => true });
  share(parent, outside);
  const inside = Object.assign(new EventEmitter(), {
    connected: true,
    send(message: unknown, _handle: undefined, _options: undefined, sent: (error: Error | null) => void) {
      outside.emit('message', JSON.parse(JSON.stringify(message)));
      sent(null);
      return true;
    },
  });
  const own = shop(idleAfterMs);
  const { leave } = join(own, inside);
  return { own, tell: leave, end: () => outside.emit('disconnect') };
}

/** Counts in a stripe, though in this thread. What its timer does every second is done when it tells. */
function striped(parent: Shop, idleAfterMs?: number): Part {
  const own = shop(idleAfterMs);
  join(own, share(parent));
  const [across] = acrossOf('test', own);
  return {
    own,
    async tell() {
      tidy(across!.families);
    },
    end() {},
  };
}

function read({ collector }: Shop, name: string): Map<string, Row> {
  return rowsOf(collector.feed!.freeze().families.find(({ metric }) => metric.name === name)!);
}

const numbers = (rows: Map<string, Row>) => Object.fromEntries([...rows].map(([key, row]) => [key, row.numbers[0]]));

/** What a process of a folder serves. */
async function seen(parent: Shop, name: string): Promise<Map<string, Row>> {
  const [across] = acrossOf('test', parent);
  await across!.refresh();
  return read(parent, name);
}

let path = '';
beforeEach(() => {
  path = mkdtempSync(joined(tmpdir(), 'idle-folder-'));
});
afterEach(() => {
  rmSync(path, { recursive: true, force: true });
});

function foldered(parent: Shop): Part {
  new Member(acrossOf('test', parent)[0]!, path);
  const own = shop();
  const member = new Member(acrossOf('test', own)[0]!, path);
  return { own, tell: () => member.write(), end: () => member.writeLast(true) };
}

describe.each([
  ['a process', forked],
  ['a thread', striped],
])('counts of %s', (_, begin) => {
  it('are hidden when they are idle everywhere, and come back from 0, begun with the reading before', async () => {
    const parent = shop();
    const { own, tell, end } = begin(parent);
    const orders = async (afterMs: number): Promise<Map<string, Row>> => {
      await tell();
      vi.advanceTimersByTime(afterMs);
      return seen(parent, 'orders_total');
    };
    own.orders.inc({ country: 'pt' }, 5);
    parent.orders.inc({ country: 'pt' }, 2);
    own.orders.inc({ country: 'fr' });
    own.visits.inc();
    // However late it is read: nobody has seen these numbers.
    expect(numbers(await orders(5000))).toEqual({ pt: 7, fr: 1 });
    expect(numbers(await orders(999))).toEqual({ pt: 7, fr: 1 });
    parent.orders.inc({ country: 'pt' });
    expect(numbers(await orders(1))).toEqual({ pt: 8 });
    expect(numbers(await orders(1000))).toEqual({});
    expect(numbers(read(parent, 'visits_total'))).toEqual({ '': 1 });
    await orders(10);
    const last = Date.now();
    own.orders.inc({ country: 'pt' }, 3);
    expect(await orders(10)).toEqual(new Map([['pt', { numbers: [3], start: last }]]));
    own.orders.inc({ country: 'pt' }, 0.5);
    parent.orders.inc({ country: 'pt' });
    expect(numbers(await orders(10))).toEqual({ pt: 4.5 });
    await tell();
    end();
    expect(numbers(await orders(10))).toEqual({ pt: 4.5 });
    expect(numbers(await orders(1000))).toEqual({});
  });

  it('have the buckets and exemplars of what was counted since they came back', async () => {
    const parent = shop();
    const { own, tell } = begin(parent);
    const natives = async (afterMs: number): Promise<unknown> => {
      await tell();
      vi.advanceTimersByTime(afterMs);
      await seen(parent, 'took_seconds');
      const { ids, nativeOf, exemplars } = parent.collector.feed!.freeze({ natives: true }).families[1]!;
      if (ids[0] === 0) return undefined;
      const { zeroCount, positive, negative } = nativeOf!(0);
      const labels = exemplars?.flatMap((exemplar) => (exemplar === undefined ? [] : [exemplar.labels]));
      return [zeroCount, ownCounts(positive), ownCounts(negative), labels];
    };
    const id = (digit: string) => ({ trace_id: digit.repeat(32) });
    const step = { step: 'pay' };
    for (const value of [0, 1.5, 1.5, -3]) own.took.observe(step, value, id('a'));
    parent.took.observe(step, 1e9, id('b'));
    expect(await natives(10)).toEqual([1, [2, 1], [1], [id('a'), id('a'), id('b')]]);
    expect(await natives(1000)).toBeUndefined();
    own.took.observe(step, 1.5, id('c'));
    own.took.observe(step, -7);
    expect(await natives(10)).toEqual([0, [1], [1], [id('c')]]);
    expect(read(parent, 'took_seconds').get('pay')!.numbers).toEqual([1, 1, 0, -5.5]);
  });
});

describe.each([
  ['a process', forked],
  ['a thread', striped],
  ['a folder', foldered],
])('gauges of %s', (_, begin) => {
  it('are hidden when no thread or process sets them, be their value the same', async () => {
    const parent = shop();
    const { own, tell } = begin(parent);
    const stock = async (afterMs: number): Promise<unknown> => {
      await tell();
      vi.advanceTimersByTime(afterMs);
      await tell();
      return numbers(await seen(parent, 'stock'));
    };
    own.about.set({ version: '1' });
    own.stock.set({ item: 'tea' }, 4);
    parent.stock.set({ item: 'tea' }, 3);
    own.stock.set({ item: 'milk' }, 2);
    own.stock.inc({ item: 'lent' });
    expect(await stock(10)).toEqual({ tea: 7, milk: 2, lent: 1 });
    own.stock.set({ item: 'tea' }, 4);
    await stock(600);
    own.stock.set({ item: 'tea' }, 4);
    expect(await stock(600)).toEqual({ tea: 7, lent: 1 });
    expect(read(parent, 'build_info').size).toBe(0);
    expect(await stock(1000)).toEqual({ lent: 1 });
    own.stock.set({ item: 'milk' }, 2);
    own.stock.dec({ item: 'lent' });
    expect(await stock(10)).toEqual({ milk: 2, lent: 0 });
    parent.stock.set({ item: 'tea' }, 3);
    expect(await stock(10)).toEqual({ milk: 2, lent: 0, tea: 7 });
    expect(await stock(2000)).toEqual({});
  });
});

it('counts of a folder come back with what they had, whichever process is scraped', async () => {
  const parent = shop();
  const { own, tell } = foldered(parent);
  const orders = async (one: Shop, afterMs: number): Promise<unknown> => {
    await tell();
    vi.advanceTimersByTime(afterMs);
    return [...(await seen(one, 'orders_total')).values()];
  };
  const at = Date.now();
  own.orders.inc({ country: 'pt' }, 5);
  for (const one of [parent, own]) expect(await orders(one, 10)).toEqual([{ numbers: [5], start: at }]);
  expect(await orders(parent, 2000)).toEqual([]);
  own.orders.inc({ country: 'pt' });
  // This one has not been scraped meanwhile.
  for (const one of [own, parent]) expect(await orders(one, 10)).toEqual([{ numbers: [6], start: at }]);
  expect(await orders(own, 2000)).toEqual([]);
});

describe.each([
  ['a process', forked],
  ['a thread', striped],
])('series of %s that come and go', (_, begin) => {
  /** Numbers that rows have reached: what memory is made of. */
  const rowsOfAll = (...shops: readonly Shop[]): number[] =>
    shops.map((one) => Math.max(...acrossOf('test', one)[0]!.families.map(({ rows }) => rows.count)));

  it('leave their rows to others, and none of their counts is lost', async () => {
    const parent = shop();
    const { own, tell } = begin(parent);
    const [orders, took] = [new Reader(), new Reader()];
    const readAll = async (): Promise<void> => {
      await tell();
      vi.advanceTimersByTime(300);
      const [counts, observations] = parent.collector.feed!.freeze({ natives: true }).families.map(rowsOf);
      orders.read(counts!);
      took.read(observations!);
    };
    for (let i = 0; i < 400; i++) {
      // Half of them are both's, and some come back.
      for (const [key, one] of [
        [`own ${i}`, own],
        [`both ${i}`, own],
        [`both ${i}`, parent],
        [`again ${i % 20}`, own],
      ] as const) {
        one.orders.inc({ country: key }, 0.1);
        one.took.observe({ step: key }, 1.5);
      }
      await readAll();
    }
    expect(Math.max(...rowsOfAll(parent, own))).toBeLessThan(60);
    const sums = (reader: Reader, cell: number): number =>
      [...reader.sums.values()].reduce((sum, numbers) => sum + numbers[cell]!, 0);
    expect(orders.sums.size).toBe(820);
    expect(sums(orders, 0)).toBeCloseTo(160);
    expect(sums(took, 1)).toBe(1600);
    expect(sums(took, 3)).toBe(2400);
    // Nothing was above maxSeries.
    expect(orders.sums.has('__overflow__')).toBe(false);
    expect(() => parent.collector.feed!.freeze().takeRefused()).not.toThrow();
    for (let i = 0; i < 8; i++) await readAll();
    expect(read(parent, 'orders_total').size).toBe(0);
  });

  it('keep the rows of bound children, which count on', async () => {
    const parent = shop();
    const { own, tell } = begin(parent);
    const bound = own.orders.with({ country: 'pt' });
    const seenAfter = async (afterMs: number): Promise<unknown> => {
      await tell();
      vi.advanceTimersByTime(afterMs);
      await tell();
      return numbers(read(parent, 'orders_total'));
    };
    bound.inc(3);
    expect(await seenAfter(10)).toEqual({ pt: 3 });
    expect(await seenAfter(1500)).toEqual({});
    bound.inc(2);
    own.orders.inc({ country: 'pt' });
    expect(await seenAfter(10)).toEqual({ pt: 3 });
  });

  it('of gauges that are idle make room for others', async () => {
    const parent = shop();
    const { own, tell } = begin(parent);
    for (let i = 0; i < 6000; i++) {
      own.stock.set({ item: `i${i}` }, i);
      if (i % 100 > 0) continue;
      vi.advanceTimersByTime(300);
      await tell();
      expect(read(parent, 'stock').get(`i${i}`)).toMatchObject({ numbers: [i] });
    }
    expect(Math.max(...rowsOfAll(own))).toBeLessThanOrEqual(2000);
  });
});

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ what: fc.constant('count' as const), who: fc.nat(3), key: fc.nat(3), by: fc.nat(3) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ what: fc.constant('read' as const), afterMs: fc.integer({ min: 1, max: 80 }) }),
    },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('end' as const), who: fc.nat(3) }) },
  ),
  { maxLength: 60, size: 'max' },
);

it('every sum is as counted, to a reader that honours start timestamps, and every change is there for so long', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 150 }), async (history, idleAfterMs) => {
      const parent = shop(idleAfterMs);
      const begin = [() => undefined, () => forked(parent, idleAfterMs), () => forked(parent, idleAfterMs)];
      const parts: (Part | undefined)[] = [...begin.map((one) => one()), striped(parent, idleAfterMs)];
      const [orders, took] = [new Reader(), new Reader()];
      const [counted, observed] = [new Map<string, number>(), new Map<string, number[]>()];
      // By series, while it is exposed: when a reading first had its last change. Undefined: none had so far.
      const changes = new Map<string, number | undefined>();
      const readAll = async (afterMs: number): Promise<void> => {
        for (const part of parts) await part?.tell();
        vi.advanceTimersByTime(afterMs);
        const frozen = parent.collector.feed!.freeze({ natives: true }).families;
        const [rows, observations] = frozen.map(rowsOf);
        orders.read(rows!);
        took.read(observations!);
        for (const [key, at] of changes) {
          if (at === undefined) changes.set(key, Date.now());
          else if (Date.now() - at >= idleAfterMs) changes.delete(key);
        }
        expect([...rows!.keys()].sort()).toEqual([...changes.keys()].sort());
        const { ids, labelsOf, nativeOf } = frozen[1]!;
        for (const [row, id] of ids.entries()) {
          if (id === 0) continue;
          const { zeroCount, positive, negative } = nativeOf!(row);
          const total = [zeroCount, ...ownCounts(positive), ...ownCounts(negative)].reduce((sum, count) => sum + count);
          const classic = observations!.get(labelsOf(row).join())!.numbers.slice(0, -1);
          expect(total).toBe(classic.reduce((sum, count) => sum + count));
        }
      };
      for (const step of history) {
        if (step.what === 'read') {
          await readAll(step.afterMs);
        } else if (step.what === 'end') {
          await parts[step.who]?.tell();
          parts[step.who]?.end();
          if (step.who === 1 || step.who === 2) parts[step.who] = forked(parent, idleAfterMs);
        } else {
          const [key, by, { own }] = [String(step.key), step.by, parts[step.who] ?? { own: parent }];
          // One that is hidden may come back at 0, or stay hidden.
          own.orders.inc({ country: key }, by + 1);
          own.took.observe({ step: key }, by);
          changes.set(key, undefined);
          counted.set(key, (counted.get(key) ?? 0) + by + 1);
          const all = observed.get(key) ?? [0, 0, 0, 0];
          all[by <= 1 ? 0 : by <= 2 ? 1 : 2]!++;
          all[3]! += by;
          observed.set(key, all);
        }
      }
      await readAll(1);
      for (const [key, sum] of counted) expect(orders.sums.get(key) ?? [0]).toEqual([sum]);
      expect(took.sums).toEqual(observed);
    }),
    { numRuns: 60 },
  );
});
