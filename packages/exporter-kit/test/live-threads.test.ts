import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { until } from 'test-servers';
import { afterEach, expect, it } from 'vitest';
import { counter, gauge, histogram, info, join, live, share } from '../src/index.ts';
import { scrape } from '../src/testing/index.ts';

const program = new URL('programs/thread-shop.mjs', import.meta.url);

// As the program has it.
const declare = (maxSeries?: number) =>
  live({
    name: 'shop',
    metrics: {
      orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
      visits: counter({ name: 'shop_visits_total', help: 'Visits.' }),
      busy: gauge({ name: 'shop_busy', help: 'Checkouts under way.' }),
      open: gauge({ name: 'shop_open', help: 'Open.', labels: ['id'], across: 'max' }),
      took: histogram({ name: 'shop_took_seconds', help: 'Time to check out.', unit: 'seconds', buckets: [1] }),
      about: info({ name: 'shop_build_info', help: 'The build.', labels: ['version'] }),
    },
    ...(maxSeries === undefined ? {} : { maxSeries }),
  });
type Shop = ReturnType<typeof declare>;

interface Answer {
  readonly done?: string;
  readonly error?: string;
  readonly inner?: Answer;
}

class Thread {
  static readonly all: Thread[] = [];
  readonly worker: Worker;
  constructor(shared: unknown, more: object = {}) {
    this.worker = new Worker(program, { workerData: { shared, more } });
    this.worker.on('error', () => {});
    Thread.all.push(this);
  }
  async do(what: string, order: object = {}): Promise<Answer> {
    this.worker.postMessage({ do: what, ...order });
    return this.#answer(({ done }) => done === what);
  }
  /** In the thread that it has started. */
  async inner(what: string, order: object = {}): Promise<void> {
    this.worker.postMessage({ do: 'inner', order: { do: what, ...order } });
    await this.#answer(({ inner }) => inner?.done === what);
  }
  async end(how?: string): Promise<void> {
    // Not `once`, which rejects when the thread throws.
    const exit = new Promise((resolve) => this.worker.once('exit', resolve));
    if (how === undefined) await this.worker.terminate();
    else this.worker.postMessage({ do: how });
    await exit;
  }
  async #answer(isIt: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const [answer] = (await once(this.worker, 'message')) as [Answer];
      if (answer.error !== undefined || isIt(answer)) return answer;
    }
  }
}

afterEach(async () => {
  await Promise.all(Thread.all.splice(0).map(({ worker }) => worker.terminate()));
});

const country = 'pt';

/** Scrapes until `done`, and returns what has fallen. */
async function falls({ collector }: Shop, done: Promise<unknown>): Promise<string[]> {
  let isDone = false;
  void done.finally(() => {
    isDone = true;
  });
  const found: string[] = [];
  let last = new Map<string, number>();
  for (let scrapes = 0; !isDone || scrapes < 3; scrapes++) {
    // A scrape alone never gives way to messages of threads.
    await setImmediate();
    const { families } = await scrape(collector);
    const now = new Map<string, number>();
    for (const { kind, samples } of families.values()) {
      if (kind === 'gauge' || kind === 'info') continue;
      for (const { name, labels, value } of samples) now.set(name + JSON.stringify(labels), value);
    }
    for (const [series, before] of last) if (!((now.get(series) ?? -1) >= before)) found.push(`${series} ${before}`);
    last = now;
  }
  return found;
}

it('counts in threads at once, while it is scraped: sums are exact, fractions too, and stay when threads end', async () => {
  const shop = declare();
  const shared = share(shop);
  expect(share(shop)).toEqual(shared);
  const work = async (i: number): Promise<void> => {
    const thread = new Thread(shared);
    // Counted before it joins.
    await thread.do('count', { times: 100, by: 0.5 });
    expect(await thread.do('join')).toEqual({ done: 'join' });
    expect(await thread.do('join')).toEqual({ done: 'join' });
    await thread.do('count', { times: 20_000, by: 0.125 });
    await thread.do('count', { times: 200, by: 0, country: `only-${i}` });
    await thread.do('count', { times: 200, by: 0, country: 'all' });
    await thread.end(['end', 'exit', 'throw', undefined][i]);
  };
  shop.orders.inc({ country }, 2);
  const found = await falls(shop, Promise.all([0, 1, 2, 3].map(work)));
  expect(found).toEqual([]);
  const { value, series } = await scrape(shop.collector);
  const sum = 4 * (100 * 0.5 + 20_000 * 0.125);
  expect(value('shop_orders_total', { country })).toBe(sum + 2);
  expect(value('shop_visits_total')).toBe(sum);
  const observed = 4 * (7 + 1250 + 13 + 13);
  expect(value('shop_took_seconds_count')).toBe(observed);
  expect(value('shop_took_seconds_sum')).toBe(observed / 4);
  expect(series('shop_orders_total').length).toBe(1 + 5 * 200);
  expect(value('shop_orders_total', { country: 'all-7' })).toBe(4);
});

it('adds native histograms of threads up, while they count and after', async () => {
  const [shop, alone] = [declare(), declare()];
  const shared = share(shop);
  const native = ({ collector }: Shop) => {
    const { families } = collector.feed!.freeze({ natives: true });
    return families.find(({ metric }) => metric.kind === 'histogram')!.nativeOf!(0);
  };
  const total = ({ zeroCount, positive, negative }: ReturnType<typeof native>): number =>
    [...positive, ...negative].filter((_, i) => i % 2 === 1).reduce((sum, count) => sum + count, zeroCount);
  // From small ones to large ones, so that resolutions are halved again and again.
  const values = (seed: number): number[] =>
    Array.from({ length: 30_000 }, (_, i) => ((i * 7919 + seed) % 17 === 0 ? 0 : (i % 5 === 0 ? -1 : 1) * 1.0009 ** i));
  const threads = [1, 2].map(() => new Thread(shared));
  for (const thread of threads) await thread.do('join');
  let isDone = false;
  const counted = Promise.all(threads.map((thread, i) => thread.do('observe', { values: values(i) }))).finally(() => {
    isDone = true;
  });
  let last = 0;
  while (!isDone) {
    await setImmediate();
    const now = total(native(shop));
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
  await counted;
  shop.took.observe(3);
  for (const value of [3, ...values(0), ...values(1)]) alone.took.observe(value);
  expect(native(shop)).toEqual(native(alone));
  for (const thread of threads) await thread.end();
  expect(native(shop)).toEqual(native(alone));
  // In a stripe that was used before.
  const next = new Thread(shared);
  await next.do('observe', { values: [5, -5] });
  await next.do('join');
  await next.do('observe', { values: [0, 1e-9] });
  for (const value of [5, -5, 0, 1e-9]) alone.took.observe(value);
  expect(native(shop)).toEqual(native(alone));
});

it('serves the newest exemplars of all threads by the ids of trace and span, also of one that has ended', async () => {
  const shop = declare();
  const shared = share(shop);
  const seen = (): unknown[] => {
    const { families } = shop.collector.feed!.freeze();
    return families.flatMap(({ exemplars = [], cells }) =>
      exemplars.flatMap((one, at) => (one === undefined ? [] : [[at % cells, one.value, one.labels]])),
    );
  };
  const ids = (digit: string) => ({ trace_id: digit.repeat(32), span_id: digit.repeat(16) });
  const [one, two] = [new Thread(shared), new Thread(shared)];
  await one.do('exemplar', { by: 0.25, labels: ids('9') });
  await one.do('join');
  expect(seen()).toEqual([
    [0, 0.25, ids('9')],
    [0, 0.25, ids('9')],
  ]);
  await two.do('join');
  await two.do('exemplar', { by: 3, labels: { ...ids('f'), more: 'than fits' } });
  expect(seen()).toEqual([
    [0, 3, ids('f')],
    [0, 0.25, ids('9')],
    [1, 3, ids('f')],
  ]);
  await two.end();
  expect(seen()).toEqual([
    [0, 3, ids('f')],
    [0, 0.25, ids('9')],
    [1, 3, ids('f')],
  ]);
  await one.do('exemplar', { by: 2, labels: { order: '7' } });
  expect(seen()[0]).toEqual([0, 3, ids('f')]);
  // The stripe of the one that has ended.
  const next = new Thread(shared);
  await next.do('join');
  await next.do('count', { times: 1, by: 1 });
  expect(seen()[0]).toEqual([0, 3, ids('f')]);
  const { trace_id: traceId, span_id: spanId } = ids('5');
  await next.do('trace', { span: { traceId, spanId } });
  await until(
    'the active span is found',
    async () => {
      await next.do('count', { times: 1, by: 4 });
      return JSON.stringify(seen()[0]) === JSON.stringify([0, 4, ids('5')]) || undefined;
    },
    50_000,
  );
  // Again and again, without anybody telling the thread.
  await next.do('trace', { span: { traceId: ids('6').trace_id, spanId } });
  await until(
    'a later span is found',
    async () => {
      await next.do('count', { times: 1, by: 5 });
      return JSON.stringify(seen()[0]).includes(ids('6').trace_id) || undefined;
    },
    50_000,
  );
});

it('joins gauges as they are declared, without those of ended threads; stripes are used again', async () => {
  const shop = declare();
  const shared = share(shop);
  shop.open.set({ id: 'a' }, -3);
  const values = async (): Promise<unknown[]> => {
    const { value } = await scrape(shop.collector);
    return [value('shop_busy'), value('shop_open', { id: 'a' }), value('shop_open', { id: 'b' })];
  };
  const [one, two] = [new Thread(shared), new Thread(shared)];
  for (const [i, thread] of [one, two].entries()) {
    await thread.do('join');
    expect((await scrape(shop.collector)).value('shop_busy')).toBe([undefined, 1][i]);
    await thread.do('set', { busy: 2 ** i, open: ['a', 'b'] });
  }
  expect(await values()).toEqual([3, 2, 2]);
  await one.do('remove', { open: 'b' });
  await two.do('set', { busy: 0, open: [] });
  expect(await values()).toEqual([1, 2, 2]);
  await two.do('churn', { times: 5000 });
  expect(await values()).toEqual([1, 2, 2]);
  await two.end();
  expect(await values()).toEqual([1, 1, undefined]);
  await one.end('throw');
  expect(await values()).toEqual([undefined, -3, undefined]);
  for (let round = 0; round < 3; round++) {
    const next = new Thread(shared);
    await next.do('join');
    await next.do('count', { times: 1, by: 1, country: `round-${round}` });
    await next.do('set', { busy: round });
    expect((await values())[0]).toBe(round);
    await next.end();
  }
  const { value, series } = await scrape(shop.collector);
  expect(value('shop_orders_total', { country })).toBe(3);
  expect(series('shop_orders_total').length).toBe(4);
});

it('counts in threads of threads, which end with the one that started them', async () => {
  const shop = declare();
  const outer = new Thread(share(shop));
  await outer.do('join');
  await outer.do('start');
  await outer.inner('join');
  await outer.inner('count', { times: 3, by: 2 });
  await outer.inner('set', { busy: 5 });
  await outer.do('set', { busy: 1 });
  const seen = async (): Promise<unknown[]> => {
    const { value } = await scrape(shop.collector);
    return [value('shop_orders_total', { country }), value('shop_busy')];
  };
  expect(await seen()).toEqual([6, 6]);
  await outer.do('stopInner');
  await until('the inner thread is gone', async () => ((await seen())[1] === 1 ? true : undefined), 50_000);
  await outer.do('start');
  await outer.inner('join');
  await outer.inner('count', { times: 1, by: 1 });
  await outer.inner('set', { busy: 7 });
  expect(await seen()).toEqual([7, 8]);
  await outer.end();
  expect(await seen()).toEqual([7, undefined]);
});

it('keeps sums right when the memory is full', async () => {
  const shop = declare(100_000);
  const threads = [0, 1].map(() => new Thread(share(shop, { maxBytes: 2 ** 20 }), { maxSeries: 100_000 }));
  for (const thread of threads) expect(await thread.do('join')).toEqual({ done: 'join' });
  await Promise.all(threads.map((thread, i) => thread.do('count', { times: 10_000, by: 0, country: `full-${i}` })));
  const series = (await scrape(shop.collector)).series('shop_orders_total');
  expect(series.length).toBeLessThan(20_000);
  expect(series.find(({ labels }) => labels.country === '__overflow__')?.value).toBeGreaterThan(1000);
  expect(series.reduce((sum, { value }) => sum + value, 0)).toBe(20_000);
  for (const thread of threads) await thread.end();
  const { value } = await scrape(shop.collector);
  expect(value('shop_orders_total', { country: '__overflow__' })).toBeGreaterThan(1000);
});

it('refuses threads of other declarations, and what was not shared', async () => {
  const shop = declare();
  const shared = share(shop);
  const other = new Thread(shared, { maxSeries: 3 });
  expect((await other.do('join')).error).toBe(
    'TypeError: join: live shop has other declarations, maxSeries or tune here than where share() was called; make both by the same module.',
  );
  const mail = live({ name: 'mail', metrics: { sent: counter({ name: 'sent_total', help: 'Sent.' }) } });
  expect(() => join(mail, shared)).toThrow('live mail was not shared; add it to the list');
  expect(() => join(declare(), shared)).not.toThrow();
  for (const wrong of [undefined, null, {}, 7]) {
    expect(() => join(shop, wrong as never)).toThrow('expected what share() returned');
    expect(() => share(wrong as never)).toThrow('expected what live() returned');
  }
  expect(() => share(shop, { maxBytes: 7 })).toThrow('maxBytes must be a whole number');
  const elsewhere = declare();
  share(elsewhere);
  expect(() => join(elsewhere, shared)).toThrow('is shared by this thread, or has joined another');
});
