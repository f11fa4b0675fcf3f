import { golden, scrape } from 'exporter-kit/testing';
import { it } from 'vitest';
import { expectMalformed, expectUnsupported, goldenFile, recorded } from '../../test/fixtures.ts';
import { vmstat } from './vmstat.ts';

it('reads what was recorded', async () => {
  golden((await scrape(vmstat(recorded))).text, goldenFile('vmstat'));
});

it('is not here without its file', () => expectUnsupported(vmstat, 'vmstat'));

it('names what it cannot read', () =>
  expectMalformed(vmstat, 'vmstat', '\npgpgout none\n', '2: expected a number in column 2'));
