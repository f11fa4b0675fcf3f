import { golden, scrape } from 'exporter-kit/testing';
import { it } from 'vitest';
import { expectMalformed, expectUnsupported, goldenFile, recorded } from '../../test/fixtures.ts';
import { loadavg } from './loadavg.ts';

it('reads what was recorded', async () => {
  golden((await scrape(loadavg(recorded))).text, goldenFile('loadavg'));
});

it('is not here without its file', () => expectUnsupported(loadavg, 'loadavg'));

it('names what it cannot read', async () => {
  await expectMalformed(loadavg, 'loadavg', '', '1: expected a number in column 1, found "".');
});
