import { expect, it } from 'vitest';
import { replies } from '../../test/recorded.ts';
import { commandStats } from './command-stats.ts';
import { parseInfo } from './info.ts';

it('takes sections and fields apart', () => {
  const info = parseInfo(
    '# Server\r\nredis_version:8.0.6\r\nos:Linux 6.1: x86_64\r\n\r\n# Keyspace\r\ndb0:keys=1,expires=0\r\nnonsense\r\n:x\r\n',
  );
  expect([...info.fields]).toEqual([
    ['redis_version', '8.0.6'],
    ['os', 'Linux 6.1: x86_64'],
  ]);
  expect(info.section('keyspace')).toEqual([['db0', 'keys=1,expires=0']]);
  expect(info.section('server')).toHaveLength(2);
  expect(info.section('sentinel')).toEqual([]);
});

it('keeps what comes twice, such as modules', () => {
  const info = parseInfo('# Modules\nmodule:name=a,ver=1\nmodule:name=b,ver=2\n');
  expect(info.section('modules').map(([, value]) => value)).toEqual(['name=a,ver=1', 'name=b,ver=2']);
});

it('is not fooled by commands, errors and databases that are called like fields', () => {
  const info = parseInfo('# Memory\nused_memory:1\n# Commandstats\nused_memory:2\n# Errorstats\nused_memory:3\n');
  expect(info.fields.get('used_memory')).toBe('1');
});

it.each(['redis-7', 'redis-8-primary', 'redis-8-replica', 'valkey-9', 'sentinel-8'] as const)('reads %s', (name) => {
  const info = parseInfo(replies(name)['INFO everything'] as string);
  expect(info.fields.get('redis_version')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(info.section('clients').length).toBeGreaterThan(3);
});

it('reads what each command has cost', () => {
  const info = parseInfo(
    [
      '# Commandstats',
      'cmdstat_get:calls=21,usec=175,usec_per_call=8.33,rejected_calls=1,failed_calls=2',
      'cmdstat_config|get:calls=1,usec=10,usec_per_call=10.00,rejected_calls=0,failed_calls=0',
      'cmdstat_old:calls=2,usec=3,usec_per_call=1.5',
      'cmdstat_odd:calls=x,usec=3',
      'odd',
      '',
    ].join('\r\n'),
  );
  expect(commandStats(info)).toEqual([
    { command: 'get', calls: 21, microseconds: 175, rejected: 1, failed: 2 },
    { command: 'config|get', calls: 1, microseconds: 10, rejected: 0, failed: 0 },
    { command: 'old', calls: 2, microseconds: 3 },
  ]);
});
