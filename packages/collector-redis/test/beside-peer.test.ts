import { fileURLToPath } from 'node:url';
import { createClient } from '@redis/client';
import { type Family, parseText, type Sample } from 'exporter-kit/exposition';
import { needPeers, type RedisServer, startRedisExporter, until } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { served, server } from './real.ts';

// Families and series of redis_exporter 1.86 that we do not have, and why.
const exempt: { readonly [family: string]: string } = {
  redis_exporter_build_info: 'ours says what ours is',
  redis_exporter_last_scrape_duration_seconds: 'redis_scrape_collector_duration_seconds says it for each collector',
  redis_exporter_scrape_duration_seconds: 'redis_scrape_collector_duration_seconds says it for each collector',
  redis_exporter_last_scrape_error: 'redis_up and redis_scrape_collector_success; an error is no label',
  redis_exporter_last_scrape_ping_time_seconds: 'redis_scrape_source_duration_seconds; off by default there',
  redis_exporter_scrapes_total: 'Prometheus counts its scrapes',
  redis_db_keys_cached: 'KeyDB has it; of others, the peer takes the number of keys with expiring fields for it',
  'redis_config_key_value[["key","primaryauth"]]': "a password: Valkey's name for masterauth",
  'redis_sentinel_config_key_value[["key","sentinel-pass"]]': 'a password',
  redis_target_scrape_request_errors_total: 'the kit counts failed probes',
};
/** Its quantiles are percents, `quantile="99.9"`; Prometheus and OpenMetrics have 0 to 1, as we do. */
const inShares = (text: string): string =>
  text.replace(
    /quantile="([\d.]+)"/g,
    (_, percent: string) => `quantile="${Number((Number(percent) / 100).toPrecision(12))}"`,
  );

/** What goes up and down while the two are read. */
const moving =
  /^redis_(allocator_|mem_|memory_used_|rss_|instantaneous_|client_recent_|connected_clients$|uptime_in|start_time_|exporter_last_|last_key_groups_|stream_group_consumer_idle_|connected_client_(idle_since|created_at)_|process_|slowlog_|db_avg_ttl|connected_slave_lag|key_group_memory|key_memory|number_of_cached_scripts|memory_used_scripts|connected_client_.*bytes|latency_percentiles_usec$)/;
/** Its own connections, and what it has had the server do. */
const ours = (sample: Sample): boolean =>
  !/^redis_connected_client_/.test(sample.name) || sample.labels.name === 'held';

type Exposition = ReadonlyMap<string, { readonly family: Family; readonly value: number }>;

const plain = ([label, value]: [string, string]): [string, string] =>
  label === 'le' || label === 'quantile' ? [label, String(Number(value.replace('Inf', 'Infinity')))] : [label, value];

/** By name and labels; an empty label is none. */
function bySeries(families: Iterable<Family>): Exposition {
  const key = ({ name, labels }: Sample): string => {
    const known = Object.entries(labels).filter(([, value]) => value !== '');
    const sorted = known.map(plain).sort();
    return `${name}${JSON.stringify(sorted)}`;
  };
  return new Map(
    [...families]
      .filter(({ name }) => name.startsWith('redis_') && exempt[name] === undefined)
      .flatMap((family) => family.samples.filter(ours).map((one) => [key(one), { family, value: one.value }])),
  );
}

/** A connection called `held` that stays until the test ends. */
async function hold(redis: RedisServer): Promise<(...command: string[]) => Promise<unknown>> {
  const held = createClient({ RESP: 2, url: redis.url, disableClientInfo: true, maintNotifications: 'disabled' });
  held.on('error', () => {});
  await held.connect();
  onTestFinished(() => held.destroy());
  await held.sendCommand(['CLIENT', 'SETNAME', 'held']);
  return (...command) => held.sendCommand(command);
}

/** Keys of all types, streams with groups, errors, latency, a slow command. */
async function fill(redis: RedisServer, otherDatabase: boolean): Promise<void> {
  const held = await hold(redis);
  const script = (count: number): string => `local t = 0 for i = 1, ${count} do t = t + i end return t`;
  const commands: (readonly string[])[] = [
    ['CONFIG', 'SET', 'latency-monitor-threshold', '1', 'slowlog-log-slower-than', '10000'],
    ['SET', 'number', '42.5'],
    ['SET', 'text', 'a "quoted" \\ text'],
    ['SET', 'empty', ''],
    ['RPUSH', 'list', '1', '2'],
    ['SADD', 'set', '1', '2', '3'],
    ['ZADD', 'zset', '1', 'a'],
    ['HSET', 'hash', 'a', '1', 'b', '2'],
    ['PFADD', 'hll', '1', '2', '3', '4'],
    ['XADD', 'stream', '1690000000000-0', 'a', '1'],
    ['XADD', 'stream', '1690000001000-0', 'a', '2'],
    ['XGROUP', 'CREATE', 'stream', 'group', '0'],
    ['XREADGROUP', 'GROUP', 'group', 'consumer', 'COUNT', '1', 'STREAMS', 'stream', '>'],
    ...[1, 2, 3].map((i) => ['SET', `user:${i}`, 'x']),
    ['EVAL', script(300_000), '0'],
    ['EVAL', script(5_000_000), '0'],
    ...(otherDatabase ? [['SELECT', '3']] : []),
    ['SET', 'expiring', '1', 'EX', '1000'],
  ];
  for (const command of commands) await held(...command);
  await held('NONSENSE').catch(() => {});
}

const flavours = (['redis-server', 'valkey-server'] as const).filter((program) => needPeers(program, 'redis_exporter'));

const script = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}.lua`, import.meta.url));

/** What both are told to read: a cluster has one database, and the peer gives up where it is told of another. */
const chosen = (inCluster: boolean, isSentinel: boolean) => ({
  settings: {
    keys: { match: inCluster ? ['*'] : ['db0=*', 'db3=exp*'], single: ['number'], count: ['db0=user:*'] },
    streams: { single: ['stream'] },
    key_groups: { pattern: ['^(%a+):'] },
    ...(isSentinel ? {} : { scripts: { file: [script('values'), script('empty')] } }),
    config: { values: true },
    sentinel: { values: true },
  },
  flags: [
    ...[`--check-keys=${inCluster ? '*' : 'db0=*,db3=exp*'}`, '--check-single-keys=number', '--count-keys=db0=user:*'],
    ...['--check-single-streams=stream', '--check-key-groups=^(%a+):'],
    ...(isSentinel ? [] : [`--script=${script('values')},${script('empty')}`]),
    ...['--export-client-list', '--include-config-metrics', '--include-modules-metrics', '--include-system-metrics'],
  ],
});

describe.each(flavours)('beside redis_exporter, on one %s', (program) => {
  it('has its families, types, labels and values, of a primary and of a replica', async () => {
    const redis = await server({ program });
    await redis.ask('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
    await fill(redis, true);
    const replica = await server({ program, flags: ['--replicaof', '127.0.0.1', String(redis.port)] });
    await hold(replica);
    await until('the replica follows', () => says(redis, 'state=online', 'INFO', 'replication'), 30_000);
    // The primary says so before the replica has loaded what it was sent.
    await until('the replica has the keys', () => says(replica, 'db3:', 'INFO', 'keyspace'), 30_000);
    const families = await compare(redis);
    await compare(replica);
    const lacking = families.filter((name) => exempt[name] !== undefined);
    expect(lacking.length / families.length).toBeLessThan(0.05);
  });

  it('has those of a node of a cluster', async () => {
    const node = await server({ program, flags: ['--cluster-enabled', 'yes'] });
    await node.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await until('the cluster is up', () => says(node, 'cluster_state:ok', 'CLUSTER', 'INFO'), 30_000);
    await fill(node, false);
    await compare(node, ['redis_cluster_state', 'redis_cluster_messages_sent_total']);
  });

  it('has those of a sentinel', async () => {
    const redis = await server({ program });
    const watch = `sentinel monitor main 127.0.0.1 ${redis.port} 1\nsentinel down-after-milliseconds main 5000\n`;
    const sentinel = await server({ program, sentinel: watch });
    await until('the sentinel sees it', () => says(sentinel, 'status=ok', 'INFO', 'sentinel'), 30_000);
    await hold(sentinel);
    // A sentinel changes its frequency at random, so that several of them do not vote at once.
    const moves = ['redis_hz[]', 'redis_configured_hz[]'];
    await compare(sentinel, ['redis_sentinel_master_ckquorum_status', 'redis_sentinel_config_value'], moves);
  });
});

async function says(redis: RedisServer, what: string, ...command: string[]): Promise<true | undefined> {
  return String(await redis.ask(...command)).includes(what) || undefined;
}

/**
 * Reads ours, the peer's, and ours again; what differs three times is an error. Returns the peer's families.
 *
 * @param moves series whose values say nothing.
 */
async function compare(
  redis: RedisServer,
  has: readonly string[] = [],
  moves: readonly string[] = [],
): Promise<string[]> {
  const inCluster = await says(redis, 'cluster_enabled:1', 'INFO', 'cluster');
  const isSentinel = await says(redis, 'mode:sentinel', 'INFO', 'server');
  const { settings, flags } = chosen(inCluster === true, isSentinel === true);
  const peer = await startRedisExporter(redis.url, flags);
  onTestFinished(() => peer.stop());
  const scrape = await served({ addr: redis.url }, { settings });
  const read = async (): Promise<Family[]> => parseText(await scrape());
  // What a first scrape does for the first time, such as EVAL, is then known to the server.
  await peer.scrape();
  await read();

  let names: string[] = [];
  let wrong: string[] = [];
  for (let round = 0; round < 3 && (round === 0 || wrong.length > 0); round++) {
    const before = bySeries(await read());
    const families = parseText(inShares(await peer.scrape()));
    const real = bySeries(families);
    const after = bySeries(await read());
    if (round === 0) expect(missingFamilies(after, families)).toEqual([]);
    const unlike = [...real.keys()].filter(
      (key) => exempt[key] === undefined && !moves.includes(key) && !fits(key, before, real, after),
    );
    const common = new Set(families.map(({ name }) => name));
    const own = [...before].filter(([key, { family }]) => common.has(family.name) && !real.has(key) && !isBucket(key));
    unlike.push(...own.map(([key]) => key));
    const shown = unlike.map((key) => `${key} ${[before, real, after].map((one) => one.get(key)?.value).join(' ')}`);
    wrong = round === 0 ? shown : shown.filter((one) => wrong.some((key) => key.split(' ')[0] === one.split(' ')[0]));
    names = families.map(({ name }) => name).filter((name) => name.startsWith('redis_'));
  }
  expect(wrong).toEqual([]);
  expect(names).toEqual(expect.arrayContaining([...has]));
  return names;
}

/** The peer leaves out buckets that are equal to the one below. */
const isBucket = (key: string): boolean => key.includes('_usec_bucket[');

/** Families that the peer has and we have not, or with another type. */
function missingFamilies(own: Exposition, families: readonly Family[]): string[] {
  const kinds = new Map([...own.values()].map(({ family }) => [family.name, family.kind]));
  const theirs = families.filter(({ name }) => name.startsWith('redis_'));
  const missing = theirs
    .filter(({ name, kind }) => kinds.get(name) !== kind)
    .map(({ name, kind }) => `${name} ${kind}`);
  return missing.filter((one) => exempt[one.split(' ')[0]!] === undefined);
}

function fits(key: string, before: Exposition, real: Exposition, after: Exposition): boolean {
  const { family, value } = real.get(key)!;
  const high = after.get(key)?.value;
  if (high === undefined) return false;
  if (moving.test(family.name)) return true;
  // What is counted for the first time by what the peer asked is not in ours before.
  const low = before.get(key)?.value ?? Number.NEGATIVE_INFINITY;
  if (family.kind !== 'gauge' || low !== high) return low <= value && value <= high;
  return value === low;
}
