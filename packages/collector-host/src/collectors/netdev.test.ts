import { golden, scrape } from 'exporter-kit/testing';
import { it } from 'vitest';
import { expectMalformed, expectUnsupported, goldenFile, recorded } from '../../test/fixtures.ts';
import { netdev } from './netdev.ts';

it('reads what was recorded', async () => {
  golden((await scrape(netdev(recorded))).text, goldenFile('netdev'));
});

it('is not here without its file', () => expectUnsupported(netdev, 'net/dev'));

it('names what it cannot read', async () => {
  const head = 'Inter-| Receive\n face |bytes\n';
  await expectMalformed(netdev, 'net/dev', `${head}eth0: 1 2 3\n`, '3: expected a device and 16 numbers');
  const row = `eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 x\n`;
  await expectMalformed(netdev, 'net/dev', head + row, '3: expected a number in column 16');
});
