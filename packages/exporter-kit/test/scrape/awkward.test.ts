import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { collector, gauge } from '../../src/index.ts';
import { get, samplesOf, scraper, valueIn } from '../get.ts';
import { serving, waiting } from '../serving.ts';
import { raw } from '../web/ask.ts';

it('several Accept lines are one', async () => {
  const url = await serving([]);
  const request = `GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: text/plain;q=0.2\r\nAccept: ${scraper.accept.split(',')[0]}\r\n\r\n`;
  expect(await raw(url, request)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Content-Type: application\/openmetrics-text/is);
});

// Label sets that are one to who joins names and values by a character of his choice.
const sets = [
  ['1,b:2', ''],
  ['1', '2'],
  ['1|b:2', '|'],
  ['1"', ',b="2'],
  ['a\\', 'n'],
  ['a', '\\n'],
  ['a\n', 'n'],
  ['', ',b:'],
  ['\0', ''],
] as const;
it.each(['text/plain', scraper.accept])(
  'label sets that a careless key takes for one are several, as %s',
  async (accept) => {
    const pairs = gauge({ name: 'pairs', help: 'x', labels: ['a', 'b'] });
    const written = collector({
      name: 'pairs',
      metrics: { pairs },
      collect: (write) => sets.forEach(([a, b], i) => void write.pairs.set({ a, b }, i)),
    });
    const url = await serving([written]);
    for (let scrape = 0; scrape < 3; scrape++) {
      const { text } = await get(url, { accept });
      expect(new Set(samplesOf(text, 'pairs{').map((line) => line.split(' ').at(-1)))).toEqual(
        new Set(sets.map((_, i) => (accept === 'text/plain' ? `${i}` : expect.stringMatching(`^${i}(\\.0)?$`)))),
      );
    }
  },
);

describe('time', () => {
  it.each(['1970-01-02', '2100-01-01'])('that jumps to %s changes no deadline and no duration', async (date) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const slow = waiting('slow');
    const url = await serving([slow.made]);
    const answer = get(url, { 'x-prometheus-scrape-timeout-seconds': '30' });
    await slow.started;
    vi.setSystemTime(new Date(date));
    slow.go();
    const { text } = await answer;
    expect(valueIn(text, 'test_scrape_collector_success{collector="slow"}')).toBe(1);
    const took = valueIn(text, 'test_scrape_collector_duration_seconds{collector="slow"}')!;
    expect(took).toBeGreaterThanOrEqual(0);
    expect(took).toBeLessThan(30);
    expect((await get(url)).status).toBe(200);
  });

  it('that a collector takes from all others is told as its own, and they are served', async () => {
    const greedy = collector({
      name: 'greedy',
      metrics: { done: gauge({ name: 'done', help: 'x' }) },
      collect({ done }) {
        const until = performance.now() + 300;
        while (performance.now() < until);
        done.set(1);
      },
    });
    const url = await serving([greedy]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(url)));
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(valueIn(text, 'test_scrape_collector_duration_seconds{collector="greedy"}')).toBeGreaterThanOrEqual(0.3);
    }
  });
});
