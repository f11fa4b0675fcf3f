import { golden, scrape } from 'exporter-kit/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { goldenFile, recorded, tree } from '../../test/fixtures.ts';
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

/** The zone of a time, and whether it was told that something is odd about it. */
async function zoneOf(TZ: string | undefined, zoneinfo?: string): Promise<[string | undefined, number, odd: boolean]> {
  vi.stubEnv('TZ', TZ);
  const { series } = await scrape(time({ ...recorded, now, ...(zoneinfo === undefined ? {} : { zoneinfo }) }));
  const [zone] = series('node_time_zone_offset_seconds');
  return [zone?.labels.time_zone, zone?.value ?? Number.NaN, series(family).length > 0];
}

const family = 'node_scrape_collector_partial_errors_total';
// The rule of Nepal, in a file that is nothing but a rule.
const head = (version: string): Buffer => {
  const block = Buffer.alloc(44);
  block.write(`TZif${version}`);
  return block;
};
const nepal = Buffer.concat([head('2'), head('2'), Buffer.from('\n<+0545>-5:45\n')]);

it.each([
  ['a name', 'Test/Nepal'],
  ['a name after a colon', ':Test/Nepal'],
])('reads the file of %s', async (_, TZ) => {
  expect(await zoneOf(TZ, await tree({ 'Test/Nepal': nepal }))).toEqual(['+0545', 20_700, false]);
});

it.each(['', ':'])('reads the file of a path, after "%s"', async (colon) => {
  const root = await tree({ localtime: nepal });
  expect(await zoneOf(`${colon}${root}/localtime`)).toEqual(['+0545', 20_700, false]);
});

it.each([
  ['', false],
  [':', false],
  ['UTC', false],
  ['Nowhere/City', true],
  ['/nowhere/at/all', true],
  ['CET-1CEST', true],
])('takes TZ=%s for UTC, as Go does', async (TZ, odd) => {
  expect(await zoneOf(TZ, '/nowhere')).toEqual(['UTC', 0, odd]);
});

it('tells the time where the file of the zone is garbage', async () => {
  expect(await zoneOf('Test/Odd', await tree({ 'Test/Odd': 'garbage' }))).toEqual(['UTC', 0, true]);
  expect(await zoneOf('Europe/Berlin', await tree({ 'Europe/Berlin': nepal.subarray(0, 60) }))).toEqual([
    'GMT+1',
    3600,
    true,
  ]);
});
