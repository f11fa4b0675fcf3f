import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { probed } from 'exporter-kit/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { http } from './http.ts';

/** Starts a server that answers with these bytes and keeps the connection open; returns its address and the requests. */
async function serverOf(
  answer: string | ((request: string) => string),
): Promise<{ address: string; requests: string[] }> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.on('data', (bytes) => {
      requests.push(bytes.toString('latin1'));
      socket.write(typeof answer === 'string' ? answer : answer(requests.at(-1)!), 'latin1');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n';

it.each([
  ['lines that end with LF', 'HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 5\n\nhello'],
  ['a control character', `${OK}Set-Cookie: ___utmv=a\x01b; path=/\r\n\r\nhello`],
  ['a folded header', `${OK}X-Long: a\r\n b\r\n\r\nhello`],
  ['a header of 64 kB', `${OK}X-Long: ${'a'.repeat(65_536)}\r\n\r\nhello`],
  ['an interim response', `HTTP/1.1 103 Early Hints\r\n\r\n${OK}\r\nhello`],
  ['a space after a chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n'],
])('accepts a response with %s', async (_what, answer) => {
  const { address } = await serverOf(answer);
  const { success, value, reason } = await probed(http, address);
  expect({ success, reason }).toEqual({ success: true });
  expect([value('probe_http_status_code'), value('probe_http_uncompressed_body_length')]).toEqual([200, 5]);
});

describe('101', () => {
  const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

  it('is a final response to a request with Upgrade', async () => {
    const { address, requests } = await serverOf(SWITCH);
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
    const { success, value } = await probed(http, address, { config: { valid_status_codes: [101], headers } });
    expect([success, value('probe_http_status_code'), value('probe_http_content_length')]).toEqual([true, 101, 0]);
    expect(requests[0]).toMatch(/^connection: Upgrade\r$/im);
    expect(requests[0]).not.toMatch(/close/);
  });

  it('fails at once without such a request', async () => {
    const { address } = await serverOf(SWITCH);
    const { success, reason } = await probed(http, address);
    expect({ success, reason }).toEqual({
      success: false,
      reason: expect.stringContaining('the status is 101, not 2xx'),
    });
  });
});

it.each([
  [{ 'Content-Length': '5' }, /Content-Length.*remove it/],
  [{ 'transfer-encoding': 'chunked' }, /transfer-encoding.*remove it/],
  [{ 'X-A': '1', 'x-a': '2' }, /set twice/],
  [{ 'X Y': '1' }, /not a valid header/],
  [{ X: 'a\nb' }, /not a valid header/],
])('rejects the headers %j', (headers, message) => {
  expect(() => http.config!.parse({ headers })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(new RegExp(message.source, 's')) }),
  );
});

it('sends hop-by-hop headers as configured', async () => {
  const { address, requests } = await serverOf(`${OK}\r\nhello`);
  const headers = { Connection: 'keep-alive', 'Keep-Alive': 'timeout=5', TE: 'trailers', Host: 'other.example' };
  expect((await probed(http, address, { config: { headers } })).success).toBe(true);
  for (const [name, value] of Object.entries(headers)) {
    const lines = requests[0]!.split('\r\n').filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    expect(lines).toEqual([`${name.toLowerCase()}: ${value}`]);
  }
});

describe('user and password of a URL', () => {
  const basicOf = (request: string): string | undefined => {
    const [, credentials] = /^authorization: Basic (.*)\r$/im.exec(request) ?? [];
    return credentials === undefined ? undefined : Buffer.from(credentials, 'base64').toString('latin1');
  };

  it.each([
    ['me:hunter2@', 'me:hunter2'],
    ['me@', 'me:'],
    [':pw@', ':pw'],
    ['m%65:hunter%3A%40%2F@', 'me:hunter:@/'],
    ['me:100%@', 'me:100%'],
    ['me:%e9@', 'me:\xe9'],
    ['', undefined],
  ])('%s are sent as curl does', async (written, sent) => {
    const { address, requests } = await serverOf(`${OK}\r\nhello`);
    const { success, reason } = await probed(http, `http://${written}${address}/`);
    expect({ success, reason }).toEqual({ success: true });
    expect(basicOf(requests[0]!)).toBe(sent);
  });

  it('are sent to redirects of the same origin only', async () => {
    const other = await serverOf(`${OK}\r\nhello`);
    const here = await serverOf((request) =>
      request.startsWith('GET / ')
        ? 'HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n'
        : `HTTP/1.1 302 Found\r\nLocation: http://you:secret@${other.address}/\r\nContent-Length: 0\r\n\r\n`,
    );
    expect((await probed(http, `http://me:hunter2@${here.address}/`)).success).toBe(true);
    expect([...here.requests, ...other.requests].map(basicOf)).toEqual(['me:hunter2', 'me:hunter2', undefined]);
  });
});

describe('a proxy', () => {
  it('receives the whole URL, with its own credentials', async () => {
    const proxy = await serverOf(`${OK}\r\nhello`);
    const target = await serverOf('');
    const config = { proxy_url: `http://p:hunter2@${proxy.address}` };
    expect((await probed(http, `http://${target.address}/x?y`, { config })).success).toBe(true);
    expect(proxy.requests[0]).toMatch(`GET http://${target.address}/x?y HTTP/1.1\r\n`);
    expect(proxy.requests[0]).toMatch(`proxy-authorization: Basic ${Buffer.from('p:hunter2').toString('base64')}\r\n`);
    expect(target.requests).toEqual([]);
  });

  it('tunnels https, and its refusal is reported', async () => {
    const proxy = await serverOf('HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n');
    const config = { proxy_url: `http://${proxy.address}`, proxy_connect_header: { 'X-Key': ['a'] } };
    const { reason } = await probed(http, 'https://127.0.0.1:1/', { config });
    expect(reason).toContain('answered 407 instead of connecting to 127.0.0.1:1');
    expect(proxy.requests[0]).toMatch(
      /^CONNECT 127\.0\.0\.1:1 HTTP\/1\.1\r\nhost: 127\.0\.0\.1:1\r\nX-Key: a\r\n\r\n$/,
    );
  });

  it('is not used for the exceptions', async () => {
    const target = await serverOf(`${OK}\r\nhello`);
    const config = { proxy_url: 'http://127.0.0.1:1', no_proxy: '127.0.0.0/8' };
    expect((await probed(http, target.address, { config })).success).toBe(true);
  });

  it('does not reach denied targets', async () => {
    const proxy = await serverOf(`${OK}\r\nhello`);
    const config = { proxy_url: `http://${proxy.address}`, skip_resolve_phase_with_proxy: true };
    const { success, reason } = await probed(http, 'http://127.0.0.1:1/', { config, guard: {} });
    expect({ success, reason }).toEqual({ success: false, reason: expect.stringContaining('loopback') });
    expect(proxy.requests).toEqual([]);
  });

  it('resolves names that cannot be resolved here, if configured', async () => {
    const proxy = await serverOf(`${OK}\r\nhello`);
    const config = { proxy_url: `http://${proxy.address}`, skip_resolve_phase_with_proxy: true };
    const { success, reason } = await probed(http, 'http://no-such-host.invalid/', { config });
    expect({ success, reason }).toEqual({ success: true });
    expect(proxy.requests[0]).toMatch(/^GET http:\/\/no-such-host\.invalid\/ /);
  });

  it.each([
    [{ proxy_url: 'socks5://x' }, /socks5 proxies are not supported/],
    [{ no_proxy: 'x' }, /needs proxy_url/],
    [{ proxy_url: 'http://x', proxy_from_environment: true }, /not both/],
    [{ proxy_connect_header: { a: ['b'] } }, /needs a proxy/],
  ])('rejects %j', (config, message) => {
    expect(() => http.config!.parse(config)).toThrow(message);
  });
});
