import { golden, scrape } from 'exporter-kit/testing';
import { it } from 'vitest';
import { expectMalformed, expectUnsupported, goldenFile, recorded } from '../test/fixtures.ts';
import { vmstat } from './vmstat.ts';

it('reads what was recorded', async () => {
  golden((await scrape(vmstat(recorded))).text, goldenFile('vmstat'));
});

it('is not here without its file', () => expectUnsupported(vmstat, 'vmstat'));

it('names what it cannot read', () =>
  expectMalformed(vmstat, 'vmstat', 'pgpgin 1\n\npgpgout none\n', '3: expected a number in column 2'));
