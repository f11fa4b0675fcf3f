import { expect, it } from 'vitest';
import type { RedisClient } from '../client/client.ts';
import { scan } from './scan.ts';

it('ends when the names of keys are more than can be kept', async () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `${i}`.padEnd(100, 'x'));
  let steps = 0;
  const client: RedisClient = {
    connectSeconds: 0,
    database: 0,
    command: async () => [String(++steps), names],
    close() {},
  };
  const all = scan({ database: 0, pattern: 'a*' }, { client, signal: new AbortController().signal, batchSize: 1 });
  await expect(
    (async () => {
      for await (const _ of all);
    })(),
  ).rejects.toThrow('keys like a* exceed 100 MiB');
  expect(steps).toBeLessThan(12);
});
