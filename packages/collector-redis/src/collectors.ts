import type { SourceCollector } from 'exporter-kit';
import type { RedisClient } from './client/client.ts';
import { clients } from './collectors/clients.ts';
import { cluster } from './collectors/cluster.ts';
import { commandlog } from './collectors/commandlog.ts';
import { commandstats } from './collectors/commandstats.ts';
import { config } from './collectors/config.ts';
import { errorstats } from './collectors/errorstats.ts';
import { info } from './collectors/info.ts';
import { instance } from './collectors/instance.ts';
import { keyGroups } from './collectors/key-groups.ts';
import { keys } from './collectors/keys.ts';
import { keyspace } from './collectors/keyspace.ts';
import { latency } from './collectors/latency.ts';
import { latencyHistogram } from './collectors/latency-histogram.ts';
import { latencystats } from './collectors/latencystats.ts';
import { replicas } from './collectors/replicas.ts';
import { scripts } from './collectors/scripts.ts';
import { sentinel } from './collectors/sentinel.ts';
import { slowlog } from './collectors/slowlog.ts';
import { streams } from './collectors/streams.ts';
import type { Names } from './names.ts';
import type { Reading } from './source.ts';

/** What {@link redisCollectors} takes. */
export interface RedisOptions {
  /** How families are called; default `classic`, as in redis_exporter. */
  readonly names?: Names | undefined;
}

/**
 * All collectors of this package.
 *
 * @example
 * exporter({ name: 'redis_exporter', namespace: 'redis', version, collectors: redisCollectors() });
 */
export function redisCollectors({ names }: RedisOptions = {}): SourceCollector<RedisClient, Reading>[] {
  return [
    clients(names),
    cluster(names),
    commandlog(names),
    commandstats(names),
    config(names),
    errorstats(names),
    info(names),
    instance(names),
    keyGroups(names),
    keys(names),
    keyspace(names),
    latency(names),
    latencyHistogram(names),
    latencystats(names),
    replicas(names),
    scripts(names),
    sentinel(names),
    slowlog(names),
    streams(names),
  ];
}
