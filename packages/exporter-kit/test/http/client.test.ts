import { channel } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { type HttpClient, type HttpClientOptions, httpClient } from '../../src/http/index.ts';
import { lint, scrape } from '../../src/testing/index.ts';
import { listening } from './serving.ts';

/** A server that answers by path. */
const serving = (): Promise<string> =>
  listening(
    createServer((request, response) => {
      if (request.url === '/die') response.destroy();
      else if (request.url === '/half') response.writeHead(200).write('half', () => response.destroy());
      else if (request.url === '/move') response.writeHead(302, { location: '/missing' }).end();
      else if (request.url === '/never') response.writeHead(200).flushHeaders();
      else response.writeHead(request.url === '/missing' ? 404 : 200).end('body');
    }),
  );

function started(options?: HttpClientOptions): HttpClient & { stop(): void } {
  const outgoing = httpClient(options);
  const stop = outgoing.start();
  onTestFinished(stop);
  return { ...outgoing, stop };
}

async function counted({ collector }: HttpClient): Promise<{ readonly [call: string]: number }> {
  const { series } = await scrape(collector);
  return Object.fromEntries(
    series('http_client_request_duration_seconds_count').map(({ labels, value }) => [
      `${labels.method} ${labels.host} ${labels.code}`,
      value,
    ]),
  );
}

const call = (url: string, init?: RequestInit): Promise<string> =>
  fetch(url, init)
    .then((response) => response.text())
    .catch(() => 'failed');

it('counts calls of fetch by method, host and status', async () => {
  const outgoing = started();
  const url = await serving();
  const { host } = new URL(url);
  expect(await call(`${url}/`)).toBe('body');
  await call(`${url}/a?b=c`);
  await call(`${url}/`, { method: 'POST', body: 'x' });
  await call(`${url}/`, { method: 'HEAD' });
  await call(`${url}/`, { method: 'PURGE' });
  await call(`${url}/missing`);
  await call(`${url}/move`);
  await expect
    .poll(() => counted(outgoing))
    .toEqual({
      [`GET ${host} 200`]: 2,
      [`POST ${host} 200`]: 1,
      [`HEAD ${host} 200`]: 1,
      [`other ${host} 200`]: 1,
      [`GET ${host} 404`]: 2,
      [`GET ${host} 302`]: 1,
    });
  expect(lint((await scrape(outgoing.collector)).text)).toEqual([]);
});

it('counts as errors what fails before the response has ended', async () => {
  const outgoing = started();
  const url = await serving();
  const { host } = new URL(url);
  const closed = await listening(createServer());
  const port = new URL(closed).port;
  await call(`${url}/die`);
  await call(`${url}/half`);
  const abort = new AbortController();
  const response = await fetch(`${url}/never`, { signal: abort.signal });
  abort.abort();
  await expect(response.text()).rejects.toThrow();
  await call('http://nowhere.invalid/');
  expect(await call(`http://127.0.0.1:${port}/`, { signal: AbortSignal.abort() })).toBe('failed');
  await expect.poll(() => counted(outgoing)).toEqual({ [`GET ${host} error`]: 3, 'GET nowhere.invalid error': 1 });
});

it('names the hosts that it is told, or the first 100', async () => {
  const url = await serving();
  const { host, port } = new URL(url);
  const named = started({ hosts: [`localhost:${port}`] });
  const first = started();
  await call(`${url}/`);
  await call(`http://localhost:${port}/`);
  for (let i = 0; i < 120; i++) await call(`http://127.1.1.${i}:${port}/`);
  await expect.poll(() => counted(named)).toMatchObject({ [`GET localhost:${port} 200`]: 1, 'GET other 200': 1 });
  expect(Object.keys(await counted(named)).every((one) => / (other|localhost:\d+) /.test(one))).toBe(true);
  const hosts = new Set(Object.keys(await counted(first)).map((one) => one.split(' ')[1]));
  expect(hosts.size).toBe(101);
  expect(hosts).toContain(host);
  expect(hosts).toContain('other');
});

it('listens only from start to stop', async () => {
  const names = ['create', 'headers', 'trailers', 'error'].map((event) => `undici:request:${event}`);
  const listened = (): boolean[] => names.map((name) => channel(name).hasSubscribers);
  const none = names.map(() => false);
  const url = await serving();
  const { host } = new URL(url);
  const outgoing = httpClient();
  expect(listened()).toEqual(none);
  await call(`${url}/`);
  const [stop, stopToo] = [outgoing.start(), outgoing.start()];
  expect(listened()).toEqual(names.map(() => true));
  await call(`${url}/`);
  stop();
  stop();
  await call(`${url}/`);
  stopToo();
  expect(listened()).toEqual(none);
  await call(`${url}/`);
  expect(await counted(outgoing)).toEqual({ [`GET ${host} 200`]: 2 });
  const again = outgoing.start();
  await call(`${url}/`);
  again();
  expect(await counted(outgoing)).toEqual({ [`GET ${host} 200`]: 3 });
});
