import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { needPeers } from 'test-servers';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { many, serving, untilInFlight, waiting } from '../serving.ts';
import { fileOf, pki } from '../web/made.ts';

const here = needPeers('openssl');
const certs = here ? await pki() : undefined;
afterAll(() => certs?.remove());

/** Asks, and closes its side of the connection at once, as `nc -N` does. */
async function halfClosed(url: string, version: string, headers = '', ca?: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  const at = { host: hostname, port: Number(port), allowHalfOpen: true };
  const socket = ca === undefined ? connect(at) : connectTls({ ...at, ca, checkServerIdentity: () => undefined });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, ca === undefined ? 'connect' : 'secureConnect');
  socket.end(`GET ${pathname} HTTP/${version}\r\nHost: x\r\n${headers}\r\n`);
  return socket;
}

const SERIES = 10_000;
const samplesIn = (text: string): number => text.match(/^size_bytes\{/gm)?.length ?? 0;

describe('a client that closes its side gets its whole answer', () => {
  it.each(['1.0', '1.1'])('over HTTP/%s', async (version) => {
    const socket = await halfClosed(await serving([many(SERIES, 1500)]), version);
    const answer = (await buffer(socket)).toString('latin1');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(samplesIn(answer)).toBe(SERIES);
  });

  it('zipped', async () => {
    const url = await serving([many(SERIES, 100)]);
    const bytes = await buffer(await halfClosed(url, '1.0', 'Accept-Encoding: gzip\r\n'));
    const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
    expect(samplesIn(gunzipSync(body).toString())).toBe(SERIES);
  });

  it.skipIf(!here)('over TLS', async () => {
    const { cert, key } = certs!.server;
    const web = fileOf(`tls_server_config:\n  cert_file: ${cert}\n  key_file: ${key}\n`);
    const url = await serving([many(SERIES, 1500)], { web });
    const socket = await halfClosed(url, '1.0', '', certs!.authority);
    expect(samplesIn((await buffer(socket)).toString('latin1'))).toBe(SERIES);
  });
});

it('one that reads no more is cut', async () => {
  const url = await serving([many(SERIES, 1500)], { stallMs: 200 });
  const socket = await halfClosed(url, '1.1');
  await once(socket, 'readable');
  await untilInFlight(url, 0);
});

it('one that is gone ends its scrape', async () => {
  const { made, started, aborted } = waiting('slow');
  const url = await serving([made]);
  const socket = await halfClosed(url, '1.1');
  await started;
  socket.destroy();
  expect(String(await aborted)).toMatch(/no scrape is waiting/);
});
