import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiledSnippets, exec, vitest } from './snippets.ts';

let folder = '';

beforeAll(async () => {
  folder = await compiledSnippets('README.md');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const node = (script: string, ...args: string[]): Promise<{ stdout: string }> =>
  exec(process.execPath, [join(folder, script), ...args], { cwd: folder });

it("runs the README's exporter", async () => {
  const { stdout } = await node('spool-exporter.js', '--once', `--folder=${folder}`);
  expect(stdout).toMatch(/^spool_files \d+$/m);
  expect(stdout).toMatch(/^spool_file_size_bytes\{file="spool\.ts"\} \d+$/m);
  expect(stdout).toMatch(/^spool_scrape_collector_success\{collector="spool"\} 1$/m);
});

it("runs the README's job", async () => {
  await mkdir(join(folder, 'old'));
  await writeFile(join(folder, 'old/a'), 'hello');
  const { stdout } = await node('tidy.js', '--dry-run');
  expect(stdout).toMatch(/^tidy_freed_bytes 5$/m);
  expect(stdout).toMatch(/^job_success 1$/m);
});

it("runs the README's probe", async () => {
  const flags = ['--web.listen-address=127.0.0.1:0', '--probe.allow=127.0.0.0/8', '--log.format=json'];
  const program = spawn(process.execPath, [join(folder, 'name-exporter.js'), ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    let log = '';
    program.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    await expect.poll(() => log, { timeout: 50_000 }).toContain('"address"');
    const url = /"address":"([^"]+)"/.exec(log)![1]!;
    const said = await (await fetch(`${url}probe?target=127.0.0.1`)).text();
    expect(said).toMatch(/^probe_name_addresses 1$/m);
    expect(said).toMatch(/^probe_success 1$/m);
    expect((await fetch(`${url}probe?target=169.254.169.254`)).status).toBe(403);
  } finally {
    program.kill();
    await once(program, 'exit');
  }
});

it("runs the README's application", async () => {
  const { stdout } = await node('shop.js');
  expect(stdout).toMatch(/^shop_orders_total\{country="pt",paid="card"\} 1$/m);
  expect(stdout).toMatch(/^shop_orders_total\{country="de",paid="cash"\} 2$/m);
  expect(stdout).toMatch(/^shop_checkouts_in_progress 0$/m);
  expect(stdout).toMatch(/^shop_checkout_seconds_count 1$/m);
});

it("runs the README's test", async () => {
  const { stdout } = await exec(process.execPath, [vitest, 'run', '--root', folder], {
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(stdout).toMatch(/Tests +1 passed/);
});
