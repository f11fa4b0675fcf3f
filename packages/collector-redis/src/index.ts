/** Metrics of Redis and Valkey under redis_exporter's names, types and labels, or under clean ones. */
export type { CommandOptions, RedisClient, Reply } from './client/client.ts';
export type { Names } from './names.ts';
export { type Info, type InfoField, parseInfo } from './parse/info.ts';
