import { lint } from 'exporter-kit/testing';
import { needPeers, promtoolCheckMetrics, pythonParse, startRedisExporter } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failed, running, server } from './running.ts';

describe.skipIf(!needPeers('redis-server'))('with a server', () => {
  it('serves one without a label, and several by name', async () => {
    const redis = await server();
    const one = await (await running({ redis: { addr: redis.url } })).scrape();
    expect(one.value('redis_up')).toBe(1);
    expect(one.value('redis_connected_clients')).toBeGreaterThan(0);
    expect(failed(one)).toEqual([]);

    const targets = { sessions: { addr: redis.url }, queue: { addr: `unix://${redis.socket}` } };
    const exporter = await running({ redis: { targets } });
    const several = await exporter.scrape();
    for (const name of ['sessions', 'queue']) {
      expect(several.value(`redis_up{server="${name}"}`)).toBe(1);
      expect(several.value(`redis_connected_clients{server="${name}"}`)).toBeGreaterThan(1);
    }
    const selected = await exporter.scrape(10, '?target[]=queue');
    expect(selected.value('redis_up{server="queue"}')).toBe(1);
    expect(selected.text).not.toContain('server="sessions"');
  });

  it.skipIf(!needPeers('promtool', 'redis_exporter'))(
    'is reported for names of redis_exporter only, or for none',
    async () => {
      const redis = await server();
      const peer = await startRedisExporter(redis.url, ['--export-client-list']);
      onTestFinished(() => peer.stop());
      const findings = (text: string): string[] =>
        [...new Set(promtoolCheckMetrics(text).problems.map((line) => line.split(' ')[0]!))].sort();
      const theirs = findings(await peer.scrape());

      const classic = await (await running({ redis: { addr: redis.url } }, '--collector.clients')).scrape();
      expect(findings(classic.text).filter((name) => !theirs.includes(name))).toEqual([]);
      const clean = await (
        await running({ redis: { addr: redis.url } }, '--collector.clients', '--names=clean')
      ).scrape();
      expect(findings(clean.text)).toEqual([]);
      expect(lint(clean.text)).toEqual([]);
    },
  );

  it.skipIf(!needPeers('python-client'))('is accepted by a strict OpenMetrics parser, under both names', async () => {
    const redis = await server();
    for (const names of ['classic', 'clean']) {
      const { scrape } = await running({ redis: { addr: redis.url } }, '--collector.clients', `--names=${names}`);
      await scrape();
      const { text } = await scrape(10, '', 'application/openmetrics-text; version=1.0.0');
      const families = new Map(pythonParse(text, 'openmetrics').map((family) => [family.name, family]));
      expect(families.get('redis_instance')).toMatchObject({ type: 'info' });
      expect(families.get('redis_net_input_bytes')).toMatchObject({ type: 'counter', unit: 'bytes' });
      const latency = names === 'clean' ? 'redis_command_latency_seconds' : 'redis_commands_latencies_usec';
      expect(families.get(latency)).toMatchObject({ type: 'histogram' });
    }
  });
});
