import { golden, scrape } from 'exporter-kit/testing';
import { it } from 'vitest';
import { expectMalformed, expectUnsupported, goldenFile, recorded } from '../../test/fixtures.ts';
import { filefd } from './filefd.ts';

it('reads what was recorded', async () => {
  golden((await scrape(filefd(recorded))).text, goldenFile('filefd'));
});

it('is not here without its file', () => expectUnsupported(filefd, 'sys/fs/file-nr'));

it('names what it cannot read', () =>
  expectMalformed(filefd, 'sys/fs/file-nr', 'x 0\n', '1: expected a number in column 1, found "x 0".'));
