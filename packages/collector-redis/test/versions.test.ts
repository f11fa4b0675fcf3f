import type { Logger } from 'exporter-kit';
import { findPeer, type Generation, type RedisServer } from 'test-servers';
import { expect, it } from 'vitest';
import { served, server } from './real.ts';

interface Version {
  readonly program: 'redis-server' | 'valkey-server';
  readonly generation: Generation;
  /** As INFO has it. */
  readonly version: RegExp;
  /** Collectors of commands that it does not know, and of what it is not. */
  readonly unsupported: readonly string[];
}

const never = ['cluster', 'sentinel'];
const versions: readonly Version[] = [
  {
    program: 'redis-server',
    generation: 'debian11',
    version: /redis_version:6\.0/,
    unsupported: ['commandlog', 'latency_histogram', ...never],
  },
  {
    program: 'redis-server',
    generation: 'debian12',
    version: /redis_version:7\.0/,
    unsupported: ['commandlog', ...never],
  },
  { program: 'redis-server', generation: 'today', version: /redis_version:8/, unsupported: ['commandlog', ...never] },
  { program: 'valkey-server', generation: 'debian13', version: /valkey_version:8\.1/, unsupported: never },
  { program: 'valkey-server', generation: 'today', version: /valkey_version:9/, unsupported: never },
];

/** Keys of each type, and a replica. */
async function filled(options: { program: Version['program']; generation: Generation }): Promise<RedisServer> {
  const redis = await server(options);
  const commands = [
    'SET text a',
    'RPUSH list 1',
    'SADD set 1',
    'ZADD zset 1 a',
    'HSET hash a 1',
    'PFADD hll 1',
    'XADD stream * a 1',
    'XGROUP CREATE stream group 0',
    'SET user:1 x',
  ];
  for (const command of commands) await redis.ask(...command.split(' '));
  return redis;
}

// A version that is not there may be one that Debian no longer has.
const there = versions.filter(({ program, generation }) => {
  const found = findPeer(program, generation) !== undefined;
  if (!found) console.warn(`SKIPPED: needs ${program} of ${generation}; run: sh packages/test-servers/fetch.sh`);
  return found;
});

it.each(there)('everything answers on $program of $generation', async ({ version, unsupported, ...which }) => {
  const redis = await filled(which);
  await redis.ask('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
  const replica = await server({ ...which, flags: ['--replicaof', '127.0.0.1', String(redis.port)] });
  expect(String(await redis.ask('INFO', 'server'))).toMatch(version);
  await expect
    .poll(async () => String(await redis.ask('INFO', 'replication')), { timeout: 50_000 })
    .toContain('state=online');
  // Until then it may be loading, and refuse commands.
  await expect
    .poll(async () => String(await replica.ask('INFO', 'replication')), { timeout: 50_000 })
    .toContain('master_link_status:up');

  const families: string[][] = [];
  for (const one of [redis, replica]) {
    const troubles: object[] = [];
    const missing: string[] = [];
    const log: Logger = {
      debug: (facts, text) => {
        if (/unsupported/.test(text ?? '')) missing.push((facts as { collector: string }).collector);
      },
      info() {},
      warn: (facts) => void troubles.push(facts as object),
      error: (facts) => void troubles.push(facts as object),
    };
    const settings = {
      keys: { match: ['*'], count: ['db0=user:*'] },
      streams: { match: ['db0=*'] },
      key_groups: { pattern: ['^(%a+):'] },
      config: { values: true },
    };
    const text = await (await served({ addr: one.url }, { settings, log }))();
    expect(troubles).toEqual([]);
    expect([...text.matchAll(/success\{.*\} 0$|^redis_up 0$/gm)].map(String)).toEqual([]);
    expect(missing.sort()).toEqual([...unsupported].sort());
    families.push([...text.matchAll(/^# TYPE (\S+).*\n\1/gm)].map(([, name]) => name!));
  }
  expect(families[0]!.length).toBeGreaterThan(150);
  expect(families[0]).toEqual(
    expect.arrayContaining(['redis_connected_slave_offset_bytes', 'redis_stream_length', 'redis_key_size']),
  );
  expect(families[1]).toContain('redis_master_link_up');
});
