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

/** Looks at the size of the process each 20 ms, instead of each 10 s; `first` runs before the program. */
const looking = (first = ''): string => {
  const soon = 'const every = setInterval; globalThis.setInterval = (f, ms) => every(f, ms === 10_000 ? 20 : ms);';
  return `--import=data:text/javascript,${encodeURIComponent(`${soon} ${first}`)}`;
};
// 120 MB of objects.
const grown = 'globalThis.held = Array.from({ length: 2e6 }, (_, at) => ({ at }));';

it('keeps the young generation of an exporter small, unless the user has sized it', async () => {
  const [own, users] = await Promise.all([youngAfterScrapes(), youngAfterScrapes('--max-semi-space-size=16')]);
  expect(own).toBeLessThan(8 * 2 ** 20);
  expect(users).toBeGreaterThanOrEqual(8 * 2 ** 20);
});

it('lets it grow for good once more than 64 MiB are in use', async () => {
  const [small, large] = await Promise.all([youngAfterScrapes(looking()), youngAfterScrapes(looking(grown))]);
  expect(small).toBeLessThan(8 * 2 ** 20);
  expect(large).toBeGreaterThanOrEqual(8 * 2 ** 20);
});
