import { createServer, type Socket } from 'node:net';
import { lint, probed } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { sshServer } from '../../test/targets.ts';
import { tcp } from './tcp.ts';

async function ssh(): Promise<string> {
  const { address, close } = await sshServer();
  onTestFinished(close);
  return address;
}

/** Starts a server that calls a function for each connection, until the test ends. */
async function serving(talk: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    talk(socket);
  });
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

it('writes labels of what the server sent', async () => {
  const labels = [
    { name: 'ssh_version', value: '$1' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Go's syntax for a group
    { name: 'ssh_comments', value: '<${2}> $$' },
  ];
  const config = { query_response: [{ expect: '^SSH-2.0-([^ -]+)(?: (.*))?$', labels }, { send: 'SSH-2.0-x' }] };
  const { success, text, value } = await probed(tcp, await ssh(), { config });
  expect(success).toBe(true);
  expect(value('probe_expect_info', { ssh_version: 'OpenSSH_9.6', ssh_comments: '<Test> $' })).toBe(1);
  expect(lint(text)).toEqual([]);
});

it('reports no failed expectation without a connection', async () => {
  const { success, value } = await probed(tcp, '127.0.0.1:1', { config: { query_response: [{ expect: 'x' }] } });
  expect(success).toBe(false);
  expect(value('probe_failed_due_to_regex')).toBeUndefined();
});

it.each([
  ['SSH-1', { regex: 1, bytes: 0 }, 'no line matches', [{ expect: 'SSH-1' }, { send: 'x' }]],
  ['bytes', { regex: 0, bytes: 1 }, 'other bytes than', [{ expect_bytes: 'wellcome' }]],
])('reports a failed expectation: %s', async (_, failed, why, query_response) => {
  const target = await serving((socket) => socket.end('welcome\r\n'));
  const { success, reason, value } = await probed(tcp, target, { config: { query_response } });
  expect({ success, reason }).toEqual({ success: false, reason: expect.stringContaining(why) });
  expect(value('probe_failed_due_to_regex')).toBe(failed.regex);
  expect(value('probe_failed_due_to_bytes')).toBe(failed.bytes);
});

it('reads lines split anywhere, and a last line without a line end', async () => {
  const target = await serving((socket) => {
    socket.setNoDelay();
    socket.write('on');
    setImmediate(() => socket.write('e\r\ntwo\nthr'));
    setImmediate(() => setImmediate(() => socket.end('ee')));
  });
  const query_response = ['^one$', '^two$', '^three$'].map((expect) => ({ expect }));
  expect(await probed(tcp, target, { config: { query_response } })).toMatchObject({ success: true });
});

it('limits the length of a line, and stops at the timeout', async () => {
  const endless = await serving((socket) => void socket.write('x'.repeat(100_000)));
  const config = { query_response: [{ expect: 'y' }] };
  expect((await probed(tcp, endless, { config })).reason).toContain('more than 65536 bytes');
  const silent = await serving(() => {});
  const { reason, value } = await probed(tcp, silent, { config, timeoutMs: 200 });
  expect(reason).toBe('did not end within its time');
  expect(value('probe_failed_due_to_regex')).toBe(0);
});

it('fails if the server does not speak TLS', async () => {
  const { success, value } = await probed(tcp, await ssh(), { config: { tls: true } });
  expect(success).toBe(false);
  expect(value('probe_tls_version_info')).toBeUndefined();
});

it.each([
  [{ query_response: [{ expect: 'a', expect_bytes: 'b' }] }, /not both/],
  [{ query_response: [{ expect: '(' }] }, /expect/],
  [{ source_ip_address: 'here' }, /source_ip_address/],
  [{ tls_config: { min_version: 'SSL3' } }, /min_version/],
])('rejects %j', (config, message) => {
  expect(() => tcp.config!.parse(config)).toThrow(message);
});
