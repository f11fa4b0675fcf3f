import { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyPluginCallback } from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { type HttpServer, httpServer } from '../../src/http/index.ts';
import { disconnect, expectCounted, send, signal } from './serving.ts';

/** An application that counts, until the test ends. */
async function counting(http: HttpServer, add: (app: FastifyInstance) => void): Promise<string> {
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onRequest', http.fastify());
  add(app);
  onTestFinished(() => app.close());
  return app.listen({ port: 0, host: '127.0.0.1' });
}

it('counts by route, method and status', async () => {
  const http = httpServer();
  const url = await counting(http, (app) => {
    app.get('/', async () => 'home');
    app.get('/users/:id', async (request) => (request.params as { id: string }).id);
    app.post('/users', async (_request, reply) => reply.code(201).send());
    app.get('/files/*', async () => 'file');
    app.get('/fail', async () => {
      throw new Error('failed');
    });
    app.get('/teapot', (_request, reply) => void reply.code(418).send());
    app.get('/checked', { schema: { querystring: { type: 'object', required: ['q'] } } }, async () => 'ok');
  });
  expect(await send(url, '/')).toBe('200 home');
  for (const id of [1, 2, 3]) expect(await send(url, `/users/${id}?page=${id}`)).toBe(`200 ${id}`);
  await send(url, '/users/7', { method: 'HEAD' });
  await send(url, '/users', { method: 'POST' });
  for (const path of ['/files/x/y', '/fail', '/teapot', '/checked', '/nothing', '/users/1/2']) await send(url, path);
  await expectCounted(http, {
    'GET / 200': 1,
    'GET /users/:id 200': 3,
    'HEAD /users/:id 200': 1,
    'POST /users 201': 1,
    'GET /files/* 200': 1,
    'GET /fail 500': 1,
    'GET /teapot 418': 1,
    'GET /checked 400': 1,
    'GET none 404': 2,
  });
});

it('names routes of plugins with their prefixes', async () => {
  const http = httpServer();
  const inner: FastifyPluginCallback = (plugin, _options, done) => {
    plugin.get('/', async () => 'inner');
    done();
  };
  const url = await counting(http, (app) => {
    app.register(
      (plugin, _options, done) => {
        plugin.addHook('onRequest', http.fastify());
        plugin.get('/orders/:order', async () => 'order');
        plugin.register(inner, { prefix: '/deep' });
        done();
      },
      { prefix: '/tenants/:tenant' },
    );
  });
  for (const tenant of ['acme', '%2e%2e', 'tenants']) {
    expect(await send(url, `/tenants/${tenant}/orders/1`)).toBe('200 order');
  }
  expect(await send(url, '/tenants/acme/deep')).toBe('200 inner');
  await send(url, '/tenants/acme/none');
  // Fastify answers this without calling hooks.
  expect(await send(url, '/tenants/%ff/orders/1')).toMatch(/^400 /);
  await expectCounted(http, {
    'GET /tenants/:tenant/orders/:order 200': 3,
    'GET /tenants/:tenant/deep 200': 1,
    'GET none 404': 1,
  });
});

it('counts clients that disconnect, and responses that are streamed or hijacked', async () => {
  const http = httpServer();
  const seen = signal();
  const url = await counting(http, (app) => {
    app.get('/never', (_request, reply) => {
      reply.hijack();
      seen.give();
    });
    app.get('/hijacked', (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(202).end('by hand');
    });
    app.get('/streamed', async () => Readable.from(['one', 'two']));
  });
  await disconnect(url, '/never', seen.given);
  expect(await send(url, '/hijacked')).toBe('202 by hand');
  expect(await send(url, '/streamed')).toBe('200 onetwo');
  await expectCounted(http, { 'GET /never 499': 1, 'GET /hijacked 202': 1, 'GET /streamed 200': 1 });
});

it('counts injected requests', async () => {
  const http = httpServer();
  const app = fastify();
  app.addHook('onRequest', http.fastify());
  app.get('/users/:id', async () => 'user');
  expect((await app.inject('/users/1')).statusCode).toBe(200);
  await expectCounted(http, { 'GET /users/:id 200': 1 });
  await app.close();
});
