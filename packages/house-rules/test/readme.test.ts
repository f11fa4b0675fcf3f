import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const home = fileURLToPath(new URL('..', import.meta.url));
let folder = '';

beforeAll(async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  // Below this package, so that its dependencies are found.
  await mkdir(join(home, 'dist'), { recursive: true });
  folder = await mkdtemp(join(home, 'dist/readme-'));
  for (const [, name, code] of readme.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)) {
    await writeFile(join(folder, name!), code!);
  }
  await writeFile(
    join(folder, 'vitest.config.js'),
    "export default { test: { include: ['*.test.js'], exclude: [] } };",
  );
  const unnamed = [...readme.matchAll(/^```ts\n(?!\/\/ \S+\.ts\n)/gm)];
  expect(unnamed).toEqual([]);
  const options = { noEmit: false, rootDir: '.', outDir: '.', customConditions: [] };
  const config = { extends: '../../../../tsconfig.json', compilerOptions: options, include: ['*.ts'], exclude: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await exec(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch((error) => {
    throw new Error(`the README's snippets do not compile:\n${error.stdout}`);
  });
}, 60_000);

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
    await expect.poll(() => log, { timeout: 30_000 }).toContain('"address"');
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
  expect(stdout).toMatch(/^shop_orders_total\{country="pt"\} 1$/m);
});

it("runs the README's test", async () => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { stdout } = await exec(process.execPath, [vitest, 'run', '--root', folder], {
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(stdout).toMatch(/Tests +1 passed/);
});
