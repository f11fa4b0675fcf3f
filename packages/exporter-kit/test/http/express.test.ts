import { createServer } from 'node:http';
import express, { type ErrorRequestHandler, Router } from 'express';
import { expect, it } from 'vitest';
import { httpServer } from '../../src/http/index.ts';
import { scrape } from '../../src/testing/index.ts';
import { disconnect, expectCounted, listening, send, signal } from './serving.ts';

const quiet: ErrorRequestHandler = (_error, _request, response, _next) => {
  response.status(500).end('failed');
};

it('counts by route, method and status', async () => {
  const http = httpServer();
  const app = express();
  app.use(http.express());
  app.get('/', (_request, response) => void response.send('home'));
  app.get('/users/:id', (request, response) => void response.send(request.params.id));
  app.post('/users', (_request, response) => void response.status(201).end());
  app.get('/gone', (_request, response) => void response.sendStatus(410));
  app.get(['/a', '/b'], (_request, response) => void response.end());
  app.get(/^\/version\/\d+$/, (_request, response) => void response.end());
  app.get('/files/*path', (_request, response) => void response.end());
  app.get('/sync', () => {
    throw new Error('sync');
  });
  app.get('/async', async () => {
    throw new Error('async');
  });
  app.use(quiet);
  const url = await listening(createServer(app));

  expect(await send(url, '/')).toBe('200 home');
  for (const id of [1, 2, 3]) expect(await send(url, `/users/${id}?page=${id}`)).toBe(`200 ${id}`);
  expect(await send(url, '/users', { method: 'POST' })).toBe('201');
  expect(await send(url, '/users/7', { method: 'HEAD' })).toBe('200');
  for (const path of ['/gone', '/a', '/b', '/version/12', '/files/x/y', '/sync', '/async', '/nothing', '/users/1/2']) {
    await send(url, path);
  }
  await expectCounted(http, {
    'GET / 200': 1,
    'GET /users/:id 200': 3,
    'POST /users 201': 1,
    'HEAD /users/:id 200': 1,
    'GET /gone 410': 1,
    'GET /a,/b 200': 2,
    'GET /^\\/version\\/\\d+$/ 200': 1,
    'GET /files/*path 200': 1,
    'GET /sync 500': 1,
    'GET /async 500': 1,
    'GET none 404': 2,
  });
});

it('names mounted routers and applications as they were declared, whatever clients send', async () => {
  const http = httpServer();
  const orders = Router();
  orders.get('/', (_request, response) => void response.end());
  orders.get('/:order', (_request, response) => void response.end());
  orders.get('/:order/fail', () => {
    throw new Error('failed');
  });
  const users = Router({ mergeParams: true });
  users.use('/:user/orders', orders);
  const shared = Router();
  shared.get('/status', (_request, response) => void response.end());
  const admin = express();
  admin.get('/stats', (_request, response) => void response.end());
  admin.use('/deep', shared);
  admin.use('/deeper/:level', shared);
  const inRouter = express();
  inRouter.get('/leaf', (_request, response) => void response.end());

  const app = express();
  app.use(http.express());
  app.use('/API/users', users);
  app.use('/v1', shared);
  app.use('/v2/', shared);
  app.use('/admin/:tenant', admin);
  const holder = Router();
  holder.use('/:held', inRouter);
  app.use('/hold', holder);
  app.use(quiet);
  const url = await listening(createServer(app));

  for (const user of ['42', 'orders', '%2e%2e', 'API']) {
    for (const prefix of ['/API/users', '/api/USERS']) {
      await send(url, `${prefix}/${user}/orders/${user}`);
    }
  }
  await send(url, '/api/users/1/orders');
  await send(url, '/api/users/1/orders/2/fail');
  await send(url, '/v1/status');
  await send(url, '/v2/status');
  await send(url, '/V2/status');
  await send(url, '/admin/acme/stats');
  await send(url, '/admin/evil/deep/status');
  await send(url, '/admin/evil/deeper/1/status');
  await send(url, '/hold/x/leaf');
  await expectCounted(http, {
    'GET /API/users/:user/orders/:order 200': 8,
    'GET /API/users/:user/orders 200': 1,
    'GET /API/users/:user/orders/:order/fail 500': 1,
    'GET /v1/status 200': 1,
    'GET /v2/status 200': 2,
    'GET /admin/:tenant/stats 200': 1,
    'GET /admin/:tenant/deep/status 200': 1,
    'GET /admin/:tenant/deeper/:level/status 200': 1,
    'GET /hold/:held/leaf 200': 1,
  });
});

it('counts clients that disconnect, and streams, until the response is closed', async () => {
  const http = httpServer();
  const app = express();
  app.use(http.express());
  const seen = signal();
  const rest = signal();
  app.get('/never', () => seen.give());
  app.get('/stream', async (_request, response) => {
    response.write('first');
    await rest.given;
    response.end('last');
  });
  const url = await listening(createServer(app));

  await disconnect(url, '/never', seen.given);
  await expectCounted(http, { 'GET /never 499': 1 });
  await disconnect(url, '/stream');
  await expectCounted(http, { 'GET /never 499': 1, 'GET /stream 499': 1 });
  const streamed = send(url, '/stream');
  rest.give();
  expect(await streamed).toBe('200 firstlast');
  await expectCounted(http, { 'GET /never 499': 1, 'GET /stream 499': 1, 'GET /stream 200': 1 });
});

it('counts once if added twice, also around the application', async () => {
  const http = httpServer();
  const app = express();
  app.use(http.express());
  app.use(http.express());
  const inner = Router();
  inner.use(http.express());
  inner.get('/x', (_request, response) => void response.end());
  app.use('/inner', inner);
  const url = await listening(createServer(http.node(app)));
  await send(url, '/inner/x');
  await send(url, '/y');
  await expectCounted(http, { 'GET /inner/x 200': 1, 'GET none 404': 1 });
});

it('counts around an application, with what is answered before its routes', async () => {
  const http = httpServer();
  const app = express();
  app.use((request, response, next) => {
    if (request.path === '/denied') response.status(403).end();
    else next();
  });
  const users = Router();
  users.get('/:user', (request, response) => void response.send(request.params.user));
  app.use('/users', users);
  const admin = express();
  admin.get('/stats', (_request, response) => void response.end());
  app.use('/admin/:tenant', admin);
  app.get('/async', async () => {
    throw new Error('async');
  });
  app.use(quiet);
  const url = await listening(createServer(http.express(app)));
  expect(await send(url, '/users/7')).toBe('200 7');
  for (const path of ['/denied', '/admin/acme/stats', '/async', '/nothing']) await send(url, path);
  const once = {
    'GET /users/:user 200': 1,
    'GET none 403': 1,
    'GET /admin/:tenant/stats 200': 1,
    'GET /async 500': 1,
    'GET none 404': 1,
  };
  await expectCounted(http, once);
  // Also if it is middleware inside of that application.
  users.use(http.express());
  await send(url, '/users/7/8');
  await expectCounted(http, { ...once, 'GET none 404': 2 });
});

it('makes no labels of hostile paths and methods', async () => {
  const http = httpServer();
  const app = express();
  app.use(http.express());
  app.use(
    '/:tenant',
    Router().get('/:thing', (_request, response) => void response.end()),
  );
  app.use(quiet);
  const url = await listening(createServer(app));
  const paths = ['/%ff/x', '/a%22%0a/b', '/__proto__/constructor', '//x', '/a/b/c', '/%', '/a?b=/c/d', '/..%2f/x', '*'];
  for (let i = 0; i < 100; i++) {
    for (const path of [`/${i}/${i}`, ...paths]) await send(url, path).catch(() => {});
  }
  for (const method of ['PROPFIND', 'PURGE', 'M-SEARCH']) await send(url, '/a/b', { method });
  const { series } = await scrape(http.collector);
  const labels = series('http_server_request_duration_seconds_count').map(({ labels }) => labels);
  expect(new Set(labels.map(({ route }) => route))).toEqual(new Set(['/:tenant/:thing', 'none']));
  expect(new Set(labels.map(({ method }) => method))).toEqual(new Set(['GET', 'other']));
  expect(labels.length).toBeLessThan(10);
});
