import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, runProgram } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const at = (name: string): string => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'native-'));
  const hash = '$2y$04$JooCyXBQ6NR9o9/GCmLUe.92WEQA6IbLB6nNCcT7IATWEvWEmV18q';
  await writeFile(join(folder, 'web.yml'), `basic_auth_users: { alice: ${hash} }\n`);
  await writeFile(join(folder, 'open.yml'), 'rate_limit: { interval: 1s, burst: 5 }\n');
});
afterAll(() => rm(folder, { recursive: true }));

const run = (name: string, args: string[]): Promise<Exit> =>
  runProgram(['--require', at('without-native.cjs'), at(name), ...args], { cwd: folder });

describe('a native part that is not installed is told at once', () => {
  const missing =
    /@node-rs\/bcrypt can't be loaded: its native part for \S+ is missing or broken; install again for this platform, with optional dependencies/;

  it('by --config.check and at the start, where passwords are to be compared', async () => {
    const check = await run('configured.mjs', ['--config.check', '--web.config.file=web.yml']);
    expect(check).toMatchObject({ code: 1, stdout: '' });
    expect(check.stderr).toMatch(/^web\.yml: basic_auth_users: /);
    expect(check.stderr).toMatch(missing);
    const start = await run('configured.mjs', ['--web.listen-address=127.0.0.1:0', '--web.config.file=web.yml']);
    expect(start.code).toBe(1);
    expect(start.stderr).toMatch(/^shop_exporter: web\.yml: basic_auth_users: /);
    expect(start.stderr).toMatch(missing);
  });

  it('but only there', async () => {
    expect(await run('configured.mjs', ['--config.check', '--web.config.file=open.yml'])).toMatchObject({ code: 0 });
  });

  it('before a job runs whose result is to be written by remote write', async () => {
    const { code, stderr } = await run('job.mjs', ['--push.remote-write=http://127.0.0.1:9/api/v1/write']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/remote write .*: snappy can't be loaded: its native part for /);
    expect(stderr).not.toMatch(/job (failed|succeeded)/);
    expect(await run('job.mjs', [`--push.textfile=${folder}`])).toMatchObject({ code: 0 });
  });
});
