import { golden, scrape } from 'exporter-kit/testing';
import { it } from 'vitest';
import { expectMalformed, expectUnsupported, goldenFile, recorded } from '../../test/fixtures.ts';
import { meminfo } from './meminfo.ts';

it('reads what was recorded', async () => {
  golden((await scrape(meminfo(recorded))).text, goldenFile('meminfo'));
});

it('is not here without its file', () => expectUnsupported(meminfo, 'meminfo'));

it('names what it cannot read', async () => {
  const expected = 'expected "field: number" or "field: number kB"';
  await expectMalformed(meminfo, 'meminfo', 'MemFree: 2 MB\n', `1: ${expected}, found "MemFree: 2 MB".`);
  await expectMalformed(meminfo, 'meminfo', 'Mem Total\n', `1: ${expected}`);
  await expectMalformed(meminfo, 'meminfo', 'MemTotal: 0x10 kB\n', '1: expected a number in column 2');
});
