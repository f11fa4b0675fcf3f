import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lint } from 'exporter-kit/testing';
import { needPeers, promtoolCheckMetrics, runProgram, startProgram } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { scaffold } from '../src/index.ts';
import { placeholder, spellings } from '../src/names/names.ts';
import { listTemplates, projectTemplates } from '../src/templates/templates.ts';
import { type Scratch, scratchWorkspace } from './scratch.ts';

const all = projectTemplates(await listTemplates(fileURLToPath(new URL('../../..', import.meta.url))));
// Each has a namespace of its own.
const templates = all.map((template, i) => ({ ...template, as: spellings(`acme-queue${i}`) }));
const promtool = needPeers('promtool');
let scratch: Scratch;

beforeAll(async () => {
  scratch = await scratchWorkspace();
  for (const name of ['exporter-kit', 'create-exporter']) {
    await scratch.pnpm('--filter', name, 'run', 'build');
  }
});
afterAll(() => scratch?.remove());

describe.each(templates)('$name', (template) => {
  const { kebab, snake } = template.as;
  const app = `${template.into}/${template.packageName.replace(placeholder, kebab)}`;
  const main = (): string => join(scratch.root, app, 'dist/main.js');
  const program = template.into === 'apps';
  const probes = template.accepts.probe !== undefined;
  const collects = template.accepts.collector !== undefined;

  it('is scaffolded by one command, without a terminal, under CI', async () => {
    const bin = join(scratch.root, 'packages/create-exporter/dist/bin.js');
    const args = [bin, template.name, '--name', kebab, '--yes'];
    const { code, stdout, stderr } = await runProgram(args, { cwd: scratch.root, env: { CI: '1' }, timeoutMs: 90_000 });
    expect(stderr.replaceAll(/^(Planning|Updating|Verifying).*( …|\d s)\n/gm, '')).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Wrote ${app}: [\\s\\S]*\\nNext:\\n( {2}.+\\n)+$`));
    expect(await readdir(join(scratch.root, 'apps'))).not.toContainEqual(expect.stringMatching(/^\./));

    const again = await runProgram(args, { cwd: scratch.root });
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('existing files are not overwritten'),
    });
  });

  it('leaves the lockfile as a frozen install wants it', async () => {
    await scratch.pnpm('install', '--frozen-lockfile', '--offline');
    expect(await readFile(join(scratch.root, 'pnpm-lock.yaml'), 'utf8')).toContain(`  ${app}:\n`);
  });

  // The command has run its lint and its tests.
  it('builds', () => scratch.tool('tsc', app, '-p', 'tsconfig.build.json'));

  it.runIf(program)('has a short main.ts, and a README that names flags it has', async () => {
    expect((await readFile(join(scratch.root, app, 'src/main.ts'), 'utf8')).trim().split('\n').length).toBeLessThan(21);
    const { code, stdout } = await runProgram([main(), '--help']);
    expect(code).toBe(0);
    const readme = await readFile(join(scratch.root, app, 'README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| `(--[^`=]+)[^`]*` \|(?: `([A-Z_]+))?/gm)];
    expect(rows.length).toBeGreaterThan(3);
    for (const [, flag, variable] of rows) {
      expect(stdout).toContain(flag!.replace(/^--(no-)?/, ''));
      if (variable !== undefined) expect(stdout).toContain(variable);
    }
  });

  it.runIf(probes)('boots, probes a target, and drains', async () => {
    const sample = await readFile(join(scratch.root, app, `sample/${kebab}.json`));
    const target = createServer((_, response) => response.end(sample)).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const flags = ['--web.listen-address=127.0.0.1:0', '--probe.allow=127.0.0.0/8'];
    const program = await startProgram([main(), ...flags], { until: /address=(\S+)/ });
    const path = `/probe?module=${snake}&target=http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
    const text = await (await fetch(new URL(path, program.match[1]))).text();
    expect(text).toContain(`${snake}_items{state="ready"} 12\n`);
    expect(text).toContain('probe_success 1\n');
    clean(text);
    expect((await program.stop()).code).toBe(0);
    target.close();
    target.closeAllConnections();
  });

  it.runIf(collects && !probes)('boots, is scraped, and drains', async () => {
    const program = await startProgram([main(), '--web.listen-address=127.0.0.1:0'], { until: /address=(\S+)/ });
    const response = await fetch(new URL('/metrics', program.match[1]));
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain(`${snake}_items{state="ready"} 12\n`);
    expect(text).toContain(`\n${snake}_scrape_collector_success{collector="${snake}"} 1\n`);
    clean(text);
    expect((await program.stop()).code).toBe(0);
  });

  it.runIf(template.port !== undefined && !collects && !probes)(
    'boots, counts what it answers, and drains',
    async () => {
      const args = [main(), '--host=127.0.0.1', '--port=0', '--web.listen-address=127.0.0.1:0'];
      const application = await startProgram(args, { until: /app=(\S+) address=(\S+)/ });
      const [, app, metrics] = application.match;
      expect((await fetch(new URL('/items', app))).status).toBe(200);
      const counted = async (): Promise<string> => (await fetch(new URL('/metrics', metrics))).text();
      await vi.waitFor(async () => {
        expect(await counted()).toContain(
          'http_server_request_duration_seconds_count{method="GET",route="/items",code="200"} 1\n',
        );
      }, 20_000);
      const text = await counted();
      expect(text).toContain(`\n${snake}_scrape_collector_success{collector="${snake}"} 1\n`);
      clean(text);
      expect((await application.stop()).code).toBe(0);
      expect(await runProgram([main(), '--port=many'])).toMatchObject({
        code: 64,
        stderr: expect.stringContaining('--port'),
      });
    },
  );

  it.runIf(!program).each([
    ['another', `${kebab}-taker`],
    ['its own', kebab],
  ])('is listed, and taken by an exporter of %s name, which is scraped', async (_, name) => {
    const bin = join(scratch.root, 'packages/create-exporter/dist/bin.js');
    const run = (...args: string[]) => runProgram([bin, ...args], { cwd: scratch.root, timeoutMs: 90_000 });
    expect(JSON.parse((await run('list', '--json')).stdout).collectors).toContainEqual(
      expect.objectContaining({
        name: `collector-${kebab}`,
        stability: 'experimental',
        metrics: ['handled_total', 'items', 'oldest_item_age_seconds', 'up'].map((metric) => `${snake}_${metric}`),
      }),
    );
    expect(await run('scrape-exporter', '--name', name, '--yes', '--no-verify')).toMatchObject({ code: 0 });
    if (name !== kebab) {
      const added = await run('add', 'collector', `collector-${kebab}`, '--to', name, '--allow-dirty');
      expect(added).toMatchObject({ code: 0, stderr: expect.not.stringContaining('failed') });
    }
    const taker = `apps/${name}-exporter`;
    await scratch.tool('biome', '.', 'check', '--error-on-warnings', taker);
    await scratch.tool('vitest', taker, 'run', '--no-color');
    await scratch.tool('tsc', taker, '-p', 'tsconfig.build.json');

    const reply = await readFile(join(scratch.root, app, `test/${kebab}.json`));
    const source = createServer((_, response) => response.end(reply)).listen(0, '127.0.0.1');
    await once(source, 'listening');
    const flags = [
      '--web.listen-address=127.0.0.1:0',
      `--${snake}.url=http://127.0.0.1:${(source.address() as AddressInfo).port}/`,
    ];
    const exporter = await startProgram([join(scratch.root, taker, 'dist/main.js'), ...flags], {
      until: /address=(\S+)/,
    });
    const text = await (await fetch(new URL('/metrics', exporter.match[1]))).text();
    expect(text).toContain(`${snake}_items{state="ready"} 12\n`);
    expect(text).toContain(`\n${snake}_up 1\n`);
    clean(text);
    expect((await exporter.stop()).code).toBe(0);
    source.close();
    source.closeAllConnections();
  });

  it.runIf(template.accepts.job !== undefined)('runs, writes its result, and tells a failure', async () => {
    const folder = await mkdtemp(join(scratch.root, 'textfile-'));
    const done = await runProgram([main(), `--push.textfile=${folder}`]);
    expect(done.code).toBe(0);
    const [file, ...others] = await readdir(folder);
    expect(others).toEqual([]);
    const text = await readFile(join(folder, file!), 'utf8');
    expect(text).toMatch(new RegExp(`^${snake}_records\\{.*verdict="valid".*\\} 3$`, 'm'));
    clean(text);

    const dry = await runProgram([main(), '--dry-run']);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining(`${snake}_records`) });
    const failed = await runProgram([main(), '--source=missing.jsonl', '--dry-run']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('missing.jsonl');
    await rm(folder, { recursive: true });
  });

  it('is well formatted, whether its name is short or long', async () => {
    const names = ['q', 'zebra-crossing-with-a-very-long-nick-name'.slice(0, 40)];
    const folders = names.map((name) => join(scratch.root, `apps/${name}-formatted`));
    for (const [i, into] of folders.entries()) {
      const { files } = await scaffold({ template: template.name, name: names[i]!, root: scratch.root, into });
      expect(files.size).toBeGreaterThan(8);
    }
    await scratch.tool('biome', '.', 'check', '--error-on-warnings', ...folders);
    for (const into of folders) await rm(into, { recursive: true });
  });
});

/** Both the real linter, where it is, and ours. */
function clean(text: string): void {
  expect(lint(text)).toEqual([]);
  if (promtool) expect(promtoolCheckMetrics(text)).toEqual({ code: 0, problems: [] });
}
