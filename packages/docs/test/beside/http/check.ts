import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Exporter, exporter, fetchHandler } from 'exporter-kit';
import * as calls from './calls.ts';
import * as fastifyShop from './fastify-shop.ts';
import * as honoShop from './hono-shop.ts';
import * as nodeShop from './node-shop.ts';
import * as shop from './shop.ts';

async function ask(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await (await fetch(`http://127.0.0.1:${port}/users/42`, { headers: { connection: 'close' } })).text();
  server.close();
  await once(server, 'close');
}

async function print(title: string, metrics: Exporter): Promise<void> {
  const text = await (await fetchHandler(metrics)(new Request('http://page/metrics'))).text();
  for (const line of text.split('\n')) if (/^http_.*(_count|_in_flight)/.test(line)) console.log(title, line);
}

await fastifyShop.app.ready();
const servers = {
  fastify: [fastifyShop.app.server, fastifyShop.http],
  hono: [createAdaptorServer({ fetch: honoShop.app.fetch }) as Server, honoShop.http],
  node: [nodeShop.server, nodeShop.http],
} as const;
await ask(createServer(shop.app));
await print('express', shop.metrics);
for (const [title, [server, http]] of Object.entries(servers)) {
  await ask(server);
  await print(title, exporter({ name: 'page_exporter', collectors: [http.collector] }));
}
await print('calls', calls.metrics);
calls.stop();
