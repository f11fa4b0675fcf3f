import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cli, commitAll, edit, look, workspace } from './bed.ts';

async function scaffolded(name: string): Promise<string> {
  const root = await workspace();
  expect((await cli(root, 'scrape-exporter', `--name=${name}`, '--yes', '--no-install')).code).toBe(0);
  return root;
}

it('makes an untouched project what would be scaffolded under the new name', async () => {
  for (const [from, to] of [
    ['acme-queue', 'acme-broker'],
    ['queue', 'broker'],
    ['queue', 'a-much-longer-name'],
  ]) {
    const root = await scaffolded(from!);
    commitAll(root);
    expect(await cli(root, 'rename', from!, to!, '--no-install')).toMatchObject({ code: 0, err: '' });
    const fresh = await scaffolded(to!);
    expect(await look(join(root, 'apps'))).toEqual(await look(join(fresh, 'apps')));
  }
});

it('keeps edits, and files of the user', async () => {
  const root = await scaffolded('acme-queue');
  const app = 'apps/acme-queue-exporter';
  await edit(root, `${app}/src/acme-queue.ts`, (text) =>
    text.replace('acmeQueueCollector = ', 'acmeQueueCollector = /* acme-queue */ '),
  );
  await writeFile(join(root, app, 'src/mine.ts'), "export { acmeQueueCollector } from './acme-queue.ts';\n");
  await mkdir(join(root, app, 'bin'));
  await writeFile(join(root, app, 'bin/run-acme-queue.sh'), '#!/bin/sh\n');
  await chmod(join(root, app, 'bin/run-acme-queue.sh'), 0o755);
  commitAll(root);
  const said = await cli(root, 'rename', app, 'acme-broker', '--no-install');
  expect(said).toMatchObject({ code: 0, err: '' });
  const files = await look(join(root, 'apps'));
  expect(files['acme-broker-exporter/src/acme-broker.ts']).toContain('acmeBrokerCollector = /* acme-broker */ ');
  expect(files['acme-broker-exporter/src/mine.ts']).toBe("export { acmeBrokerCollector } from './acme-broker.ts';\n");
  expect((await stat(join(root, 'apps/acme-broker-exporter/bin/run-acme-broker.sh'))).mode & 0o777).toBe(0o755);
  expect(Object.keys(files).filter((path) => path.startsWith('acme-queue'))).toEqual([]);
  expect(JSON.stringify(files)).not.toMatch(/acme.?queue/i);
  commitAll(root);
  expect((await cli(root, 'upgrade', 'acme-broker')).out).toContain('up to date');
});

it('does not take a word of the user for the name', async () => {
  const root = await scaffolded('queue');
  const app = 'apps/queue-exporter';
  await edit(root, `${app}/src/queue.ts`, (text) =>
    text.replace("help: 'Items, by state.'", "help: 'Items in the queue.'"),
  );
  await writeFile(
    join(root, app, 'src/mine.ts'),
    "import { queueCollector } from './queue.ts';\nexport const labels = ['queue'];\nexport const all = queueCollector;\n",
  );
  commitAll(root);
  const said = await cli(root, 'rename', 'queue', 'broker', '--no-install');
  expect(said.code).toBe(0);
  const files = await look(join(root, 'apps/broker-exporter'));
  expect(files['src/mine.ts']).toBe(
    "import { brokerCollector } from './broker.ts';\nexport const labels = ['queue'];\nexport const all = brokerCollector;\n",
  );
  expect(files['src/broker.ts']).toContain("name: 'broker_items', help: 'Items in the queue.'");
  expect(files['src/broker.ts']).toContain("name: 'broker',");
  expect(said.out).toMatch(/src\/mine\.ts:2\n/);
  expect(said.out).toMatch(/src\/broker\.ts:\d+\n/);
});

it.each<[args: string, code: number, message: RegExp]>([
  ['', 64, /missing: <project> and <name>/],
  ['queue', 64, /missing/],
  ['queue 2fa', 64, /kebab-case/],
  ['queue b --title=<x>', 64, /is not a valid title/],
  ['queue taken', 1, /apps\/taken-exporter exists/],
  ['queue nightly', 1, /metric namespace nightly is already used by apps\/nightly-job/],
  ['nobody b', 64, /no project/],
])('rename %s: exit %i', async (args, code, message) => {
  const root = await scaffolded('queue');
  await cli(root, 'push-job', '--name=nightly', '--yes', '--no-install');
  await mkdir(join(root, 'apps/taken-exporter'));
  await writeFile(join(root, 'apps/taken-exporter/x'), '');
  commitAll(root);
  const before = await look(root);
  const said = await cli(root, 'rename', ...args.split(' ').filter(Boolean), '--no-install');
  expect(said).toMatchObject({ code, err: expect.stringMatching(message) });
  expect(await look(root)).toEqual(before);
});

it('removes, and gives the port back', async () => {
  const root = await scaffolded('queue');
  const other = '{"name":"other","dependencies":{"queue-exporter":"workspace:*"}}';
  await mkdir(join(root, 'packages/other'), { recursive: true });
  await writeFile(join(root, 'packages/other/package.json'), other);
  expect((await cli(root, 'remove', 'queue', '--no-install')).err).toMatch(/a dependency of packages\/other/);
  await writeFile(join(root, 'packages/other/package.json'), '{"name":"other"}');
  expect((await cli(root, 'remove', 'queue', '--no-install')).err).toMatch(/not under git/);
  commitAll(root);
  expect((await cli(root, 'remove', 'queue', '--dry-run')).out).toBe('Would remove apps/queue-exporter.\n');
  expect(await cli(root, 'remove', 'queue', '--no-install')).toMatchObject({
    code: 0,
    out: 'Removed apps/queue-exporter.\n',
  });
  expect(Object.keys(await look(join(root, 'apps')))).toEqual([]);
  expect((await cli(root, 'remove')).code).toBe(64);
  expect((await cli(root, 'scrape-exporter', '--name=b', '--yes', '--no-install')).out).toContain('port 19100');
});
