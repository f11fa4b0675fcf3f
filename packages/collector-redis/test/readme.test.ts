import { readFileSync } from 'node:fs';
import { needPeers } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { served, server } from './real.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [plain, forKeys] = [...readme.matchAll(/^ACL SETUSER exporter .*$/gm)].map(([line]) => line.split(' '));
const flavours = (['redis-server', 'valkey-server'] as const).filter((program) => needPeers(program));

/** Collectors that failed, by their verdicts. */
const failures = (text: string) => [...text.matchAll(/success\{collector="(\w+)"\} 0$/gm)].map(([, name]) => name);

describe.each(flavours)('the users that the README makes, on %s', (program) => {
  it('may read everything but keys, and then these too', async () => {
    const redis = await server({ program, flags: ['--cluster-enabled', 'yes'] });
    await redis.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await expect.poll(async () => String(await redis.ask('CLUSTER', 'INFO'))).toContain('cluster_state:ok');
    for (const command of [
      'SET text a',
      'PFADD hll 1',
      'RPUSH list 1',
      'SADD set 1',
      'ZADD zset 1 a',
      'HSET hash a 1',
    ]) {
      await redis.ask(...command.split(' '));
    }
    await redis.ask('XADD', 'stream', '*', 'a', '1');
    await redis.ask('XGROUP', 'CREATE', 'stream', 'group', '0');

    await redis.ask(...plain!);
    if (program === 'valkey-server') await redis.ask('ACL', 'SETUSER', 'exporter', '+commandlog|len');
    const target = { addr: redis.url, user: 'exporter', password: 'secret' };
    const scrape = await served(target);
    const text = await scrape();
    expect(text).toMatch(/^redis_up 1$/m);
    expect(failures(text)).toEqual([]);

    const settings = { keys: { match: ['*'] }, streams: { match: ['*'] }, key_groups: { pattern: ['^(.)'] } };
    const withKeys = await served(target, { settings });
    expect(failures(await withKeys())).toEqual(['key_groups', 'keys', 'streams']);
    await redis.ask(...forKeys!);
    expect(failures(await withKeys())).toEqual([]);
  });
});
