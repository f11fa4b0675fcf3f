import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Fault, type FaultyGateway, faultyGateway } from './faulty-gateway.ts';

const open: FaultyGateway[] = [];
afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

async function start(script: Fault | readonly Fault[]): Promise<FaultyGateway> {
  const gateway = await faultyGateway(script);
  open.push(gateway);
  return gateway;
}

/** All that a connection gets to see until it ends, or until there are `enough` bytes. */
function raw(url: string, enough: number): Promise<{ got: string; ended: 'FIN' | 'RST' | 'still open' }> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    let got = '';
    const socket = connect(Number(port), hostname);
    const done = (ended: 'FIN' | 'RST' | 'still open'): void => {
      socket.destroy();
      resolve({ got, ended });
    };
    socket.on('end', () => done('FIN')).on('error', () => done('RST'));
    socket.on('data', (bytes) => {
      got += bytes;
      if (got.length >= enough) done('still open');
    });
    socket.write('POST /metrics/job/j HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na\n');
  });
}

describe('faultyGateway', () => {
  it('records what it got, and goes through its script to the last fault', async () => {
    const gateway = await start([{ status: 503, headers: { 'retry-after': '1' }, text: 'busy' }, 'ok']);
    const url = `${gateway.url}/metrics/job/j`;
    const busy = await fetch(url, { method: 'PUT', body: 'a 1\n' });
    expect([busy.status, busy.headers.get('retry-after'), await busy.text()]).toEqual([503, '1', 'busy']);
    const zipped = { method: 'POST', body: gzipSync('b 2\n'), headers: { 'content-encoding': 'gzip' } };
    expect((await fetch(url, zipped)).status).toBe(200);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(202);
    expect(gateway.received.map(({ method, path, text }) => [method, path, text])).toEqual([
      ['PUT', '/metrics/job/j', 'a 1\n'],
      ['POST', '/metrics/job/j', 'b 2\n'],
      ['DELETE', '/metrics/job/j', ''],
    ]);
  });

  it.each<[Fault, 'FIN' | 'RST' | 'still open', RegExp]>([
    ['reset', 'RST', /^$/],
    ['empty', 'FIN', /^$/],
    ['drip', 'still open', /^HTTP\/1\.1 200 OK\r\n.*\r\n1\r\nx\r\n1\r\nx\r\n/s],
    ['drip-head', 'still open', /^HTTP\/1\.1 200 OK\r\nx-never-ends: x+$/],
    ['truncate', 'FIN', /content-length: 1000\r\n.*\r\n\r\nx$/is],
    ['continue', 'still open', /^(HTTP\/1\.1 100 Continue\r\n\r\n){2}/],
    ['page', 'FIN', /content-type: text\/html.*<html>/s],
    ['garbage', 'FIN', /^SSH/],
  ])('%s ends with %s', async (fault, ended, pattern) => {
    const gateway = await start(fault);
    const enough = { page: Number.POSITIVE_INFINITY, 'drip-head': 40 }[String(fault)] ?? 250;
    const answer = raw(gateway.url, enough);
    // A web server keeps a connection that is still of use.
    if (fault === 'page')
      await expect
        .poll(() => gateway.received.length)
        .toBe(1)
        .then(() => gateway.close());
    const seen = await answer;
    expect(seen.got).toMatch(pattern);
    expect(seen.ended).toBe(ended);
    expect(gateway.received.length).toBe(1);
  });

  it('hangs until it is closed, and refuses who comes after that', async () => {
    const gateway = await start('hang');
    const answer = raw(gateway.url, 1);
    await expect.poll(() => gateway.received.length).toBe(1);
    await gateway.close();
    expect((await answer).got).toBe('');
    await expect(fetch(gateway.url)).rejects.toThrow();
    await gateway.close();
  });
});
