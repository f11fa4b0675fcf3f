import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { collector } from '../../collect/collector.ts';
import { exporter } from '../../collect/exporter.ts';
import { type Gatherer, gatherer } from '../../collect/scrape/gather.ts';
import { gauge } from '../../metric/declare.ts';
import { history } from './history.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const beat = collector({
  name: 'beat',
  metrics: { beats: gauge({ name: 'beats', help: 'Beats.' }) },
  collect({ beats }) {
    beats.set(1);
  },
});

function started(): Gatherer {
  return gatherer(exporter({ name: 'test_exporter', version: '1.0.0', collectors: [beat] }), [beat]);
}

async function scrape(from: Gatherer): Promise<void> {
  (await from.gather({ deadline: Infinity })).snapshot.release();
}

/** How many runs are recorded. */
const recorded = (past: ReturnType<typeof history>): number | undefined =>
  past.runsOf(beat)?.durations.points().at.length;

it('is kept for five minutes after somebody has looked', async () => {
  const [past, live] = [history(), started()];
  await scrape(live);
  expect(recorded(past)).toBeUndefined();
  await past.look(live);
  vi.advanceTimersByTime(2_000);
  await scrape(live);
  expect(recorded(past)).toBe(2);
  vi.advanceTimersByTime(301_000);
  expect(recorded(past)).toBeUndefined();
});

it('is kept always, if that is wanted, also over a reload', async () => {
  const [past, live, reloaded] = [history(), started(), started()];
  past.record(live, true);
  await scrape(live);
  vi.advanceTimersByTime(3_600_000);
  await scrape(live);
  expect(recorded(past)).toBe(2);
  past.record(reloaded, true);
  vi.advanceTimersByTime(15_000);
  await scrape(reloaded);
  expect(recorded(past)).toBe(3);
  past.record(reloaded, false);
  expect(recorded(past)).toBeUndefined();
  await scrape(reloaded);
  expect(recorded(past)).toBeUndefined();
});

it('that was wanted always and is no more lasts while somebody looks', async () => {
  const [past, live] = [history(), started()];
  past.record(live, true);
  await past.look(live);
  past.record(live, false);
  expect(recorded(past)).toBe(1);
  vi.advanceTimersByTime(301_000);
  expect(recorded(past)).toBeUndefined();
});
