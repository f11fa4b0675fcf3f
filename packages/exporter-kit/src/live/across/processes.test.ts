import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { counter, gauge, histogram, info, join, type Live, live, share, stateset } from '../../index.ts';
import { scrape } from '../../testing/index.ts';
import { Mirror } from './process/mirror.ts';

const metrics = {
  orders: counter({ name: 'orders_total', help: 'Orders.', labels: { country: String, paid: ['card', 'cash'] } }),
  busy: gauge({ name: 'busy', help: 'Busy.' }),
  newest: gauge({ name: 'newest', help: 'Newest.', labels: ['queue'], across: 'max' }),
  oldest: gauge({ name: 'oldest', help: 'Oldest.', across: 'min' }),
  took: histogram({ name: 'took_seconds', help: 'Took.', unit: 'seconds', labels: ['step'], buckets: [0.1, 1] }),
  about: info({ name: 'build_info', help: 'Build.', labels: ['version'] }),
  till: stateset({ name: 'till', help: 'Till.', states: ['open', 'shut'] }),
};
const shop = (maxSeries?: number): Live<typeof metrics> =>
  live({ name: 'shop', metrics, ...(maxSeries === undefined ? {} : { maxSeries }) });

/** A process that counts in `child` and was forked by the one of `parent`: messages are what JSON makes of them. */
function forked(parent: Live<typeof metrics>, child = shop()) {
  const [inside, outside] = [new EventEmitter(), Object.assign(new EventEmitter(), { send: () => true })];
  share(parent, outside);
  const forkedProcess = Object.assign(inside, {
    connected: true,
    send(message: unknown, _handle: undefined, _options: undefined, sent: (error: Error | null) => void) {
      outside.emit('message', JSON.parse(JSON.stringify(message)));
      sent(null);
      return true;
    },
  });
  const membership = join(child, forkedProcess);
  return {
    child,
    membership,
    heard: (message: unknown) => outside.emit('message', message),
    exit: () => inside.emit('exit'),
    end: () => outside.emit('disconnect'),
  };
}

/** The labels of each exemplar: by label values, and the number's place in its row. */
function exemplarsOf({ collector }: Live<typeof metrics>): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { ids, cells, exemplars = [], labelsOf } of collector.feed!.freeze().families) {
    exemplars.forEach((exemplar, at) => {
      const row = Math.floor(at / cells);
      if (exemplar !== undefined && ids[row] !== 0) found.set(`${labelsOf(row)} ${at % cells}`, exemplar.labels);
    });
  }
  return found;
}

/** The native histogram of each step. */
function nativesOf({ collector }: Live<typeof metrics>): ReadonlyMap<string, unknown> {
  const { families } = collector.feed!.freeze({ natives: true });
  const { ids, labelsOf, nativeOf } = families.find(({ metric }) => metric.kind === 'histogram')!;
  const rows = [...ids.keys()].filter((row) => ids[row] !== 0);
  return new Map(rows.map((row) => [labelsOf(row)[0]!, nativeOf!(row)]));
}

describe('processes that are joined', () => {
  it('are heard a few reports at a time, however many come at once', async () => {
    // A clock on which each report takes a millisecond.
    let clock = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const { apply } = Mirror.prototype;
    let taken = 0;
    const applied = vi.spyOn(Mirror.prototype, 'apply').mockImplementation(function (this: Mirror, report) {
      clock++;
      taken++;
      return apply.call(this, report);
    });
    onTestFinished(() => [now, applied].forEach((spy) => void spy.mockRestore()));
    const parent = shop();
    const all = Array.from({ length: 30 }, () => forked(parent));
    for (const { child, exit, end } of all) {
      child.orders.inc({ country: 'pt', paid: 'card' });
      exit();
      end();
    }
    // At the start and at the end.
    const reports = 2 * all.length;
    let most = taken;
    for (let before = taken; taken < reports; before = taken) {
      await setImmediate();
      most = Math.max(most, taken - before);
    }
    expect(most).toBeLessThanOrEqual(4);
    expect((await scrape(parent.collector)).value('orders_total', { country: 'pt', paid: 'card' })).toBe(30);
  });

  it('are heard to the last report by whoever asks', async () => {
    const parent = shop();
    const { child, exit, end } = forked(parent);
    child.orders.inc({ country: 'pt', paid: 'card' });
    exit();
    end();
    const { families } = parent.collector.feed!.freeze();
    const { vals, labelsOf } = families.find(({ metric }) => metric.name === 'orders_total')!;
    expect([labelsOf(0), vals[0]]).toEqual([['pt', 'card'], 1]);
  });

  it('are one application: counts add up, and gauges as they are declared', async () => {
    const parent = shop();
    const [one, two] = [forked(parent), forked(parent)];
    parent.orders.inc({ country: 'pt', paid: 'card' });
    [one, two].forEach(({ child, exit }, i) => {
      child.orders.inc({ country: 'pt', paid: 'card' }, 0.5);
      child.orders.inc({ country: `only-${i}`, paid: 'cash' });
      child.busy.set(2 + i);
      child.newest.set({ queue: 'in' }, 10 * i);
      child.oldest.set(10 + i);
      child.took.observe({ step: 'pay' }, 0.5);
      child.about.set({ version: '1' });
      child.till.set(i === 0 ? 'shut' : 'open');
      exit();
    });
    const { text } = await scrape(parent.collector);
    expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
      'build_info{version="1"} 1',
      'busy 5',
      'newest{queue="in"} 10',
      'oldest 10',
      'orders_total{country="pt",paid="card"} 2',
      'orders_total{country="only-0",paid="cash"} 1',
      'orders_total{country="only-1",paid="cash"} 1',
      'till{till="open"} 0',
      'till{till="shut"} 1',
      'took_seconds_bucket{step="pay",le="0.1"} 0',
      'took_seconds_bucket{step="pay",le="1.0"} 2',
      'took_seconds_bucket{step="pay",le="+Inf"} 2',
      'took_seconds_sum{step="pay"} 1',
      'took_seconds_count{step="pay"} 2',
      '',
    ]);
    one.end();
    two.end();
    const { series, value } = await scrape(parent.collector);
    expect(value('orders_total', { country: 'pt', paid: 'card' })).toBe(2);
    expect(value('took_seconds_count', { step: 'pay' })).toBe(2);
    expect(['busy', 'newest', 'oldest', 'till', 'build_info'].flatMap((name) => series(name))).toEqual([]);
  });

  it('report what JSON has no number for', async () => {
    const parent = shop();
    const { child, membership } = forked(parent);
    child.busy.set(Number.NaN);
    child.oldest.set(-Infinity);
    await membership.leave();
    const { value } = await scrape(parent.collector);
    expect([value('busy'), value('oldest')]).toEqual([Number.NaN, -Infinity]);
  });

  it('say nothing wrong by reports that are not in order', async () => {
    const parent = shop();
    const { child, heard, membership } = forked(parent);
    let shape = '';
    share(parent, Object.assign(new EventEmitter(), { send: () => true }));
    const listening = Object.assign(new EventEmitter(), {
      connected: true,
      send(message: { shape: string }) {
        shape = message.shape;
        return true;
      },
    });
    join(child, listening);
    child.orders.inc({ country: 'pt', paid: 'card' });
    await membership.leave();
    const before = (await scrape(parent.collector)).text;
    const right = { 'exporter-kit': 'live/1', name: 'shop', shape, first: false };
    const series = { family: 0, began: [], ended: [], values: [], natives: [] };
    const steps = { ...series, family: 4, began: [[0, 0, 'pay']] };
    const wrong: unknown[] = [
      ...[undefined, null, {}, [null], ['a'], [{}], [{ family: -1 }], [{ family: 0.5 }], [{ family: '0' }]],
      ...[[{ ...series, family: 99 }], [{ ...series, family: 'length' }], [{ ...series, began: undefined }]],
      ...[
        [1e9, 0, 'x', 'card'],
        [-1, 0, 'x', 'card'],
        ['0', 0, 'x', 'card'],
        [0, 0, 'x'],
        [0, -1, 'x', 'card'],
        [0, 'x', 'card'],
        [0, 1e16, 'x', 'card'],
        [0, 0, 'x', 'gold'],
        [0, 0, 5, 'card'],
        null,
        {},
      ].map((began) => [{ ...series, began: [began] }]),
      ...[
        [0, 0, 'x'.repeat(5000), 'card'],
        [0, 0, '\ud800', 'card'],
      ].map((began) => [{ ...series, began: [began] }]),
      ...[
        [0],
        [0, 0],
        [0, 0, -1],
        [0, 0, 'NaN'],
        [0, 0, null],
        [0, 1, 1],
        [0, -1, 1],
        [5, 0, 1],
        [1e9, 0, 1],
        [0, 0, '7'],
        [0, 0, 'Infinity'],
        [0.5, 0, 1],
      ].map((values) => [{ ...series, values }]),
      ...[['0'], [-1], [1.5], [null]].map((ended) => [{ ...series, ended }]),
      ...[
        null,
        [],
        [1, true, 3, 0, [], [], 2 ** -128],
        [0, true, 9, 0, [], [], 2 ** -128],
        [0, true, 3, -1, [], [], 2 ** -128],
        [0, true, 3, 0, [0.5, 1], [], 2 ** -128],
        [0, true, 3, 0, [1e9, 1], [], 2 ** -128],
        [0, true, 3, 0, [1, 1.5], [], 2 ** -128],
        [0, true, 3, 0, [1, -1], [], 2 ** -128],
        [0, true, 3, 0, [1], [], 2 ** -128],
        [0, true, 3, 0, [1, 1, 1, 1], [], 2 ** -128],
        [0, true, 3, 0, Array.from({ length: 1026 }, (_, i) => (i % 2 === 0 ? i / 2 : 1)), [], 2 ** -128],
        [0, true, 3, 0, new Array(1e4).fill(1), [], 2 ** -128],
        [0, true, 3, 0, [], { length: 2 }, 2 ** -128],
        [0, true, 3, 0, [], []],
        [0, true, 3, 0, [], [], 0.5],
      ].map((native) => [{ ...steps, natives: [native] }]),
      [{ ...steps, natives: undefined }],
      [{ ...steps, natives: {} }],
      [{ ...series, natives: [[0, true, 3, 0, [], [], 2 ** -128]] }],
      [{ ...series, exemplars: {} }],
      ...[
        null,
        [],
        [0, 0, 1, 1],
        [9, 0, 1, 1, {}],
        [0, -1, 1, 1, {}],
        [0, 3, 1, 1, {}],
        [0, 0, 'NaN', 1, {}],
        [0, 0, 1, 1e16, {}],
        [0, 0, 1, 1, null],
        [0, 0, 1, 1, { a: 1 }],
        [0, 0, 1, 1, { a: 'x'.repeat(128) }],
      ].map((exemplar) => [{ ...steps, exemplars: [exemplar] }]),
      [{ ...series, family: 1, began: [[0, 0]], exemplars: [[0, 0, 1, 1, {}]] }],
      [{ ...series, family: 4, began: [[0, 0, 'pay']], values: [0, 0, 0.5] }],
      [{ ...series, family: 4, began: [[0, 0, 'pay']], values: [0, 3, 'NaN'] }],
      [{ ...series, family: 5, began: [[0, 0, '1']], values: [0, 0, 2] }],
      [{ ...series, family: 6, began: [[0, 0]], values: [0, 0, 2] }],
    ];
    for (const families of wrong) {
      heard({ ...right, families });
      await expect(scrape(parent.collector), JSON.stringify(families)).rejects.toThrow(
        /live shop: what a worker reports is malformed/,
      );
    }
    heard({ ...right, shape: 'other', families: [] });
    await expect(scrape(parent.collector)).rejects.toThrow(/has other declarations/);
    const { text } = await scrape(parent.collector);
    expect(text.split('\n').filter((line) => line.startsWith('orders_total'))).toEqual(
      before.split('\n').filter((line) => line.startsWith('orders_total')),
    );
  });

  it('that began before anyone listened are left out', async () => {
    const [parent, child] = [shop(), shop()];
    const outside = Object.assign(new EventEmitter(), { send: () => true });
    let listens = false;
    const forkedProcess = Object.assign(new EventEmitter(), {
      connected: true,
      send(message: unknown, _handle: undefined, _options: undefined, sent: (error: Error | null) => void) {
        if (listens) outside.emit('message', message);
        sent(null);
        return true;
      },
    });
    const { leave } = join(child, forkedProcess);
    listens = true;
    share(parent, outside);
    child.busy.set(1);
    await leave();
    await expect(scrape(parent.collector)).rejects.toThrow(/before anyone listened/);
    expect((await scrape(parent.collector)).series('busy')).toEqual([]);
  });

  it('have at most maxSeries series together; sums stay right', async () => {
    const parent = shop(2);
    const workers = [forked(parent, shop(2)), forked(parent, shop(2)), forked(parent, shop(2))];
    for (const [i, { child, exit, end }] of workers.entries()) {
      for (const country of ['a', 'b', 'c']) child.orders.inc({ country: country + i, paid: 'card' });
      exit();
      if (i === 0) end();
    }
    await expect(scrape(parent.collector)).rejects.toThrow(/above the family's limit of 2 series/);
    const countries = async (): Promise<unknown[]> =>
      (await scrape(parent.collector)).series('orders_total').map(({ labels, value }) => [labels.country, value]);
    const all = [
      ['a0', 1],
      ['b0', 1],
      ['__overflow__', 7],
    ];
    expect(await countries()).toEqual(all);
    workers[1]!.end();
    expect(await countries().catch(() => countries())).toEqual(all);
  });

  it('add their native histograms up, and leave them to those that stay', async () => {
    const step = fc.record({
      who: fc.nat(2),
      value: fc.oneof(fc.double({ min: -1e30, max: 1e30, noNaN: true }), fc.double({ min: 0.1, max: 9, noNaN: true })),
      tells: fc.nat(5).map((chance) => chance === 0),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const [parent, alone] = [shop(), shop()];
        const workers = [forked(parent), forked(parent)];
        for (const { who, value, tells } of steps) {
          (workers[who]?.child ?? parent).took.observe({ step: 'pay' }, value);
          alone.took.observe({ step: 'pay' }, value);
          if (tells) await workers[who]?.membership.leave();
        }
        for (const { membership } of workers) await membership.leave();
        for (const { end } of [{ end() {} }, ...workers]) {
          end();
          expect(nativesOf(parent)).toEqual(nativesOf(alone));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('begin native histograms anew where a series was removed, and in rows that are used again', async () => {
    const parent = shop();
    const { child, membership } = forked(parent);
    const pay = child.took.with({ step: 'pay' });
    for (const value of [1, 1, 9]) pay.observe(value);
    child.took.observe({ step: 'ship' }, 5);
    await membership.leave();
    child.took.remove({ step: 'pay' });
    pay.observe(1);
    child.took.remove({ step: 'ship' });
    const pack = child.took.with({ step: 'pack' });
    await membership.leave();
    expect(nativesOf(parent)).toEqual(nativesOf(child));
    expect([...nativesOf(parent).keys()]).toEqual(['pay', 'pack']);
    pack.observe(5);
    await membership.leave();
    expect(nativesOf(parent)).toEqual(nativesOf(child));
  });

  it('never make a counter fall by how fractions are rounded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 2, maxLength: 6 }),
        async (counts) => {
          const parent = shop();
          const workers = counts.map(() => forked(parent));
          workers.forEach(({ child, exit }, i) => {
            child.orders.inc({ country: 'pt', paid: 'card' }, counts[i]);
            exit();
          });
          let last = 0;
          for (const { end } of [{ end() {} }, ...workers]) {
            end();
            const sum = (await scrape(parent.collector)).value('orders_total', { country: 'pt', paid: 'card' })!;
            expect(sum).toBeGreaterThanOrEqual(last);
            last = sum;
          }
          expect(last).toBeCloseTo(
            counts.reduce((a, b) => a + b),
            8,
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  it('show what they would show themselves, whatever they do', async () => {
    const step = fc.record({
      what: fc.constantFrom('inc', 'set', 'unset', 'with', 'observe', 'observe', 'remove', 'tell'),
      label: fc.constantFrom('a', 'b', 'c', 'd'),
      by: fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom(1e-9, 1e9)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        // Held, so that the rows of removed series stay theirs.
        const bound: unknown[] = [];
        const parent = shop();
        const { child, membership } = forked(parent);
        for (const { what, label, by } of steps) {
          if (what === 'inc') child.orders.inc({ country: label, paid: 'cash' }, Math.abs(by));
          if (what === 'set') child.newest.set({ queue: label }, by);
          if (what === 'unset') child.newest.remove({ queue: label });
          if (what === 'observe') child.took.observe({ step: label }, by, by > 0 ? { by: `${by}` } : undefined);
          if (what === 'with') bound.push(child.took.with({ step: label }));
          if (what === 'remove') child.took.remove({ step: label });
          if (what === 'tell') await membership.leave();
        }
        await membership.leave();
        const [here, there] = await Promise.all([scrape(parent.collector), scrape(child.collector)]);
        expect(here.text.split('\n').sort()).toEqual(there.text.split('\n').sort());
        expect(nativesOf(parent)).toEqual(nativesOf(child));
        expect(exemplarsOf(parent)).toEqual(exemplarsOf(child));
      }),
      { numRuns: 30 },
    );
  });
});

it('of all exemplars of a number, the newest is served, also once its process has ended', async () => {
  const now = vi.spyOn(Date, 'now').mockReturnValue(1000);
  const parent = shop();
  const [one, two] = [forked(parent), forked(parent)];
  const seen = (): unknown[] => [...exemplarsOf(parent).values()];
  const count = ({ orders }: Live<typeof metrics>, id: string): void => {
    now.mockReturnValue(Date.now() + 1000);
    orders.inc({ country: 'pt', paid: 'card' }, 1, { id });
  };
  count(one.child, 'a');
  count(two.child, 'b');
  await one.membership.leave();
  expect(seen()).toEqual([{ id: 'a' }]);
  await two.membership.leave();
  expect(seen()).toEqual([{ id: 'b' }]);
  count(parent, 'c');
  expect(seen()).toEqual([{ id: 'c' }]);
  count(one.child, 'd');
  await one.membership.leave();
  expect(seen()).toEqual([{ id: 'd' }]);
  one.end();
  two.end();
  expect(seen()).toEqual([{ id: 'd' }]);
  count(parent, 'e');
  expect(seen()).toEqual([{ id: 'e' }]);
  now.mockRestore();
});

it('a series of several processes began when the first of them did', async () => {
  const parent = shop();
  const { child, exit, end } = forked(parent);
  const starts = (): number[] => {
    const frozen = parent.collector.feed!.freeze().families[0]!;
    return Array.from(frozen.ids.keys(), (row) => (frozen.ids[row] === 0 ? Number.NaN : frozen.starts![row]!));
  };
  const now = vi.spyOn(Date, 'now').mockReturnValue(1000);
  child.orders.inc({ country: 'pt', paid: 'card' });
  now.mockReturnValue(2000);
  exit();
  parent.orders.inc({ country: 'pt', paid: 'card' });
  parent.orders.inc({ country: 'es', paid: 'card' });
  expect(starts()).toEqual([1000, 2000]);
  end();
  expect(starts()).toEqual([1000, 2000]);
  now.mockRestore();
});
