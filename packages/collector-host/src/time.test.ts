import { golden, scrape } from 'exporter-kit/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { goldenFile, recorded, tree } from '../test/fixtures.ts';
import { time } from './time.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const now = (): Date => new Date('2026-03-01T12:00:00.250Z');

it('reads what was recorded', async () => {
  vi.stubEnv('TZ', 'UTC');
  golden((await scrape(time({ ...recorded, now }))).text, goldenFile('time'));
});

it('tells the zone of the process, east of UTC above 0', async () => {
  vi.stubEnv('TZ', 'America/New_York');
  const { series } = await scrape(time({ ...recorded, now, zoneinfo: '/nowhere' }));
  expect(series('node_time_zone_offset_seconds')).toMatchObject([{ labels: { time_zone: 'EST' }, value: -18000 }]);
});

it('does without clock sources', async () => {
  const { families } = await scrape(time({ sysfs: await tree({}), now }));
  expect([...families.keys()]).toEqual(['node_time_seconds', 'node_time_zone_offset_seconds']);
});
