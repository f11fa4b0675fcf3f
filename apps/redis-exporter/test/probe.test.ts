import { needPeers } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { connections, running, server } from './running.ts';

describe.skipIf(!needPeers('redis-server'))('/probe', () => {
  it('reads a server that no setting names, and keeps its connection for the next time', async () => {
    const redis = await server();
    const exporter = await running({ redis: { targets: {} } }, '--probe.allow=127.0.0.0/8');
    for (const target of [redis.address, redis.url, redis.address]) {
      const answer = await exporter.probe({ target });
      expect([answer.status, answer.value('redis_up'), answer.value('probe_success')]).toEqual([200, 1, 1]);
      expect(answer.value('redis_connected_clients')).toBeGreaterThan(0);
      expect(answer.text).not.toContain('server=');
    }
    // One for each way to write the target.
    expect(await connections(redis)).toBe(2);
    expect((await exporter.scrape()).text).not.toContain('redis_up');
  });

  it('says that a server is down', async () => {
    const exporter = await running({ redis: { targets: {} } }, '--probe.allow=127.0.0.0/8');
    const answer = await exporter.probe({ target: '127.0.0.1:1' });
    expect([answer.status, answer.value('redis_up'), answer.value('probe_success')]).toEqual([200, 0, 0]);
  });

  it('sends credentials to the targets of their module, and to no other', async () => {
    const [own, other] = [
      await server({ flags: ['--requirepass', 'hunter22'], login: { password: 'hunter22' } }),
      await server(),
    ];
    const modules = {
      corp: { prober: 'redis', targets: [own.address], collectors: ['info'], redis: { password: 'hunter22' } },
    };
    const exporter = await running({ redis: { targets: {} }, modules });
    const answer = await exporter.probe({ target: own.address, module: 'corp' });
    expect([answer.value('redis_up'), answer.value('redis_connected_clients')]).toEqual([1, expect.any(Number)]);
    expect(answer.text).not.toContain('redis_db_keys');

    const before = String(await other.ask('INFO', 'stats')).match(/total_connections_received:(\d+)/)?.[1];
    const refused = await exporter.probe({ target: other.address, module: 'corp' });
    expect(refused.status).toBe(403);
    expect(refused.text + exporter.output()).not.toContain('hunter22');
    // Only the two that asked here.
    expect(String(await other.ask('INFO', 'stats'))).toContain(`total_connections_received:${Number(before) + 1}`);
  });

  it.each([[[]], [['--probe.allow=*']], [['--probe.allow=127.0.0.0/8']]])(
    'reaches no socket of this machine, with %j',
    async (flags) => {
      const redis = await server();
      const exporter = await running({ redis: { targets: {} } }, ...flags);
      const answer = await exporter.probe({ target: `unix://${redis.socket}` });
      expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('the target is refused')]);
      expect(await connections(redis)).toBe(0);
    },
  );
});
