import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

it.runIf(process.platform === 'linux')('a few seconds of it hold all bars that hold for a few seconds', async () => {
  const { code, stdout } = await runProgram([main, '--minutes=0.1'], { timeoutMs: 170_000 });
  expect(stdout).toMatch(/^unexpected answers +0 +0 +held$/m);
  expect(stdout).toMatch(/^GET metrics: 200 +\d+$/m);
  expect(stdout).not.toContain('MISSED');
  expect(code).toBe(0);
});

it.runIf(process.platform === 'linux')('a few steady seconds hold them too, and ask nothing else', async () => {
  const { code, stdout } = await runProgram([main, '--steady', '--minutes=0.1'], { timeoutMs: 170_000 });
  const asked = [...stdout.matchAll(/^([A-Z]+ .*: \d+) /gm)].map(([, what]) => what);
  expect(asked).toEqual(['GET /-/healthy: 200', 'GET metrics: 200']);
  expect(stdout).not.toContain('MISSED');
  expect(code).toBe(0);
});

it('rejects a soak of no length', async () => {
  const { code, stderr } = await runProgram([main, '--minutes=none']);
  expect(stderr).toMatch(/^--minutes none: must be a number above 0$/m);
  expect(code).toBe(1);
});
