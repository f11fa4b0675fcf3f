import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { slices } from './wait.ts';

const STEP_MS = 0.1;

/** The longest turn of the event loop, in milliseconds of a made-up clock, while so much work is done in steps at once. */
async function longestTurn(works: number, ms: number): Promise<number> {
  let clock = 0;
  const now = vi.spyOn(performance, 'now').mockImplementation(() => clock);
  onTestFinished(() => now.mockRestore());
  const work = async (): Promise<void> => {
    const turn = slices();
    for (let done = 0; done < ms; done += STEP_MS) {
      clock += STEP_MS;
      await turn();
    }
  };
  let longest = 0;
  let last = clock;
  let isOver = false;
  const all = Promise.all(Array.from({ length: works }, work)).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    longest = Math.max(longest, clock - last);
    last = clock;
    await setImmediate();
  }
  await all;
  return longest;
}

it('yields to the event loop every few milliseconds', async () => {
  expect(await longestTurn(1, 20)).toBeLessThan(2.5);
});

it('shares them among all that is under way', async () => {
  // Each takes one step at least.
  expect(await longestTurn(200, 20)).toBeLessThan(2.5 + 200 * 1.5 * STEP_MS);
});
