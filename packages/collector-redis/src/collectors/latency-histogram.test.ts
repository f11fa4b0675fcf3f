import type { Sample } from 'exporter-kit/exposition';
import { scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { fakeClient } from '../../test/recorded.ts';
import { latencyHistogram } from './latency-histogram.ts';

const info = [
  '# Server',
  'redis_version:7.0.0',
  '# Commandstats',
  'cmdstat_get:calls=5,usec=50,usec_per_call=10',
  'cmdstat_config|get:calls=2,usec=7,usec_per_call=3.5',
  'cmdstat_config|set:calls=1,usec=4,usec_per_call=4',
  '',
].join('\r\n');

/** Observations up to a bound, which is written as `1.0`, or `1e-06`. */
function below(buckets: readonly Sample[], cmd: string, le: number): number | undefined {
  const ofCommand = buckets.filter(({ labels }) => labels.cmd === cmd);
  return ofCommand.find(({ labels }) => Number(labels.le!.replace('+Inf', 'Infinity')) === le)?.value;
}

function over(...reply: unknown[]) {
  return fakeClient({ 'INFO everything': info, 'LATENCY HISTOGRAM': reply as never });
}

it('has one set of buckets for all commands, whatever the reply leaves out', async () => {
  const client = over(
    ...['get', ['calls', 5, 'histogram_usec', [2, 1, 33, 3, 1073741, 4]]],
    ...['config', ['calls', 3, 'histogram_usec', [4, 3]]],
  );
  const { value, series } = await scrape(latencyHistogram(), { client });
  const buckets = series('redis_commands_latencies_usec_bucket');
  const bounds = [1, 2, 16, 33, 541_065, 1_073_741, Number.POSITIVE_INFINITY];
  expect(bounds.map((le) => below(buckets, 'get', le))).toEqual([0, 1, 1, 3, 3, 4, 5]);
  expect(buckets).toHaveLength(2 * 22);
  expect(value('redis_commands_latencies_usec_sum', { cmd: 'get' })).toBe(50);
  // A container has the time of its subcommands.
  expect(value('redis_commands_latencies_usec_sum', { cmd: 'config' })).toBe(11);
  expect(value('redis_commands_latencies_usec_count', { cmd: 'config' })).toBe(3);
});

it('counts a bound of other versions for the next one of ours', async () => {
  const client = over('get', ['calls', 2, 'histogram_usec', [3, 1, 2000000, 2]]);
  const { series } = await scrape(latencyHistogram('clean'), { client });
  const buckets = series('redis_command_latency_seconds_bucket');
  const bounds = [2e-6, 4e-6, 1.073741, Number.POSITIVE_INFINITY];
  expect(bounds.map((le) => below(buckets, 'get', le))).toEqual([0, 1, 1, 2]);
});

it('is not asked of servers that do not know it', async () => {
  const client = fakeClient({ 'INFO everything': info.replace('7.0.0', '6.2.14') });
  await expect(scrape(latencyHistogram(), { client })).rejects.toThrow('Redis 7 is needed, and this is 6.2');
});

it('says what it does not understand', async () => {
  await expect(scrape(latencyHistogram(), { client: over('get', 'nonsense') })).rejects.toThrow(
    'LATENCY HISTOGRAM: expected a list, got "nonsense".',
  );
});
