import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { executeJob, gauge, job, pushgateway, type Sink } from 'exporter-kit';
import { remoteWrite } from 'exporter-kit/remote-write';
import { type FaultyGateway, faultyGateway } from 'exporter-kit/testing';
import { type Certificates, makeCertificates, needPeers } from 'test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

beforeEach(() => {
  for (const name of [
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'REQUEST_METHOD',
  ])
    vi.stubEnv(name, '');
});
afterEach(() => vi.unstubAllEnvs());

const counted = job({
  name: 'counted',
  metrics: { rows: gauge({ name: 'counted_rows', help: 'Rows.' }) },
  async run({ rows }) {
    rows.set(7);
  },
});

/** Whether the job's result arrived; the errors, if not. */
async function delivered(sink: Sink): Promise<true | string> {
  const errors = (await executeJob(counted, { to: [sink] })).delivered.flatMap(({ error }) => error ?? []);
  return errors.length === 0 || errors.map(String).join('\n');
}

async function gateway(...options: Parameters<typeof faultyGateway>): Promise<FaultyGateway> {
  const started = await faultyGateway(...options);
  onTestFinished(() => started.close());
  return started;
}

describe('HTTP_PROXY', () => {
  it('is sent a push to another machine, with the whole URL and its own credentials', async () => {
    const proxy = await gateway('ok');
    vi.stubEnv('HTTP_PROXY', proxy.url.replace('//', '//me:secret@'));
    expect(await delivered(pushgateway('http://gateway.example:9091', { bearerToken: 'token' }))).toBe(true);
    const [{ path, text, headers } = expect.fail('nothing arrived')] = proxy.received;
    expect(path).toBe('http://gateway.example:9091/metrics/job/counted');
    expect(text).toContain('counted_rows 7\n');
    expect(headers).toMatchObject({
      host: 'gateway.example:9091',
      authorization: 'Bearer token',
      'proxy-authorization': `Basic ${Buffer.from('me:secret').toString('base64')}`,
    });
  });

  it('is sent remote write too', async () => {
    const proxy = await gateway('ok');
    vi.stubEnv('http_proxy', proxy.url);
    expect(await delivered(remoteWrite('http://engine.example/api/v1/write', { version: '1.0' }))).toBe(true);
    expect(proxy.received.map(({ path }) => path)).toEqual(['http://engine.example/api/v1/write']);
  });

  it('is not asked about this machine', async () => {
    const [proxy, own] = [await gateway('ok'), await gateway('ok')];
    vi.stubEnv('HTTP_PROXY', proxy.url);
    expect(await delivered(pushgateway(own.url))).toBe(true);
    expect([proxy.received.length, own.received.length]).toEqual([0, 1]);
  });

  it('is not asked about what NO_PROXY lists', async () => {
    const proxy = await gateway('ok');
    vi.stubEnv('HTTP_PROXY', proxy.url);
    vi.stubEnv('NO_PROXY', 'other.example,.invalid:9091');
    // No such host, so that going there directly must fail.
    expect(await delivered(pushgateway('http://gateway.invalid:9091', { timeoutMs: 500 }))).toMatch(/gateway\.invalid/);
    expect(proxy.received).toEqual([]);
    expect(await delivered(pushgateway('http://gateway.invalid:9092'))).toBe(true);
  });
});

describe.skipIf(!needPeers('openssl'))('HTTPS_PROXY', () => {
  let made: Certificates;
  beforeAll(async () => {
    made = await makeCertificates();
  });
  afterAll(() => made.remove());

  const tls = () => ({ cert: readFileSync(made.elsewhere.cert), key: readFileSync(made.elsewhere.key) });
  const url = 'https://elsewhere.example:9091';
  const sink = (): Sink => pushgateway(url, { tls: { caFile: made.ca }, timeoutMs: 3000 });

  /** A proxy for tunnels; returns its URL. */
  async function proxyThat(connects: (request: IncomingMessage, client: Socket) => void): Promise<string> {
    const server = createServer((_, response) => response.writeHead(405).end()).on('connect', connects);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return `http://me:secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('is asked to CONNECT, and sees nothing of the push', async () => {
    const requests: IncomingMessage[] = [];
    const real = await gateway('ok', { tls: tls() });
    const proxy = await proxyThat((request, client) => {
      requests.push(request);
      const onward = connect(Number(new URL(real.url).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connected\r\n\r\n');
        client.pipe(onward).pipe(client);
      });
      client.on('error', () => onward.destroy()).on('close', () => onward.destroy());
      onward.on('error', () => client.destroy()).on('close', () => client.destroy());
    });
    vi.stubEnv('HTTPS_PROXY', proxy);
    expect(await delivered(sink())).toBe(true);
    expect(requests.map(({ method, url }) => [method, url])).toEqual([['CONNECT', 'elsewhere.example:9091']]);
    expect(requests[0]!.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
    const [{ path, text, headers } = expect.fail('nothing arrived')] = real.received;
    expect(path).toBe('/metrics/job/counted');
    expect(text).toContain('counted_rows 7\n');
    expect(headers['proxy-authorization']).toBeUndefined();
  });

  it('that does not connect is named, without its password', async () => {
    const proxy = await proxyThat((_, client) => client.end('HTTP/1.1 407 Who Is It\r\ncontent-length: 0\r\n\r\n'));
    vi.stubEnv('HTTPS_PROXY', proxy);
    const said = await delivered(sink());
    expect(said).toMatch(/the proxy 127\.0\.0\.1:\d+ answered 407/);
    expect(said).not.toMatch(/secret|bWU6c2VjcmV0/);
  });
});
