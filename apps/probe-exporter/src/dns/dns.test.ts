import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import dnsPacket from 'dns-packet';
import { lint, probed } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { nameServer } from '../../test/targets.ts';
import { dns } from './dns.ts';

async function server(): Promise<string> {
  const { address, close } = await nameServer();
  onTestFinished(close);
  return address;
}

it('reports what is in the answer', async () => {
  const config = { query_name: 'example.org.', query_type: 'A' };
  const { success, text, value } = await probed(dns, await server(), { config });
  expect(success).toBe(true);
  expect(['answer', 'authority', 'additional'].map((section) => value(`probe_dns_${section}_rrs`))).toEqual([2, 1, 1]);
  expect(lint(text)).toEqual([]);
});

it.each([
  [{ query_name: 'nowhere.org' }, 'the answer is NXDOMAIN, not NOERROR'],
  [{ query_type: 'TXT', validate_answer_rrs: { fail_if_not_matches_regexp: ['x'] } }, 'no answer record'],
  [{ validate_answer_rrs: { fail_if_matches_regexp: ['2$'] } }, 'an answer record matches: example.org.'],
  [{ validate_authority_rrs: { fail_if_not_matches_regexp: ['2$'] } }, 'an authority record does not match'],
  [{ validate_additional_rrs: { fail_if_none_matches_regexp: ['2$'] } }, 'no additional record matches'],
  [{ validate_answer_rrs: { fail_if_all_match_regexp: ['2$'] } }, 'not all answer records match'],
])('%j fails with a reason', async (also, why) => {
  const config = { query_name: 'example.org', query_type: 'A', ...also };
  const { success, reason, value } = await probed(dns, await server(), { config });
  expect({ success, reason }).toEqual({ success: false, reason: expect.stringContaining(why) });
  expect(value('probe_dns_query_succeeded')).toBe(1);
});

it('ignores answers to other queries, and packets that are not answers', async () => {
  const liar = createSocket('udp4');
  liar.on('message', (bytes, { port, address }) => {
    const { id = 0, questions = [] } = dnsPacket.decode(bytes);
    liar.send('garbage', port, address);
    liar.send(dnsPacket.encode({ type: 'response', id: (id + 1) & 0xffff, questions }), port, address);
    liar.send(dnsPacket.encode({ type: 'query', id, questions }), port, address);
  });
  liar.bind(0, '127.0.0.1');
  await once(liar, 'listening');
  onTestFinished(() => void liar.close());
  const config = { query_name: 'example.org', query_type: 'A' };
  const { reason, value } = await probed(dns, `127.0.0.1:${liar.address().port}`, { config, timeoutMs: 200 });
  expect(reason).toBe('did not end within its time');
  expect(value('probe_dns_query_succeeded')).toBe(0);
  expect(value('probe_dns_duration_seconds', { phase: 'request' })).toBeGreaterThan(0.1);
});

it.each([
  [{}, /query_name/],
  [{ query_name: 'a', query_type: 'NONSENSE' }, /query_type/],
  [{ query_name: 'a', valid_rcodes: ['FINE'] }, /valid_rcodes/],
  [{ query_name: 'a', dns_over_tls: true }, /transport_protocol/],
])('rejects %j', (config, message) => {
  expect(() => dns.config!.parse(config)).toThrow(message);
});

it('fails at once on a malformed answer', async () => {
  const server = createSocket('udp4');
  server.on('message', (bytes, { port, address }) => {
    const head = Buffer.from('8180000100010000000000', 'hex').subarray(0, 10);
    const record = Buffer.from('c00c000100010000003c0003c00002', 'hex');
    server.send(Buffer.concat([bytes.subarray(0, 2), head, bytes.subarray(12), record]), port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const config = { query_name: 'example.org', query_type: 'A' };
  const { reason, value } = await probed(dns, `127.0.0.1:${server.address().port}`, { config });
  expect(reason).toContain('a field is longer than its record');
  expect(value('probe_dns_query_succeeded')).toBe(0);
});
