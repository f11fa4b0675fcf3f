import { once } from 'node:events';
import { createServer, get as getByHttp, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Program, startProgram } from 'test-servers';
import { afterEach, describe, expect, it } from 'vitest';
import { exporter, nodeListener } from '../../src/index.ts';
import { get, samplesOf } from '../get.ts';
import { ask, many, serving, untilInFlight } from '../serving.ts';

// About 15 MB: more than the sockets take in.
const [SERIES, LENGTH] = [10_000, 1500];
const sent = 'promhttp_metric_handler_response_bytes_total';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Asks so many times on one connection, waits for the beginning, and reads no more. */
async function stalled(url: string, times = 1, headers = ''): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.on('error', () => {});
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`.repeat(times));
  await once(socket, 'readable');
  return socket;
}

describe('a scraper that hangs up', () => {
  it('ends the encoding at once', async () => {
    const url = await serving([many(SERIES, LENGTH)]);
    const whole = (await get(url)).body.length;
    const before = (await ask(url, sent))!;
    const req = getByHttp(url, { agent: false });
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    await once(res, 'readable');
    await untilInFlight(url, 1);
    res.on('error', () => {});
    req.destroy();
    await untilInFlight(url, 0);
    expect((await ask(url, sent))! - before).toBeLessThan(whole);
  });

  it('ends its wait for gzip, and is counted as gone', async () => {
    const url = await serving([many(SERIES, LENGTH)], { gzipLevel: 9 });
    const req = getByHttp(url, { agent: false, headers: { 'accept-encoding': 'gzip' } });
    req.on('error', () => {});
    await untilInFlight(url, 1);
    // By a reset, which is seen at once; half-closed.test.ts has the other way.
    req.socket!.resetAndDestroy();
    await untilInFlight(url, 0);
    expect(await ask(url, 'promhttp_metric_handler_requests_total{code="499"}')).toBe(1);
    const again = await get(url, { 'accept-encoding': 'gzip' });
    expect(samplesOf(again.text, 'size_bytes{').length).toBe(SERIES);
  });

  it('ends all that it has asked for, answers in line too', async () => {
    const url = await serving([many(SERIES, LENGTH)]);
    const socket = await stalled(url, 20);
    await untilInFlight(url, 20);
    socket.destroy();
    await untilInFlight(url, 0);
  });
});

describe('a scraper that stops reading', () => {
  it.each([1, 3])('is cut after a time, having asked for %d answers', async (times) => {
    const url = await serving([many(SERIES, LENGTH)], { stallMs: 100 });
    const socket = await stalled(url, times);
    await untilInFlight(url, 0);
    let tail = Buffer.alloc(0);
    for await (const part of socket) tail = Buffer.from(part).subarray(-20);
    expect(String(tail).endsWith('0\r\n\r\n')).toBe(false);
  });

  it('is not cut while it moves, however slowly', async () => {
    // Far longer than the kernel takes to tell that a few MB were read.
    const url = await serving([many(SERIES, LENGTH)], { stallMs: 1500 });
    const started = performance.now();
    const req = getByHttp(url, { agent: false });
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    let length = 0;
    for await (const part of res) {
      length += part.length;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    expect(length).toBeGreaterThan(SERIES * LENGTH);
    expect(performance.now() - started).toBeGreaterThan(1500);
  });

  it('leaves the connection as it was when it has read all', async () => {
    const handler = nodeListener(exporter({ name: 'test_exporter', collectors: [many(SERIES, LENGTH)] }));
    const times: (number | undefined)[] = [];
    const server = createServer({ keepAliveTimeout: 0 }, (req, res) => {
      res.once('close', () => times.push(req.socket.timeout));
      handler(req, res);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
    const req = getByHttp(url, { agent: false });
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    await once(res, 'readable');
    for await (const _ of res);
    expect(times).toEqual([0]);
    server.close();
  });
});

describe('fifty that stop reading 15 MB', () => {
  const script = fileURLToPath(new URL('../programs/big.mjs', import.meta.url));
  let program: Program | undefined;
  afterEach(() => program?.stop());

  /** How many MB the process grows by, at the most. */
  async function growth(stall: (url: string, look: () => Promise<void>) => Promise<void>): Promise<number> {
    program = await startProgram([script, '{"maxRequests":0}'], { until: /address=(\S+)/ });
    const url = `${program.match[1]}metrics`;
    // Warm, with all that it needs to answer.
    for (let i = 0; i < 3; i++) expect((await get(url)).body.length).toBeGreaterThan(15e6);
    const before = (await ask(url, 'rss_bytes'))!;
    let peak = before;
    const look = async (): Promise<void> => {
      peak = Math.max(peak, (await ask(url, 'rss_bytes'))!);
    };
    await stall(url, look);
    await untilInFlight(url, 50);
    await look();
    // Those who read get theirs meanwhile.
    expect((await get(url)).body.length).toBeGreaterThan(15e6);
    await look();
    return (peak - before) / 2 ** 20;
  }

  it('at the same moment take little memory', async () => {
    const grown = await growth(async (url) => {
      await Promise.all(Array.from({ length: 50 }, () => stalled(url)));
    });
    expect(grown).toBeLessThan(150);
  });

  it('one after the other take little memory, though each has an answer of its own', async () => {
    const grown = await growth(async (url, look) => {
      for (let i = 0; i < 50; i++) {
        await stalled(url);
        await look();
      }
    });
    // Their answers would take 750 MB. Node 20 grows by 60, Node 24, which collects less, by 160.
    expect(grown).toBeLessThan(200);
  });
});
