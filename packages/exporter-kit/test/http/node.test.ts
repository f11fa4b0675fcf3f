import { once } from 'node:events';
import { Agent, createServer, ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { httpServer } from '../../src/http/index.ts';
import { exporter, serve } from '../../src/index.ts';
import { lint, scrape } from '../../src/testing/index.ts';
import { disconnect, expectCounted, listening, send, signal } from './serving.ts';

it('counts by the route that it is told, at the end', async () => {
  const http = httpServer();
  const routes = new WeakMap<object, string>();
  const app = http.node(
    (request, response) => {
      routes.set(request, `/${request.url!.split('/')[1]}`);
      response.end('hello');
    },
    { route: (request) => routes.get(request) },
  );
  const url = await listening(createServer(app));
  expect(await send(url, '/a/1')).toBe('200 hello');
  expect(await send(url, '/a/2', { method: 'HEAD' })).toBe('200');
  await expectCounted(http, { 'GET /a 200': 1, 'HEAD /a 200': 1 });
});

it.each([
  ['returns nothing', () => undefined],
  ['returns something else', () => ({}) as string],
  ['returns an empty string', () => ''],
  [
    'throws',
    () => {
      throw new Error('no route');
    },
  ],
])('has no route if `route` %s', async (_, route) => {
  const http = httpServer();
  const url = await listening(createServer(http.node((_request, response) => response.end(), { route })));
  expect(await send(url, '/a')).toBe('200');
  await expectCounted(http, { 'GET none 200': 1 });
});

it('counts every request of a connection, also if they are pipelined', async () => {
  const http = httpServer();
  const url = await listening(createServer(http.node((_request, response) => response.end('x'))));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (let i = 0; i < 50; i++) expect(await send(url, '/', { agent })).toBe('200 x');
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50));
  socket.resume();
  await expectCounted(http, { 'GET none 200': 100 });
});

it('counts pipelined requests whose client disconnects before their turn', async () => {
  const http = httpServer();
  const seen = signal();
  const warnings: string[] = [];
  const listen = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', listen);
  onTestFinished(() => void process.off('warning', listen));
  let count = 0;
  const app = http.node(() => {
    if (++count === 30) seen.give();
  });
  const url = await listening(createServer(app));
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(30));
  await seen.given;
  socket.destroy();
  await expectCounted(http, { 'GET none 499': 30 });
  expect(warnings).toEqual([]);
});

it('has requests in flight by method, until they are answered', async () => {
  const http = httpServer();
  const [seen, answer] = [signal(), signal()];
  const app = http.node(async (_request, response) => {
    seen.give();
    await answer.given;
    response.end();
  });
  const url = await listening(createServer(app));
  const sent = send(url, '/', { method: 'DELETE' });
  await seen.given;
  expect((await scrape(http.collector)).value('http_server_requests_in_flight', { method: 'DELETE' })).toBe(1);
  answer.give();
  await sent;
  await expectCounted(http, { 'DELETE none 200': 1 });
});

it('counts clients that disconnect, also before they are listened to', async () => {
  const http = httpServer();
  const [seen, late] = [signal(), signal()];
  const inner = http.node(() => late.give());
  const url = await listening(
    createServer((request, response) => {
      response.once('close', () => inner(request, response));
      seen.give();
    }),
  );
  await disconnect(url, '/', seen.given);
  await late.given;
  await expectCounted(http, { 'GET none 499': 1 });
});

it('counts what the server itself cuts', async () => {
  const http = httpServer();
  const app = http.node((_request, response) => {
    response.write('half');
    setImmediate().then(() => response.destroy());
  });
  const url = await listening(createServer(app));
  await expect(send(url, '/')).rejects.toThrow();
  await expectCounted(http, { 'GET none 499': 1 });
});

it('lets upgrades pass, and counts them neither as requests nor in flight', async () => {
  const http = httpServer();
  const app = http.node((_request, response) => response.end());
  const server = createServer(app);
  server.on('upgrade', (request, socket) => {
    // As express-ws does: the request goes through the application with a response that has no connection.
    app(request, new ServerResponse(request));
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
  });
  const url = await listening(server);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('GET /chat HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
  const [first] = await once(socket, 'data');
  expect(String(first)).toMatch(/^HTTP\/1\.1 101/);
  await send(url, '/');
  await expectCounted(http, { 'GET none 200': 1 });
});

it('counts HTTP/2', async () => {
  const http = httpServer();
  const server = createHttp2Server((request, response) => {
    const express = http.express();
    express(request as never, response as never, () => {
      if (request.url === '/never') request.stream.session!.destroy();
      else response.end('two');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  for (const path of ['/', '/never']) {
    const session = connectHttp2(url);
    session.on('error', () => {});
    const stream = session.request({ ':path': path });
    stream.on('error', () => {}).resume();
    await once(stream, 'close');
    session.destroy();
  }
  await expectCounted(http, { 'GET none 200': 1, 'GET none 499': 1 });
});

describe('two servers', () => {
  it('count apart, and one of them can be in two exporters', async () => {
    const [inner, outer] = [httpServer(), httpServer()];
    const url = await listening(createServer(outer.node(inner.node((_request, response) => response.end()))));
    await send(url, '/');
    await expectCounted(inner, { 'GET none 200': 1 });
    await expectCounted(outer, { 'GET none 200': 1 });
    for (const name of ['one_exporter', 'two_exporter']) {
      const serving = await serve(exporter({ name, collectors: [inner.collector] }), { address: '127.0.0.1:0' });
      const text = await (await fetch(`${serving.url}metrics`)).text();
      await serving.close();
      expect(text).toContain('http_server_request_duration_seconds_count{method="GET",route="none",code="200"} 1\n');
      expect(text).toContain('http_server_requests_in_flight{method="GET"} 0\n');
      expect(lint(text)).toEqual([]);
    }
  });

  it('have the buckets and the limit of series that they are given', async () => {
    const http = httpServer({ buckets: [1, 2], maxSeries: 3 });
    let route = 0;
    const app = http.node((_request, response) => response.end(), { route: () => `/${route++}` });
    const url = await listening(createServer(app));
    for (let i = 0; i < 9; i++) await send(url, '/');
    await expect
      .poll(async () => (await scrape(http.collector)).series('http_server_request_duration_seconds_count').length)
      .toBe(4);
    const { series } = await scrape(http.collector);
    const total = series('http_server_request_duration_seconds_count').reduce((sum, { value }) => sum + value, 0);
    expect(total).toBe(9);
    expect(new Set(series('http_server_request_duration_seconds_bucket').map(({ labels }) => labels.le))).toEqual(
      new Set(['1.0', '2.0', '+Inf']),
    );
  });
});
