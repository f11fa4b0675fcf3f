import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { expect, it } from 'vitest';
import { type HttpServer, httpServer } from '../../src/http/index.ts';
import { disconnect, expectCounted, listening, send, signal } from './serving.ts';

const served = (app: Hono): Promise<string> => listening(createAdaptorServer({ fetch: app.fetch }) as never);

function routed(http: HttpServer): Hono {
  const app = new Hono();
  app.use(http.hono());
  app.use('/private/*', async (context, next) => (context.req.query('who') ? next() : context.text('who?', 401)));
  app.get('/', (context) => context.text('home'));
  app.get('/users/:id', (context) => context.text(context.req.param('id')));
  app.post('/users', (context) => context.body(null, 201));
  app.get('/private/area', (context) => context.text('area'));
  app.get('/fail', () => {
    throw new Error('failed');
  });
  app.onError((_error, context) => context.text('failed', 500));
  const orders = new Hono();
  orders.get('/:order', (context) => context.text('order'));
  app.route('/tenants/:tenant/orders', orders);
  return app;
}

const requests: readonly [method: string, path: string][] = [
  ['GET', '/'],
  ['GET', '/users/1?page=1'],
  ['GET', '/users/2'],
  ['HEAD', '/users/3'],
  ['POST', '/users'],
  ['GET', '/private/area'],
  ['GET', '/private/area?who=me'],
  ['GET', '/fail'],
  ['GET', '/tenants/acme/orders/1'],
  ['GET', '/tenants/%ff/orders/1'],
  ['GET', '/nothing'],
  ['GET', '/users/1/2'],
];
const wanted = {
  'GET / 200': 1,
  'GET /users/:id 200': 2,
  'HEAD /users/:id 200': 1,
  'POST /users 201': 1,
  'GET /private/* 401': 1,
  'GET /private/area 200': 1,
  'GET /fail 500': 1,
  'GET /tenants/:tenant/orders/:order 200': 2,
  'GET none 404': 2,
};

it('counts by route, method and status', async () => {
  const http = httpServer();
  const url = await served(routed(http));
  for (const [method, path] of requests) await send(url, path, { method });
  await expectCounted(http, wanted);
});

it('counts the same without a server of node:http', async () => {
  const http = httpServer();
  const app = routed(http);
  for (const [method, path] of requests) await (await app.request(path, { method })).text();
  await expectCounted(http, wanted);
});

it('counts errors that no handler takes, and middleware that is added twice', async () => {
  const http = httpServer();
  const app = new Hono();
  app.use(http.hono());
  app.use(http.hono());
  app.get('/thrown', () => {
    throw 'not an error';
  });
  app.get('/fine', (context) => context.text('fine'));
  await app.request('/fine');
  await expect(async () => app.request('/thrown')).rejects.toBe('not an error');
  await expectCounted(http, { 'GET /fine 200': 1, 'GET /thrown 500': 1 });
  const url = await served(app);
  await send(url, '/fine');
  await expectCounted(http, { 'GET /fine 200': 2, 'GET /thrown 500': 1 });
});

it('counts streams until they end, and clients that disconnect', async () => {
  const http = httpServer();
  const app = new Hono();
  app.use(http.hono());
  const [seen, rest] = [signal(), signal()];
  app.get('/never', () => {
    seen.give();
    return new Promise<never>(() => {});
  });
  app.get('/streamed', (context) =>
    stream(context, async (out) => {
      await out.write('first');
      await rest.given;
      await out.write('last');
    }),
  );
  const url = await served(app);
  await disconnect(url, '/never', seen.given);
  await expectCounted(http, { 'GET /never 499': 1 });
  await disconnect(url, '/streamed');
  await expectCounted(http, { 'GET /never 499': 1, 'GET /streamed 499': 1 });
  const streamed = send(url, '/streamed');
  rest.give();
  expect(await streamed).toBe('200 firstlast');
  await expectCounted(http, { 'GET /never 499': 1, 'GET /streamed 499': 1, 'GET /streamed 200': 1 });
});
