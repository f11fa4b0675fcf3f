import { type RedisServer, startRedis, until } from 'test-servers';
import type { Stops } from './stops.ts';

/** Settings of two exporters: of a primary with data of all kinds, its replica and a node of a cluster; and of a sentinel. */
export async function redisSettings(stops: Stops): Promise<{ readonly servers: object; readonly sentinel: object }> {
  const [primary, node] = await Promise.all([
    startRedis({ flags: ['--save', '3600 1', '--appendonly', 'yes', '--maxmemory', '100mb'] }),
    startRedis({ flags: ['--cluster-enabled', 'yes'] }),
  ]);
  for (const one of [primary, node]) stops.add(one);
  await primary.ask('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
  await fill(primary);
  await node.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  const watch = `sentinel monitor main 127.0.0.1 ${primary.port} 1\nsentinel down-after-milliseconds main 5000\n`;
  const [replica, sentinel] = await Promise.all([
    startRedis({ flags: ['--replicaof', '127.0.0.1', String(primary.port)] }),
    startRedis({ sentinel: watch }),
  ]);
  for (const one of [replica, sentinel]) stops.add(one);
  await until('the replica follows', () => says(primary, 'state=online', 'INFO', 'replication'), 30_000);
  await until('the cluster is up', () => says(node, 'cluster_state:ok', 'CLUSTER', 'INFO'), 30_000);
  const servers = { primary, node, replica };
  const settings = {
    redis: {
      targets: Object.fromEntries(Object.entries(servers).map(([name, { url }]) => [name, { addr: url }])),
    },
    collector: {
      keys: { match: ['db0=*'], single: ['db0=number'], count: ['db0=user:*'] },
      streams: { single: ['db0=stream'] },
      key_groups: { pattern: ['^(%a+):'] },
    },
  };
  return { servers: settings, sentinel: { redis: { targets: { sentinel: { addr: sentinel.url } } } } };
}

const says = async (redis: RedisServer, what: string, ...command: string[]): Promise<true | undefined> =>
  String(await redis.ask(...command)).includes(what) || undefined;

/** Keys of all types, a stream with a group, a slow command, an error. */
async function fill(redis: RedisServer): Promise<void> {
  const loop = 'local t = 0 for i = 1, 3000000 do t = t + i end return t';
  for (const command of [
    ['CONFIG', 'SET', 'latency-monitor-threshold', '1', 'slowlog-log-slower-than', '1000'],
    ['SET', 'number', '42.5'],
    ['SET', 'user:1', 'x', 'EX', '1000'],
    ['RPUSH', 'list', '1', '2'],
    ['PFADD', 'hll', '1', '2'],
    ['XADD', 'stream', '1690000000000-0', 'a', '1'],
    ['XGROUP', 'CREATE', 'stream', 'group', '0'],
    ['XREADGROUP', 'GROUP', 'group', 'consumer', 'COUNT', '1', 'STREAMS', 'stream', '>'],
    ['EVAL', loop, '0'],
  ]) {
    await redis.ask(...command);
  }
  await redis.ask('NONSENSE').catch(() => {});
}
