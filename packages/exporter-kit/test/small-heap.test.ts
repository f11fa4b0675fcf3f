import { fileURLToPath } from 'node:url';
import { startProgram } from 'test-servers';
import { expect, it } from 'vitest';
import { get, valueIn } from './get.ts';

const program = fileURLToPath(new URL('./programs/thousand.mjs', import.meta.url));

/** Bytes of the young generation after many scrapes. */
async function youngAfterScrapes(...flagsOfNode: string[]): Promise<number> {
  const args = [...flagsOfNode, program, '--web.listen-address=127.0.0.1:0'];
  const { match, stop } = await startProgram(args, { until: /address=(http\S+)/ });
  for (let i = 0; i < 150; i++) await get(`${match[1]}metrics`);
  const { text } = await get(`${match[1]}metrics`);
  await stop();
  return valueIn(text, 'nodejs_heap_space_size_total_bytes{space="new"}')!;
}

it('keeps the young generation of an exporter small, unless the user has sized it', async () => {
  const [own, users] = await Promise.all([youngAfterScrapes(), youngAfterScrapes('--max-semi-space-size=16')]);
  expect(own).toBeLessThan(8 * 2 ** 20);
  expect(users).toBeGreaterThan(8 * 2 ** 20);
});
