import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SourceCollector } from 'exporter-kit';
import { collectorConformance } from 'exporter-kit/testing';
import { describe, it } from 'vitest';
import { fakeClient, type Recording, type Replies, replies } from '../../test/recorded.ts';
import type { RedisClient } from '../client/client.ts';
import { redisCollectors } from '../collectors.ts';
import type { Reading } from '../source.ts';

/** Where a collector has something to tell. */
const recordings: { readonly [collector: string]: Recording } = { sentinel: 'sentinel-8', commandlog: 'valkey-9' };
/** Those that ask more than INFO, without any settings. */
const asking = [
  'keys',
  'streams',
  'clients',
  'commandlog',
  'config',
  'latency',
  'latency_histogram',
  'scripts',
  'sentinel',
  'slowlog',
];

const script = fileURLToPath(new URL('../../fixtures/empty.lua', import.meta.url));

/** Those that read what they are told to. */
const settings: { readonly [collector: string]: object } = {
  keys: { single: ['l'] },
  streams: { single: ['st'] },
  scripts: { file: [script] },
};
const moreReplies: Replies = {
  [`EVAL ${readFileSync(script, 'utf8')} 0`]: [],
  'TYPE l': 'list',
  'MEMORY USAGE l': 80,
  'LLEN l': 2,
  'TYPE st': 'stream',
  'XINFO STREAM st': ['length', 1, 'groups', 1, 'last-generated-id', '1690000000000-0', 'entries-added', 1],
  'XINFO GROUPS st': [['name', 'g', 'consumers', 1, 'pending', 1, 'last-delivered-id', '1690000000000-0', 'lag', null]],
  'XINFO CONSUMERS st g': [['name', 'c', 'pending', 1, 'idle', 1000]],
};

describe.each(redisCollectors({ names: 'clean' }).filter(({ name }) => name !== 'cluster'))('$name', (collector) => {
  const answers = { ...replies(recordings[collector.name] ?? 'redis-8-primary'), ...moreReplies };
  const { 'INFO everything': info } = answers;
  const subject = (client: RedisClient) => ({ collector: collector as SourceCollector<RedisClient, Reading>, client });
  const over = (other: RedisClient['command']): RedisClient => ({
    ...fakeClient(answers),
    command: async (words, options) => (words[0] === 'INFO' ? (info as string) : other(words, options)),
  });
  const asks = asking.includes(collector.name);
  it.each(
    collectorConformance({
      config: settings[collector.name] ?? {},
      good: () => subject(fakeClient(answers)),
      failing: asks ? () => subject(over(async () => Promise.reject(new Error('NOPERM no permission')))) : 'none',
      hanging: asks
        ? () =>
            subject(
              over(
                (_, { signal } = {}) =>
                  new Promise((_done, fail) => signal?.addEventListener('abort', () => fail(signal.reason))),
              ),
            )
        : 'none',
    }),
  )('$title', ({ check }) => check());
});
