import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram, startProgram } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { get, samplesOf } from './get.ts';

// Where a process may open 96 files at once. Those that Node opens to load a program count.
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const few = ['-c', 'ulimit -n 96 && exec "$@"', 'sh', process.execPath];
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'few-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.skipIf(process.platform === 'win32')('with few files', () => {
  it('an exporter starts, with all it can load, and is scraped', async () => {
    await writeFile(join(folder, 'x.yml'), 'size: 3\nweb: { config: { file: web.yml } }\n');
    // Its password is "correct horse".
    const hash = '$2y$04$JooCyXBQ6NR9o9/GCmLUe.92WEQA6IbLB6nNCcT7IATWEvWEmV18q';
    await writeFile(join(folder, 'web.yml'), `basic_auth_users: { alice: ${hash} }\nopen_paths: [/metrics]\n`);
    const flags = [`--config.file=${join(folder, 'x.yml')}`, '--web.listen-address=127.0.0.1:0'];
    const args = [...few, at('./programs/configured.mjs'), ...flags];
    const program = await startProgram(args, { command: 'sh', until: /address=(\S+)/ });
    onTestFinished(async () => void (await program.stop()));
    const { text } = await get(`${program.match[1]}metrics`);
    expect(samplesOf(text, 'shop_size')).toEqual(['shop_size 3']);
    expect((await get(`${program.match[1]}-/status.json`)).status).toBe(401);
    expect((await program.stop()).code).toBe(0);
  });

  it('a job runs', async () => {
    const flags = ['--password=hunter2', `--push.textfile=${folder}`];
    const { code, stderr } = await runProgram([...few, at('./programs/secret-job.mjs'), ...flags], { command: 'sh' });
    expect(stderr).toContain('job succeeded');
    expect(code).toBe(0);
  });

  it('exporter-push pushes', async () => {
    const args = [at('../dist/exporter-push.js'), '--job=x', `--textfile=${folder}`, '--', 'true'];
    expect(await runProgram([...few, ...args], { command: 'sh' })).toMatchObject({ code: 0 });
  });
});
