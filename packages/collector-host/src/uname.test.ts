import { machine } from 'node:os';
import { golden, scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { expectUnsupported, goldenFile, recorded, tree } from '../test/fixtures.ts';
import { uname } from './uname.ts';

it('reads what was recorded', async () => {
  golden((await scrape(uname(recorded))).text, goldenFile('uname'));
});

it('is not here without its file', () => expectUnsupported(uname, 'sys/kernel/ostype'));

it('asks Node for the machine where the kernel, before 6.1, has no file for it', async () => {
  const files = Object.fromEntries(
    ['ostype', 'osrelease', 'version', 'hostname', 'domainname'].map((file) => [`sys/kernel/${file}`, `a ${file}\n`]),
  );
  const { series } = await scrape(uname({ procfs: await tree(files) }));
  expect(series('node_uname_info')[0]?.labels).toEqual({
    sysname: 'a ostype',
    release: 'a osrelease',
    version: 'a version',
    machine: machine(),
    nodename: 'a hostname',
    domainname: 'a domainname',
  });
});
