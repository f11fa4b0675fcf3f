import { until } from 'test-servers';
import { describe, expect, it, vi } from 'vitest';
import { collector, gauge } from '../../src/index.ts';
import { get, valueIn } from '../get.ts';
import { later } from '../later.ts';
import { ask, counting, heard, serving, waiting } from '../serving.ts';

const TIMEOUT = 'x-prometheus-scrape-timeout-seconds';

/** For how many milliseconds a collector may run. Time stands still but for this, so that the answer is exact. */
async function timeGiven(header: string | undefined, options: Parameters<typeof serving>[1]): Promise<number> {
  const started = later<AbortSignal>();
  const heeding = collector({
    name: 'heeding',
    metrics: {},
    async collect(_w, { signal }) {
      started.resolve(signal);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const url = await serving([heeding], options);
    const answer = get(url, header === undefined ? {} : { [TIMEOUT]: header });
    const signal = await started.promise;
    let ms = 0;
    for (; !signal.aborted && ms < 2000; ms++) vi.advanceTimersByTime(1);
    expect((await answer).status).toBe(500);
    return ms;
  } finally {
    vi.useRealTimers();
  }
}

describe('the deadline', () => {
  it('is what the scraper says less an offset', async () => {
    expect(await timeGiven('1.0', {})).toBe(500);
    expect(await timeGiven('0.8', { timeoutOffsetMs: 100 })).toBe(700);
  });

  it('is never below half of what the scraper says', async () => {
    expect(await timeGiven('0.4', { timeoutOffsetMs: 1000 })).toBe(200);
  });

  it('is never above a limit', async () => {
    expect(await timeGiven('1e9', { maxTimeoutMs: 50 })).toBe(50);
  });

  it.each(['', '0', '-1', 'NaN', 'Infinity', '1e999', 'ten', '1s', '1,5', '1 2', undefined])(
    'is the usual one for the header %j',
    async (header) => {
      expect(await timeGiven(header, { defaultTimeoutMs: 30 })).toBe(30);
    },
  );

  it("can be a collector's own", async () => {
    const slow = waiting('slow', { timeoutMs: 50 });
    const { log, said } = heard();
    const url = await serving([slow.made, counting('fast').made], { log });
    const { status, text } = await get(url, { [TIMEOUT]: '60' });
    expect(status).toBe(200);
    expect(valueIn(text, 'test_scrape_collector_success{collector="slow"}')).toBe(0);
    expect(valueIn(text, 'fast_value')).toBe(1);
    expect(said.find(({ level }) => level === 'error')?.facts.reason).toBe('did not end within its own limit');
    slow.go();
  });
});

it('lets writes after the deadline go nowhere, and counts them', async () => {
  const value = gauge({ name: 'value', help: 'x', labels: ['when'] });
  const ends = { count: 0 };
  const late = collector({
    name: 'late',
    metrics: { value },
    async collect({ value: writer }, { signal }) {
      writer.set({ when: 'early' }, 1);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      writer.set({ when: 'late' }, 1);
      ends.count++;
    },
  });
  const url = await serving([late, counting('other').made], { defaultTimeoutMs: 20 });
  for (let scrape = 1; scrape <= 3; scrape++) {
    const { status, text } = await get(url);
    expect(status).toBe(200);
    expect(text).not.toMatch(/^value/m);
    expect(valueIn(text, 'test_scrape_collector_success{collector="late"}')).toBe(0);
    await until('its end', async () => ends.count === scrape || undefined, 50_000);
  }
  expect(await ask(url, 'test_scrape_collector_dropped_samples_total{collector="late",reason="late"}')).toBe(3);
});

describe('a collector that ignores its signal', () => {
  it('is not started again before it ends; the log says so once, the metrics always', async () => {
    const stuck = waiting('stuck');
    const { log, said } = heard();
    const url = await serving([stuck.made, counting('other').made], { defaultTimeoutMs: 20, log });
    const overdue = 'test_scrape_collector_overdue_seconds{collector="stuck"}';
    const told = () => said.filter(({ message }) => message.includes('ignores its signal'));

    expect(valueIn((await get(url)).text, 'test_scrape_collector_success{collector="stuck"}')).toBe(0);
    let before = 0;
    for (let scrape = 1; scrape <= 6; scrape++) {
      const { status, text } = await get(url);
      expect(status).toBe(200);
      expect(valueIn(text, 'test_scrape_collector_success{collector="stuck"}')).toBe(0);
      expect(valueIn(text, overdue)).toBeGreaterThan(before);
      before = valueIn(text, overdue)!;
      expect(told().length).toBe(scrape < 3 ? 0 : 1);
    }
    expect(stuck.runs.count).toBe(1);
    expect(told()[0]).toMatchObject({ level: 'error', facts: { collector: 'stuck', scrapes: 3 } });

    stuck.go();
    const healed = async (): Promise<string | undefined> => {
      const { text } = await get(url);
      return valueIn(text, 'test_scrape_collector_success{collector="stuck"}') === 1 ? text : undefined;
    };
    const text = await until('its success', healed, 50_000);
    expect(valueIn(text, 'stuck_value')).toBe(2);
    expect(valueIn(text, overdue)).toBeUndefined();
    expect(stuck.runs.count).toBe(2);
  });
});
