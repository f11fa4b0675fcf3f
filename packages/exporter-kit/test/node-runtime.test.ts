import { fileURLToPath } from 'node:url';
import { runProgram } from 'test-servers';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('./programs/node-runtime.mjs', import.meta.url));
const upToScrape = 'imported 0\nmade 0\nscraped 2\nprom-client false\n';

it('starts nothing before the first scrape, without prom-client, and does not keep the process alive', async () => {
  const { code, stdout, stderr } = await runProgram([program]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(upToScrape);
});

it('stops observing when the collector is no longer referenced', async () => {
  const { code, stdout, stderr } = await runProgram(['--expose-gc', program, 'drop']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(`${upToScrape}dropped 0\n`);
});
