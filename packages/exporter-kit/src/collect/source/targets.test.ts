import { expect, it } from 'vitest';
import { z } from 'zod';
import { gauge, source } from '../../index.ts';
import { resolveTargets, sourcesOf } from './targets.ts';

const redis = source({
  name: 'redis',
  up: gauge({ name: 'redis_up', help: 'Whether it answered.' }),
  config: z.strictObject({ addr: z.string(), user: z.string().default('nobody') }),
  target: 'addr',
  read() {},
});
const plain = source({ name: 'plain', up: gauge({ name: 'plain_up', help: 'Whether it answered.' }), read() {} });

it('has one target without a name, or those below targets with what stands beside them', () => {
  const one = resolveTargets([redis], { redis: { addr: 'a:1' } });
  expect(one.get(redis)).toEqual([{ settings: { addr: 'a:1' }, config: { addr: 'a:1', user: 'nobody' } }]);
  const targets = { 'db-1': { addr: 'a:1' }, db_1: { addr: 'b:1', user: 'eve' } };
  const many = resolveTargets([redis], { redis: { user: 'mon', targets } });
  expect(many.get(redis)).toEqual([
    { name: 'db-1', settings: { user: 'mon', addr: 'a:1' }, config: { user: 'mon', addr: 'a:1' } },
    { name: 'db_1', settings: { user: 'eve', addr: 'b:1' }, config: { user: 'eve', addr: 'b:1' } },
  ]);
  expect(resolveTargets([redis], { redis: { targets: {} } }).get(redis)).toEqual([]);
});

it('needs required settings, unless the source is probed', () => {
  expect(() => resolveTargets([redis])).toThrow('source redis does not accept its settings');
  expect(resolveTargets([redis], {}, [redis]).get(redis)).toEqual([]);
  // Wrong ones are wrong all the same.
  expect(() => resolveTargets([redis], { redis: { adr: 'a:1' } }, [redis])).toThrow('source redis does not accept');
  expect(resolveTargets([plain]).get(plain)).toEqual([{ settings: {}, config: undefined }]);
});

it.each([
  ['an unknown source', { rediss: {} }, 'sources: "rediss" is not a source of this exporter; its sources: redis.'],
  ['targets as a list', { redis: { targets: [] } }, 'source redis: targets must be a map from names to settings.'],
  ['a target without a name', { redis: { targets: { '': {} } } }, "source redis: a target has the name ''"],
  [
    'settings that a target must not have',
    { redis: { targets: { a: { addr: 'a:1', adr: 'b' } } } },
    'source redis, target "a" does not accept its settings',
  ],
])('refuses %s', (_, given, message) => {
  expect(() => resolveTargets([redis], given)).toThrow(message);
});

it('takes sources from collectors, one value for each name', () => {
  const of = (source?: typeof redis): { source?: typeof redis } => (source === undefined ? {} : { source });
  expect(sourcesOf([of(redis), of(), of(plain), of(redis)])).toEqual([redis, plain]);
  expect(() => sourcesOf([of(redis), of({ ...redis })])).toThrow('two sources are called "redis"');
});
