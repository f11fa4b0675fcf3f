import { golden, scrape } from 'exporter-kit/testing';
import { it } from 'vitest';
import { expectMalformed, expectUnsupported, goldenFile, recorded } from '../../test/fixtures.ts';
import { diskstats } from './diskstats.ts';

it('reads what was recorded', async () => {
  golden((await scrape(diskstats(recorded))).text, goldenFile('diskstats'));
});

it('is not here without its file', () => expectUnsupported(diskstats, 'diskstats'));

it('names what it cannot read', async () => {
  await expectMalformed(diskstats, 'diskstats', '8 0 sda 1 2 3\n', '1: expected a device and its counts');
  const row = '8 0 sda 1 2 3 4 5 6 7 8 9 10 eleven\n';
  await expectMalformed(diskstats, 'diskstats', row, '1: expected a number in column 14');
});
