import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lint } from 'exporter-kit/testing';
import { needPeers, promtoolCheckMetrics, runProgram, startProgram } from 'test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commitAll, edit } from './bed.ts';
import { olderTemplate } from './old-template.ts';
import { type Scratch, scratchWorkspace } from './scratch.ts';

// A life: scaffolded from an older template, edited by hand, upgraded, added to, renamed; after each, all is run.
const today = fileURLToPath(new URL('../../../templates/scrape-exporter', import.meta.url));
const promtool = needPeers('promtool');
let scratch: Scratch;

beforeAll(async () => {
  scratch = await scratchWorkspace();
  for (const name of ['exporter-kit', 'collector-host', 'collector-redis', 'collector-postgres', 'create-exporter']) {
    await scratch.pnpm('--filter', name, 'run', 'build');
  }
});
afterAll(() => scratch?.remove());

const at = (...path: string[]): string => join(scratch.root, ...path);

/** One command, committed before and run with everything it does. */
async function run(...args: string[]): Promise<string> {
  commitAll(scratch.root);
  const bin = at('packages/create-exporter/dist/bin.js');
  const { code, stdout, stderr } = await runProgram([bin, ...args], { cwd: scratch.root, timeoutMs: 90_000 });
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

/** The workspace's checks, the tests, a build, a start, a scrape. */
async function everything(app: string, metric: string): Promise<void> {
  await scratch.tool('biome', '.', 'check', '--error-on-warnings', app);
  await scratch.tool('tsc', '.', '--noEmit', '-p', `${app}/tsconfig.build.json`);
  expect((await scratch.tool('vitest', app, 'run', '--no-color')).stdout).toMatch(/Tests\s+\d+ passed/);
  await scratch.tool('tsc', app, '-p', 'tsconfig.build.json');
  const program = await startProgram([at(app, 'dist/main.js'), '--web.listen-address=127.0.0.1:0'], {
    until: /address=(\S+)/,
  });
  const text = await (await fetch(new URL('/metrics', program.match[1]))).text();
  expect((await program.stop()).code).toBe(0);
  expect(text).toContain(metric);
  // The host collectors have node_exporter's names, which are as they are.
  const own = text.replaceAll(/^(# \w+ )?node_.*\n/gm, '');
  expect(lint(own)).toEqual([]);
  if (promtool) expect(promtoolCheckMetrics(own)).toEqual({ code: 0, problems: [] });
}

/** What `add` and `rename` say has to be done. */
async function writeViews(said: string, app: string): Promise<void> {
  expect(said).toContain(`npm run views --prefix ${app}`);
  await scratch.tool('tsc', app, '-p', 'tsconfig.build.json');
  const { code, stderr } = await runProgram([at(app, 'dist/main.js'), 'views', 'views'], { cwd: at(app) });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

it('lives through everything', { timeout: 300_000 }, async () => {
  await olderTemplate(scratch.root);
  await run('scrape-exporter', '--name=acme-queue', '--yes', '--no-verify');
  const app = 'apps/acme-queue-exporter';
  await rm(at('templates/scrape-exporter'), { recursive: true });
  const filter = (path: string): boolean => !/node_modules|dist|\.turbo/.test(path.slice(today.length));
  await cp(today, at('templates/scrape-exporter'), { recursive: true, filter });

  await edit(scratch.root, `${app}/src/acme-queue.ts`, (text) =>
    text.replace("help: 'Items, by state.'", "help: 'Items of ours, by state.'"),
  );
  await edit(scratch.root, `${app}/test/golden.prom`, (text) =>
    text.replace('Items, by state.', 'Items of ours, by state.'),
  );
  await edit(scratch.root, `${app}/README.md`, (text) => text.replace('Exports metrics', 'Ours. Exports metrics'));
  await writeFile(
    at(app, 'src/own.test.ts'),
    `import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('still finds the sample', async () => {
  expect(await readFile(new URL('../sample/reply.json', import.meta.url), 'utf8')).toContain('handled');
});
`,
  );
  expect(await run('upgrade', '--all')).toMatch(/codemod[\s\S]*merged +src\/acme-queue|merged/);
  await everything(app, '# HELP acme_queue_items Items of ours, by state.\n');
  expect(await run('upgrade', '--all')).toBe(`${app} is up to date.\n`);

  await writeViews(await run('add', 'collector', 'streams', '--to=acme-queue'), app);
  await everything(app, '\nacme_queue_streams_items 12\n');
  await writeViews(await run('add', 'collector', 'collector-host', '--to=acme-queue'), app);
  await everything(app, '\nnode_load1 ');

  const renamed = 'apps/acme-broker-exporter';
  await writeViews(await run('rename', 'acme-queue', 'acme-broker'), renamed);
  await everything(renamed, '# HELP acme_broker_items Items of ours, by state.\n');
  await scratch.pnpm('install', '--frozen-lockfile', '--offline');
  await run('remove', 'acme-broker');
  await scratch.pnpm('install', '--frozen-lockfile', '--offline');
});

it('an exporter gets the sources of shared packages, with their settings', { timeout: 300_000 }, async () => {
  await run('scrape-exporter', '--name=mixed', '--yes', '--no-verify');
  const app = 'apps/mixed-exporter';
  for (const [name, source] of [
    ['collector-redis', 'redis'],
    ['collector-postgres', 'postgres'],
  ] as const) {
    const said = await run('add', 'collector', name, '--to=mixed');
    expect(said).toContain(`Its settings are the flags --${source}.*`);
    // The first test of all has written them.
    if (source !== 'redis') await writeViews(said, app);
    await scratch.tool('biome', '.', 'check', '--error-on-warnings', app);
    expect((await scratch.tool('vitest', app, 'run', '--no-color')).stdout).toMatch(/Tests\s+\d+ passed/);
    await scratch.tool('tsc', app, '-p', 'tsconfig.build.json');
    const bin = at('packages/create-exporter/dist/bin.js');
    const again = await runProgram([bin, 'add', 'collector', name, '--to', 'mixed'], { cwd: scratch.root });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining(`already has ${name}`) });
  }
  const flags = [
    '--redis.addr=redis://127.0.0.1:1',
    '--postgres.url=postgres://127.0.0.1:1',
    '--probe.allow=127.0.0.0/8',
  ];
  const program = await startProgram([at(app, 'dist/main.js'), '--web.listen-address=127.0.0.1:0', ...flags], {
    until: /address=(\S+)/,
  });
  const get = async (path: string) => (await fetch(new URL(path, program.match[1]))).text();
  const text = await get('/metrics');
  const probed = await Promise.all(
    ['redis&target=redis://127.0.0.1:1', 'postgres&target=postgres://127.0.0.1:1'].map((q) =>
      get(`/probe?module=${q}`),
    ),
  );
  expect((await program.stop()).code).toBe(0);
  for (const [i, up] of ['redis_up 0', 'pg_up 0'].entries()) expect(probed[i]).toContain(`\n${up}\n`);
  // Its own source has a sample; nothing listens at the addresses of the others.
  for (const up of ['mixed_up 1', 'redis_up 0', 'pg_up 0']) expect(text).toContain(`\n${up}\n`);
});

it('an exporter without a source of its own gets one, and /probe with it', { timeout: 300_000 }, async () => {
  await run('file-exporter', '--name=spool', '--yes', '--no-verify');
  await run('add', 'collector', 'collector-redis', '--to=spool');
  const app = 'apps/spool-exporter';
  await scratch.tool('biome', '.', 'check', '--error-on-warnings', app);
  expect((await scratch.tool('vitest', app, 'run', '--no-color')).stdout).toMatch(/Tests\s+\d+ passed/);
  await scratch.tool('tsc', app, '-p', 'tsconfig.build.json');
  const flags = ['--web.listen-address=127.0.0.1:0', '--probe.allow=127.0.0.0/8', '--redis.addr=redis://127.0.0.1:1'];
  const program = await startProgram([at(app, 'dist/main.js'), ...flags], { until: /address=(\S+)/ });
  const probe = new URL('/probe?module=redis&target=redis://127.0.0.1:2', program.match[1]);
  const text = await (await fetch(probe)).text();
  expect((await program.stop()).code).toBe(0);
  expect(text).toMatch(/^redis_up 0$/m);
});

it('a job gets a second job', async () => {
  await run('push-job', '--name=nightly', '--yes', '--no-verify');
  await run('add', 'job', 'weekly', '--to=nightly');
  const app = 'apps/nightly-job';
  await scratch.tool('biome', '.', 'check', '--error-on-warnings', app);
  await scratch.tool('vitest', app, 'run', '--no-color');
  await scratch.tool('tsc', app, '-p', 'tsconfig.build.json');
  const { code, stdout } = await runProgram([at(app, 'dist/weekly.main.js'), '--dry-run']);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('nightly_weekly_lines') });
});
