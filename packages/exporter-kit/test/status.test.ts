import { expect, it } from 'vitest';
import { get } from './get.ts';
import { counting, failing, serving, untilInFlight, waiting } from './serving.ts';

const statusOf = async (metrics: string) => JSON.parse((await get(new URL('/-/status.json', metrics).href)).text);

it('has what a collector last did, and how old what is cached is', async () => {
  const cached = counting('cached', { cacheForMs: 60_000 });
  const url = await serving([cached.made, failing('broken', { optional: true })]);
  await get(url);
  await get(url);
  const { exporter, version, ready, collectors } = await statusOf(url);
  expect({ exporter, version, ready }).toEqual({ exporter: 'test_exporter', version: '1.2.3', ready: true });
  expect(collectors).toEqual([
    {
      name: 'cached',
      enabled: true,
      status: 'ok',
      lastRun: expect.stringMatching(/^\d{4}-.*Z$/),
      durationSeconds: expect.any(Number),
      series: 1,
      cacheAgeSeconds: expect.any(Number),
    },
    expect.objectContaining({ name: 'broken', status: 'failed', error: 'Error', series: 0 }),
  ]);
  expect(JSON.stringify(collectors)).not.toContain('hunter2');
});

it('says which collector is still at an earlier call', async () => {
  const slow = waiting('slow', { timeoutMs: 20 });
  const url = await serving([slow.made]);
  await get(url);
  expect((await statusOf(url)).collectors).toMatchObject([{ name: 'slow', status: 'busy' }]);
  slow.go();
  await untilInFlight(url, 0);
  expect((await statusOf(url)).collectors).toMatchObject([{ name: 'slow', status: 'timeout' }]);
});
