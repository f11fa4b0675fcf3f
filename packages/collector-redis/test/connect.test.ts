import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { makeCertificates, needPeers, type RedisServer } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type OpenOptions, open, server } from './real.ts';

const ok = needPeers('redis-server');

/** Connections to the server but the one that asks. */
async function connections(redis: RedisServer): Promise<number> {
  return (
    String(await redis.ask('CLIENT', 'LIST', 'TYPE', 'normal'))
      .trim()
      .split('\n').length - 1
  );
}

async function freePort(): Promise<number> {
  const listening = createServer().listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  listening.close();
  await once(listening, 'close');
  return port;
}

describe.skipIf(!ok)('a connection', () => {
  it('sends commands, as an ACL user, over TCP or a unix socket, and ends when it is closed', async () => {
    const redis = await server();
    await redis.ask('ACL', 'SETUSER', 'mon', 'on', '>secret', '+ping', '+acl|whoami', '+client|setname');
    for (const addr of [redis.url, `unix://${redis.socket}`, redis.address]) {
      const client = await open(addr, { user: 'mon', password: 'secret' });
      expect(await client.command(['ACL', 'WHOAMI'])).toBe('mon');
      expect(client.connectSeconds).toBeLessThan(10);
      await expect(client.command(['INFO'])).rejects.toThrow(/^NOPERM/);
      client.close();
      client.close();
      await expect(client.command(['PING'])).rejects.toThrow('closed');
    }
    await expect.poll(() => connections(redis)).toBe(0);
  });

  it('goes on without a name where ACLs deny CLIENT SETNAME', async () => {
    const redis = await server();
    await redis.ask('ACL', 'SETUSER', 'mon', 'on', '>secret', '+ping');
    const client = await open(redis.url, { user: 'mon', password: 'secret' });
    expect(await client.command(['PING'])).toBe('PONG');
  });

  it('says why there is none, in the words of the server or the system', async () => {
    const redis = await server({ flags: ['--requirepass', 'right'], login: { password: 'right' } });
    await expect(open(redis.url, { password: 'wrong' })).rejects.toThrow(/^WRONGPASS/);
    await expect(open(redis.url, { user: 'nobody', password: 'right' })).rejects.toThrow(/^WRONGPASS/);
    await expect(open(redis.url)).rejects.toThrow(/^NOAUTH/);
    await expect(open(`${redis.url}/99`, { password: 'right' })).rejects.toThrow('DB index is out of range');
    await expect(open(`127.0.0.1:${await freePort()}`)).rejects.toThrow('ECONNREFUSED');
    await expect(open(`unix://${redis.folder}/none.sock`)).rejects.toThrow('ENOENT');
    await expect.poll(() => connections(redis)).toBe(0);
  });

  it('says that the server has too many already', async () => {
    const redis = await server();
    const held = await open(redis.url);
    await held.command(['CONFIG', 'SET', 'maxclients', '1']);
    await expect(open(redis.url)).rejects.toThrow('max number of clients');
    await held.command(['CONFIG', 'SET', 'maxclients', '100']);
    expect(await (await open(redis.url)).command(['PING'])).toBe('PONG');
  });

  it('is given up when the signal aborts, whatever the server does', async () => {
    const redis = await server({ flags: ['--requirepass', 'right'], login: { password: 'right' } });
    process.kill(redis.program.pid, 'SIGSTOP');
    const controller = new AbortController();
    const opening = open(redis.url, { password: 'right', signal: controller.signal });
    const reason = new Error('30 s are over');
    setTimeout(() => controller.abort(reason), 50);
    await expect(opening).rejects.toBe(reason);
    process.kill(redis.program.pid, 'SIGCONT');
    await expect.poll(() => connections(redis)).toBe(0);
  });

  it('rejects what it waits for when the server dies, and everything afterwards', async () => {
    const redis = await server();
    const client = await open(redis.url);
    const pending = client.command(['BLPOP', 'nothing', '0']);
    process.kill(redis.program.pid, 'SIGKILL');
    await expect(pending).rejects.toThrow();
    await expect(client.command(['PING'])).rejects.toThrow(/ECONNRESET|closed/);
  });
});

describe.skipIf(!(ok && needPeers('openssl')))('over TLS', () => {
  it('checks who the server is, and shows who it is itself', async () => {
    const certificates = await makeCertificates();
    onTestFinished(() => certificates.remove());
    const redis = await server();
    const port = String(await freePort());
    const { cert, key } = certificates.server;
    await redis.ask(
      ...['CONFIG', 'SET', 'tls-port', port, 'tls-cert-file', cert, 'tls-key-file', key],
      ...['tls-ca-cert-file', certificates.ca, 'tls-auth-clients', 'yes'],
    );
    const addr = `rediss://127.0.0.1:${port}`;
    const own = { caFile: certificates.ca, certFile: certificates.client.cert, keyFile: certificates.client.key };
    const ping = async (tls: NonNullable<OpenOptions['tls']>) => (await open(addr, { tls })).command(['PING']);
    expect(await ping(own)).toBe('PONG');
    const { caFile: _, ...trusting } = own;
    await expect(ping(trusting)).rejects.toThrow(/certificate/);
    expect(await ping({ ...trusting, skipVerify: true })).toBe('PONG');
    await expect(ping({ caFile: certificates.ca })).rejects.toThrow(/alert|certificate|closed|ECONNRESET/i);
    await expect(ping({ ...own, serverName: 'elsewhere.example' })).rejects.toThrow(/elsewhere\.example/);
    await expect(ping({ ...own, caFile: `${redis.folder}/none.pem` })).rejects.toThrow(/ENOENT.*none\.pem/);

    await redis.ask(
      'CONFIG',
      'SET',
      'tls-cert-file',
      certificates.elsewhere.cert,
      'tls-key-file',
      certificates.elsewhere.key,
    );
    await expect(ping(own)).rejects.toThrow(/127\.0\.0\.1/);
    expect(await ping({ ...own, serverName: 'elsewhere.example' })).toBe('PONG');
  });
});
