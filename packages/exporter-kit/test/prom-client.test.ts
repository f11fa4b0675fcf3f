import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { expect, it } from 'vitest';

const runtime = fileURLToPath(new URL('./programs/runtime.mjs', import.meta.url));

it('loads and starts nothing before the first scrape, and does not keep the process from ending', async () => {
  const { code, stdout, stderr } = await runProgram([runtime]);
  expect(stdout).toBe('imported false\nmade false\nscraped true\n');
  expect([code, stderr]).toEqual([0, '']);
});
