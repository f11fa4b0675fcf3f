import { scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { readingOf } from '../source.ts';
import { replicas } from './replicas.ts';

const read = (...lines: string[]) =>
  scrape(replicas(), { reading: readingOf(['# Replication', ...lines, ''].join('\r\n')) });

it('tells several primaries of KeyDB apart', async () => {
  const { value, series } = await read(
    'role:active-replica',
    'master_global_link_status:up',
    ...['master_host:kdb0', 'master_port:6377', 'master_link_status:up', 'master_last_io_seconds_ago:1'],
    ...['master_sync_in_progress:0', 'slave_repl_offset:100'],
    ...['master_1_host:kdb1', 'master_1_port:6378', 'master_1_link_status:down', 'master_1_last_io_seconds_ago:-1'],
    ...['master_1_sync_in_progress:1', 'master_1_link_down_since_seconds:12'],
  );
  const [first, second] = [
    { master_host: 'kdb0', master_port: '6377' },
    { master_host: 'kdb1', master_port: '6378' },
  ];
  expect([value('redis_master_link_up', first), value('redis_master_link_up', second)]).toEqual([1, 0]);
  expect(value('redis_master_last_io_seconds_ago', second)).toBe(-1);
  expect(value('redis_master_sync_in_progress', second)).toBe(1);
  expect(value('redis_master_link_down_since_seconds', second)).toBe(12);
  expect(value('redis_slave_repl_offset', first)).toBe(100);
  expect(series('redis_slave_info')).toEqual([]);
});

it('reads replicas by the names of their fields, of every version', async () => {
  const { value, series } = await read(
    'role:master',
    'slave0:ip=10.0.0.1,port=6379,state=online,offset=14,lag=0',
    'slave1:ip=10.0.0.2,port=6379,state=wait_bgsave,offset=0,lag=-1,type=rdb-channel',
    'slave2:ip=::1,port=6380,state=online,offset=9',
    'slave3:nonsense',
    'slave_priority:100',
  );
  const slave = (slave_ip: string, slave_port = '6379', slave_state = 'online') => ({
    slave_ip,
    slave_port,
    slave_state,
  });
  expect(series('redis_connected_slave_offset_bytes')).toHaveLength(3);
  expect(value('redis_connected_slave_offset_bytes', slave('10.0.0.1'))).toBe(14);
  expect(value('redis_connected_slave_offset_bytes', slave('::1', '6380'))).toBe(9);
  expect(series('redis_connected_slave_lag_seconds')).toHaveLength(1);
});
