import { hostname, machine, release, type, version } from 'node:os';
import { golden, scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { goldenFile, recorded, tree } from '../../test/fixtures.ts';
import { uname } from './uname.ts';

it('reads what was recorded', async () => {
  golden((await scrape(uname(recorded))).text, goldenFile('uname'));
});

it('asks Node for what the kernel has no file for, or hides', async () => {
  const { series } = await scrape(uname({ procfs: await tree({ 'sys/kernel/hostname': 'shelf\n' }) }));
  const labels = { sysname: type(), release: release(), version: version(), machine: machine(), domainname: '' };
  expect(series('node_uname_info')[0]?.labels).toEqual({ ...labels, nodename: 'shelf' });
  const nowhere = await scrape(uname({ procfs: await tree({}) }));
  expect(nowhere.series('node_uname_info')[0]?.labels).toEqual({ ...labels, nodename: hostname() });
});
