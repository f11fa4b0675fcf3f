import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { collector, gauge } from '../../src/index.ts';
import { get, samplesOf, scraper, valueIn } from '../get.ts';
import { counting, many, serving, untilInFlight, waiting } from '../serving.ts';

const TIMEOUT = 'x-prometheus-scrape-timeout-seconds';
const text = { accept: 'text/plain' };

/** Asks, and hangs up when it is told to. */
function hangingUp(url: string): { hangUp(): void } {
  const req = request(url, { agent: false });
  req.on('error', () => {});
  req.end();
  return { hangUp: () => void req.destroy() };
}

/** Asks for all of it, reads the beginning, and no more. */
async function stalled(url: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

async function statusOf(url: URL, agent: Agent): Promise<number | undefined> {
  const req = request(url, { agent });
  req.end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  await once(res.resume(), 'end');
  return res.statusCode;
}

/** Counts requests for a path by burst: those of one turn of the event loop and of the turns right after it. */
function arrivalsAt(path: string): { stop(): readonly number[] } {
  const bursts: number[] = [];
  let [turn, latest] = [0, -2];
  let timer = setImmediate(function next() {
    turn++;
    timer = setImmediate(next);
  });
  const arrived = (message: unknown): void => {
    if ((message as { request: IncomingMessage }).request.url !== path) return;
    if (turn > latest + 1) bursts.push(0);
    bursts.push(bursts.pop()! + 1);
    latest = turn;
  };
  subscribe('http.server.request.start', arrived);
  return {
    stop() {
      clearImmediate(timer);
      unsubscribe('http.server.request.start', arrived);
      return bursts;
    },
  };
}

describe('scrapes at the same time', () => {
  it('share one run, whatever their format', async () => {
    const slow = waiting('slow');
    const url = await serving([slow.made]);
    const scrapes = [text, scraper, text, scraper, { 'accept-encoding': 'gzip' }].map((headers) => get(url, headers));
    await slow.started;
    await untilInFlight(url, scrapes.length);
    slow.go();
    const answers = await Promise.all(scrapes);
    expect(slow.runs.count).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    for (const { text: body } of answers) expect(valueIn(body, 'slow_value')).toBe(1);
    expect(answers[2]!.text).toBe(answers[0]!.text);
    expect(answers[4]!.text).toBe(answers[0]!.text);
    expect(answers[3]!.text).toBe(answers[1]!.text);
    expect(answers[1]!.text).toMatch(/# EOF\n$/);
  });

  it('take in one that comes late', async () => {
    const [slow, fast] = [waiting('slow'), counting('fast')];
    const url = await serving([slow.made, fast.made]);
    const first = get(url);
    await slow.started;
    await untilInFlight(url, 1);
    const second = get(url, scraper);
    await untilInFlight(url, 2);
    slow.go();
    expect(valueIn((await first).text, 'fast_value')).toBe(1);
    expect(valueIn((await second).text, 'fast_value')).toBe(1);
    expect([slow.runs.count, fast.runs.count]).toEqual([1, 1]);
    expect(valueIn((await get(url)).text, 'fast_value')).toBe(2);
  });

  it('share the runs, if not the answer, when they want different parts', async () => {
    const [slow, fast] = [waiting('slow'), counting('fast')];
    const url = await serving([slow.made, fast.made]);
    const [all, part] = [get(url), get(`${url}?collect[]=slow`)];
    await slow.started;
    await untilInFlight(url, 2);
    slow.go();
    expect(valueIn((await all).text, 'fast_value')).toBe(1);
    expect((await part).text).not.toContain('fast');
    expect(valueIn((await part).text, 'slow_value')).toBe(1);
    expect(slow.runs.count).toBe(1);
  });

  it('end each by its own deadline: who must go early gets what is there', async () => {
    const [slow, fast] = [waiting('slow'), counting('fast')];
    const url = await serving([slow.made, fast.made]);
    const patient = get(url, { [TIMEOUT]: '60' });
    await slow.started;
    const hasty = await get(url, { [TIMEOUT]: '0.2' });
    expect(hasty.status).toBe(200);
    expect(valueIn(hasty.text, 'fast_value')).toBe(1);
    expect(valueIn(hasty.text, 'slow_value')).toBeUndefined();
    expect(valueIn(hasty.text, 'test_scrape_collector_success{collector="slow"}')).toBe(0);
    slow.go();
    const whole = await patient;
    expect(valueIn(whole.text, 'slow_value')).toBe(1);
    expect(valueIn(whole.text, 'fast_value')).toBe(1);
    expect([slow.runs.count, fast.runs.count]).toEqual([1, 1]);
  });

  it('go on until the latest deadline among them', async () => {
    const [slow, fast] = [waiting('slow'), counting('fast')];
    const url = await serving([slow.made, fast.made]);
    const hasty = get(url, { [TIMEOUT]: '3' });
    await slow.started;
    const patient = get(url, { [TIMEOUT]: '60' });
    expect(valueIn((await hasty).text, 'slow_value')).toBeUndefined();
    slow.go();
    expect(valueIn((await patient).text, 'slow_value')).toBe(1);
    expect(slow.runs.count).toBe(1);
  });

  it('abort the run when the last of them leaves, and not before', async () => {
    const slow = waiting('slow');
    const url = await serving([slow.made]);
    const [first, second] = [hangingUp(url), hangingUp(url)];
    await slow.started;
    await untilInFlight(url, 2);
    let aborted = false;
    void slow.aborted.then(() => {
      aborted = true;
    });
    first.hangUp();
    await untilInFlight(url, 1);
    expect(aborted).toBe(false);
    second.hangUp();
    expect(String(await slow.aborted)).toContain('no scrape is waiting');
    await untilInFlight(url, 0);
    slow.go();
  });

  it('are not cut off by one that hangs up', async () => {
    const slow = waiting('slow');
    const url = await serving([slow.made]);
    const first = hangingUp(url);
    const second = get(url);
    await slow.started;
    await untilInFlight(url, 2);
    first.hangUp();
    await untilInFlight(url, 1);
    slow.go();
    expect(valueIn((await second).text, 'slow_value')).toBe(1);
  });

  // A burst lasts while each turn of the event loop brings a request, but no longer than 100 ms.
  it.each(['on idle connections', 'on new connections'])('cost one run a burst, %s', async (how) => {
    const fast = counting('fast');
    const url = await serving([fast.made], { maxRequests: 0 });
    for (const size of [10, 100, 300]) {
      const agent = new Agent({ keepAlive: true, maxFreeSockets: size });
      const all = (path: string) =>
        Promise.all(Array.from({ length: size }, () => statusOf(new URL(path, url), agent)));
      // A connection may be open for the client before the server has accepted it, but not once it has answered on it.
      if (how === 'on idle connections') await all('/-/healthy');
      const before = fast.runs.count;
      const arrivals = arrivalsAt('/metrics');
      const from = performance.now();
      expect(new Set(await all('/metrics'))).toEqual(new Set([200]));
      const tooLong = Math.floor((performance.now() - from) / 100);
      const bursts = arrivals.stop();
      agent.destroy();
      expect(bursts.reduce((sum, requests) => sum + requests, 0)).toBe(size);
      expect(fast.runs.count - before).toBeLessThanOrEqual(bursts.length + tooLong);
    }
  });

  it('are not held up by one that reads slowly, in its format or another', async () => {
    // More than the sockets take in.
    const url = await serving([many(10_000, 1500)]);
    const socket = await stalled(url);
    await untilInFlight(url, 1);
    const [plain, open] = await Promise.all([get(url), get(url, scraper)]);
    expect(samplesOf(plain.text, 'size_bytes{').length).toBe(10_000);
    expect(samplesOf(open.text, 'size_bytes{').length).toBe(10_000);
    await untilInFlight(url, 1);
    socket.destroy();
    await untilInFlight(url, 0);
  });
});

it('never mixes runs in one answer', async () => {
  let round = 0;
  const mixing = collector({
    name: 'mixing',
    metrics: { v: gauge({ name: 'v', help: 'x', labels: ['i'] }) },
    async collect({ v }) {
      const mine = ++round;
      for (let i = 0; i < 3000; i++) {
        v.set({ i }, mine);
        if (i % 1000 === 0) await new Promise(setImmediate);
      }
    },
  });
  const url = await serving([mixing]);
  const scrapeOften = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      const lines = samplesOf((await get(url, i % 2 === 0 ? scraper : text)).text, 'v{');
      expect(lines.length).toBe(3000);
      expect(new Set(lines.map((line) => line.split(' ')[1])).size).toBe(1);
    }
  };
  await Promise.all([scrapeOften(), scrapeOften(), scrapeOften()]);
});
