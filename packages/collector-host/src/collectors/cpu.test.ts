import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden, scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { expectMalformed, expectUnsupported, goldenFile, recorded, tree } from '../../test/fixtures.ts';
import { cpu } from './cpu.ts';

it('reads what was recorded', async () => {
  golden((await scrape(cpu(recorded))).text, goldenFile('cpu'));
});

it('is not here without its file', () => expectUnsupported(cpu, 'stat'));

it('names what it cannot read', async () => {
  await expectMalformed(cpu, 'stat', 'cpu 1 2\ncpu0 1 2 3 four 5 6 7 8 9 0\n', '2: expected a number in column 5');
  await expectMalformed(cpu, 'stat', 'cpu0 1 2\n', '1: expected a number in column 4');
});

it('does without what an old kernel or a virtual machine lacks', async () => {
  const { value, families } = await scrape(
    cpu({ procfs: await tree({ stat: 'cpu0 100 200 300 400\n' }), sysfs: await tree({}) }),
  );
  expect(value('node_cpu_seconds_total', { cpu: 0, mode: 'idle' })).toBe(4);
  expect(value('node_cpu_seconds_total', { cpu: 0, mode: 'steal' })).toBe(0);
  expect([...families.keys()]).toEqual(['node_cpu_guest_seconds_total', 'node_cpu_seconds_total']);
});

it('never steps back, unless a CPU was unplugged', async () => {
  const procfs = await tree({});
  const reading = cpu({ procfs, sysfs: await tree({}) });
  const scraped = async (user: number, idle: number): Promise<(number | undefined)[]> => {
    await writeFile(join(procfs, 'stat'), `cpu0 ${user} 0 0 ${idle} 0 0 0 0 0 0\n`);
    const { value } = await scrape(reading);
    return ['user', 'idle'].map((mode) => value('node_cpu_seconds_total', { cpu: 0, mode }));
  };
  expect(await scraped(500, 90_000)).toEqual([5, 900]);
  expect(await scraped(600, 89_990)).toEqual([6, 900]);
  expect(await scraped(700, 90_010)).toEqual([7, 900.1]);
  expect(await scraped(1, 100)).toEqual([0.01, 1]);
});
