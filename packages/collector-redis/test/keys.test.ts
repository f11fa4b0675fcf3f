import { createClient } from '@redis/client';
import { type ScrapeOptions, scrape } from 'exporter-kit/testing';
import { needPeers, type RedisServer } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keyGroups } from '../src/collectors/key-groups.ts';
import { keys } from '../src/collectors/keys.ts';
import { streams } from '../src/collectors/streams.ts';
import { server } from './real.ts';

type Make = typeof keys | typeof keyGroups | typeof streams;

const run = (redis: RedisServer, make: Make, options: ScrapeOptions) =>
  scrape(make(), { ...options, target: { addr: redis.url } });

/** How often the server was asked for any of the commands. */
async function calls(redis: RedisServer, ...commands: string[]): Promise<number> {
  const stats = String(await redis.ask('INFO', 'commandstats'));
  return commands.reduce(
    (sum, one) => sum + Number(new RegExp(`cmdstat_${one}:calls=(\\d+)`).exec(stats)?.[1] ?? 0),
    0,
  );
}

async function writer(redis: RedisServer) {
  const client = createClient({ url: redis.url, disableClientInfo: true, maintNotifications: 'disabled' });
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

describe.skipIf(!needPeers('redis-server'))('chosen keys', () => {
  it('may be called anything, and be anything', async () => {
    const redis = await server();
    const client = await writer(redis);
    const odd = 'a "quoted"\n\\ key = *';
    await client.set(odd, 'v');
    await client.set(Buffer.from([0xff, 0xfe]), 'no text');
    await client.set('long', 'x'.repeat(2000));
    await client.set('bytes', Buffer.from([0xc3, 0x28]));
    await client.set('like', 'HYLL, but not one');
    const { value, text } = await run(redis, keys, { config: { match: ['*'], single: [`db0=${odd}`, 'db0=gone'] } });
    expect(value('redis_key_size', { db: 'db0', key: odd })).toBe(1);
    expect(value('redis_key_value_as_string', { db: 'db0', key: odd, val: 'v' })).toBe(1);
    expect(value('redis_key_size', { db: 'db0', key: 'long' })).toBe(2000);
    expect(value('redis_key_size', { db: 'db0', key: 'like' })).toBe(17);
    expect(text).not.toContain('xxxx');
    expect(text).not.toContain('gone');
  });

  it('are left alone on a primary when told so', async () => {
    const redis = await server();
    await redis.ask('SET', 'a', '1');
    const { text } = await run(redis, keys, { config: { match: ['*'], skipPrimary: true } });
    expect(text).not.toContain('redis_key_size');
  });

  it('are not streams if they are something else', async () => {
    const redis = await server();
    await redis.ask('SET', 'a', '1');
    await redis.ask('XADD', 'b', '1-1', 'f', 'v');
    const { value, text } = await run(redis, streams, { config: { match: ['*'], single: ['none'] } });
    expect(value('redis_stream_length', { db: 'db0', stream: 'b' })).toBe(1);
    expect(text).not.toContain('stream="a"');
    expect(String(await redis.ask('INFO', 'errorstats'))).not.toContain('errorstat_');
  });

  const endless: readonly [string, Make, object][] = [
    ['keys', keys, { match: ['*'], batchSize: 10 }],
    ['counts', keys, { count: ['*'], batchSize: 10 }],
    ['streams', streams, { match: ['*'], batchSize: 10 }],
    ['groups', keyGroups, { pattern: ['^(k)'], batchSize: 10 }],
  ];
  it.each(endless)('are not looked at any longer than a scrape lasts: %s', async (_, make, config) => {
    const redis = await server();
    const client = await writer(redis);
    await client.sendCommand(['EVAL', "for i = 1, 500000 do redis.call('SET', 'k' .. i, i) end", '0']);
    await expect(run(redis, make, { config, timeoutMs: 1500 })).rejects.toThrow();
    // What was asked is answered before anything that is asked later.
    const commands = ['scan', 'eval', 'type', 'memory\\|usage'];
    const before = await calls(redis, ...commands);
    expect(before).toBeGreaterThan(0);
    for (let i = 0; i < 50; i++) await client.ping();
    expect(await calls(redis, ...commands)).toBe(before);
  });

  it('are grouped by Lua patterns, largest first, the rest as one', async () => {
    const redis = await server();
    const client = await writer(redis);
    for (let i = 0; i < 30; i++) await client.set(`user:${i}`, 'x'.repeat(100));
    for (let i = 0; i < 20; i++) await client.set(`session:${i}`, 'x');
    await client.set('other', 'x');
    await client.set('third:1', 'x');
    const config = { pattern: ['^(user):', '^(%a+):'], maxGroups: 2, batchSize: 7 };
    const { value } = await run(redis, keyGroups, { config });
    const of = (key_group: string) => value('redis_key_group_count', { db: 'db0', key_group });
    expect([of('user'), of('session'), of('overflow')]).toEqual([30, 20, 2]);
    expect(value('redis_number_of_distinct_key_groups', { db: 'db0' })).toBe(4);
    await expect(run(redis, keyGroups, { config: { pattern: ['('] } })).rejects.toThrow(
      'is not a Lua pattern: unfinished capture',
    );
  });

  it('of other nodes of a cluster are skipped', async () => {
    const node = await server({ flags: ['--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no'] });
    // Slot 15495 is that of `a`, 3300 of `b`.
    await node.ask('CLUSTER', 'ADDSLOTSRANGE', '3000', '4000');
    await expect.poll(async () => String(await node.ask('CLUSTER', 'INFO'))).toContain('cluster_state:ok');
    await node.ask('SET', 'b', '1');
    const { value, text } = await run(node, keys, { config: { match: ['*'], single: ['b'] } });
    expect(value('redis_key_value', { db: 'db0', key: 'b' })).toBe(1);
    expect(text).not.toContain('key="a"');
  });
});
