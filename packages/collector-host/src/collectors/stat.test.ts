import { golden, scrape } from 'exporter-kit/testing';
import { it } from 'vitest';
import { expectMalformed, expectUnsupported, goldenFile, recorded } from '../../test/fixtures.ts';
import { stat } from './stat.ts';

it('reads what was recorded', async () => {
  golden((await scrape(stat(recorded))).text, goldenFile('stat'));
});

it('is not here without its file', () => expectUnsupported(stat, 'stat'));

it('names what it cannot read', () =>
  expectMalformed(stat, 'stat', 'cpu 1\nctxt -4\n', '2: expected a number in column 2, found "ctxt -4".'));
