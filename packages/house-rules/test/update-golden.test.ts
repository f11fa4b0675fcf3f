import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';

// The repository's scripts and turbo.json, with one small package whose test rewrites a file if UPDATE_GOLDEN is set.
const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder = '';

const test = `
import { readFileSync, writeFileSync } from 'node:fs';
if (process.env.UPDATE_GOLDEN === '1') writeFileSync('golden', 'right');
process.exit(readFileSync('golden', 'utf8') === 'right' ? 0 : 1);
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'golden-'));
  const put = (path: string, value: unknown): Promise<void> =>
    writeFile(join(folder, path), typeof value === 'string' ? value : JSON.stringify(value));
  await mkdir(join(folder, 'packages/small'), { recursive: true });
  for (const file of ['turbo.json', 'pnpm-workspace.yaml', '.gitignore'])
    await cp(join(root, file), join(folder, file));
  const { scripts, packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { test: start, verify } = scripts;
  const nothing = 'node -e 0';
  const all = { test: start, verify, check: nothing, typecheck: nothing };
  await put('package.json', { name: 'golden-root', private: true, packageManager, scripts: all });
  await put('packages/small/package.json', { name: 'small', version: '1.0.0', scripts: { test: 'node test.mjs' } });
  await put('packages/small/test.mjs', test);
  await put('pnpm-lock.yaml', "lockfileVersion: '9.0'\n");
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('UPDATE_GOLDEN=1 npm test rewrites what has changed, each time', async () => {
  const golden = join(folder, 'packages/small/golden');
  const env = {
    UPDATE_GOLDEN: '1',
    PNPM_CONFIG_VERIFY_DEPS_BEFORE_RUN: 'false',
  };
  // The second time, all inputs are as turbo saw them last.
  for (let time = 0; time < 2; time++) {
    await writeFile(golden, 'wrong');
    const { code, stdout, stderr } = await runProgram(['test'], {
      command: 'npm',
      cwd: folder,
      env,
      timeoutMs: 60_000,
    });
    expect(code, stdout + stderr).toBe(0);
    expect(await readFile(golden, 'utf8')).toBe('right');
  }
});
