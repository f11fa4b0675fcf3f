import { once } from 'node:events';
import { createServer, get as getByHttp, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { until } from 'test-servers';
import { afterEach, describe, expect, it } from 'vitest';
import { type Collector, collector, type Exporter, exporter, fetchHandler, gauge, nodeListener } from '../src/index.ts';
import { parseOpenMetrics } from '../src/parse/index.ts';
import { get, samplesOf, scraper } from './get.ts';
import { later } from './later.ts';

const sizes = gauge({ name: 'size_bytes', help: 'Sizes.', unit: 'bytes', labels: ['path'] });

const path = '/some/rather/long/path';

/** As many series as asked for. */
const many = (count: number, start = path): Collector =>
  collector({
    name: 'many',
    metrics: { sizes },
    collect({ sizes: writer }) {
      for (let i = 0; i < count; i++) writer.set({ path: `${start}/${i}` }, i + 0.5);
    },
  });

const made = (...collectors: Collector[]): Exporter => exporter({ name: 'test_exporter', collectors });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Ways to mount an exporter; each gives the URL of its metrics. */
const mounts: { readonly [how: string]: (what: Exporter) => Promise<string> } = {
  'node:http': async (what) => `${await listening(createServer(nodeListener(what)))}/metrics`,

  'Express, below a prefix': async (what) => {
    const app = express();
    app.use('/internal', nodeListener(what));
    return `${await listening(createServer(app))}/internal/metrics`;
  },

  'Express, one route': async (what) => {
    const app = express();
    app.use(express.json());
    app.get('/some/where', nodeListener(what, { path: '/some/where' }));
    return `${await listening(createServer(app))}/some/where`;
  },

  'Express, the whole path taken off': async (what) => {
    const app = express();
    app.use('/metrics', nodeListener(what, { path: '/' }));
    return `${await listening(createServer(app))}/metrics`;
  },

  Fastify: async (what) => {
    const app = fastify({ forceCloseConnections: true });
    const metrics = nodeListener(what);
    app.get('/metrics', (request, reply) => {
      reply.hijack();
      metrics(request.raw, reply.raw);
    });
    closers.push(() => app.close());
    return `${await app.listen({ port: 0, host: '127.0.0.1' })}/metrics`;
  },

  'Hono, below a prefix': async (what) => {
    const app = new Hono();
    app.mount('/internal', fetchHandler(what));
    return `${await listening(createAdaptorServer(app) as Server)}/internal/metrics`;
  },

  'Hono, one route': async (what) => {
    const app = new Hono();
    const metrics = fetchHandler(what, { path: '/some/where' });
    app.get('/some/where', ({ req }) => metrics(req.raw));
    return `${await listening(createAdaptorServer(app) as Server)}/some/where`;
  },
};

describe.each(Object.entries(mounts))('mounted in %s', (_how, mount) => {
  it('answers Prometheus, whole and in part', async () => {
    const url = await mount(made(many(300)));
    const got = await get(url, scraper);
    expect(got.status).toBe(200);
    expect(got.headers).toMatchObject({
      'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
      'content-encoding': 'gzip',
      vary: 'Accept, Accept-Encoding',
    });
    const names = parseOpenMetrics(got.text).map(({ name }) => name);
    expect(names).toContain('promhttp_metric_handler_requests');
    const part = await get(`${url}?name[]=size_bytes`);
    expect(samplesOf(part.text, '').filter((line) => /^[^#]/.test(line)).length).toBe(300);
    expect((await get(`${url}?collect[]=none`)).status).toBe(400);
  });

  it('answers HEAD as GET, without a body', async () => {
    const url = `${await mount(made(many(3)))}?name[]=size_bytes`;
    const [head, whole] = [await get(url, {}, 'HEAD'), await get(url)];
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect(head.headers['content-type']).toBe(whole.headers['content-type']);
    expect(head.headers['content-length']).toBe(String(whole.body.length));
  });

  it('streams', async () => {
    const url = await mount(made(many(20_000)));
    const [plain, zipped] = [await get(url), await get(url, scraper)];
    const lines = samplesOf(plain.text, 'size_bytes{');
    expect(lines.length).toBe(20_000);
    expect(lines.at(-1)).toBe(`size_bytes{path="${path}/19999"} 19999.5`);
    expect(samplesOf(zipped.text, 'size_bytes{')).toEqual(lines);
  });

  it('stops a run when its scraper hangs up', async () => {
    const [started, aborted] = [later(), later<unknown>()];
    const endless = collector({
      name: 'endless',
      metrics: {},
      collect: (_w, { signal }) =>
        new Promise<void>((end) => {
          signal.addEventListener('abort', () => {
            aborted.resolve(signal.reason);
            end();
          });
          started.resolve();
        }),
    });
    const req = getByHttp(await mount(made(endless)), { agent: false });
    req.on('error', () => {});
    await started.promise;
    req.destroy();
    expect(String(await aborted.promise)).toContain('no scrape is waiting');
  });

  it('stops sending when its scraper hangs up', async () => {
    // More than the sockets take in.
    const url = await mount(made(many(8_000, 'x'.repeat(1500))));
    const req = getByHttp(url, { agent: false });
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    await once(res, 'readable');
    const inFlight = async (): Promise<string | undefined> =>
      /requests_in_flight (\d)/.exec((await get(`${url}?name[]=promhttp_metric_handler_requests_in_flight`)).text)?.[1];
    expect(await inFlight()).toBe('2');
    res.on('error', () => {});
    req.destroy();
    const alone = async (): Promise<true | undefined> => ((await inFlight()) === '1' ? true : undefined);
    await until('one request in flight', alone, 50_000);
  });
});

it('has the other paths too, with links that hold below a prefix', async () => {
  for (const how of ['Express, below a prefix', 'Hono, below a prefix']) {
    const url = await mounts[how]!(made(many(1)));
    const home = new URL('./', url).href;
    const page = await get(home);
    expect(page.status).toBe(200);
    const links = [...page.text.matchAll(/href="([^"]+)"/g)].map((match) => new URL(match[1]!, home).href);
    expect(links).toContain(url);
    for (const link of links) expect((await get(link)).status).toBe(200);
    expect((await get(`${home}nowhere`)).status).toBe(404);
    expect((await get(url, {}, 'POST')).status).toBe(405);
    expect((await get(url, {}, 'OPTIONS')).headers.allow).toBe('GET, HEAD, OPTIONS');
  }
});

it('leaves the rest of the server alone', async () => {
  const app = express();
  app.use('/internal', nodeListener(made(many(1))));
  app.get('/metrics', (_req, res) => void res.send('mine'));
  const url = await listening(createServer(app));
  expect((await get(`${url}/metrics`)).text).toBe('mine');
  expect((await get(`${url}/internal/nowhere`)).text).toBe('not found\n');
});

it('refuses a path that no request has', () => {
  expect(() => nodeListener(made(), { path: 'metrics' })).toThrow('path: "metrics" is not a path; write one such as');
});

describe('a web-standard handler', () => {
  const ask = (url: string, init?: RequestInit): Request => new Request(`http://localhost${url}`, init);
  const inFlight = async (handler: ReturnType<typeof fetchHandler>): Promise<string | undefined> => {
    const answer = await handler(ask('/metrics?name[]=promhttp_metric_handler_requests_in_flight'));
    return /in_flight (\d)/.exec(await answer.text())?.[1];
  };

  it('gives bytes that stay as they are, however long they are kept', async () => {
    const handler = fetchHandler(made(many(20_000)));
    const answer = await handler(ask('/metrics?name[]=size_bytes'));
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body!) {
      chunks.push(chunk);
      // Takes pages and gives them back, as many as there are.
      if (chunks.length % 4 === 0) await (await handler(ask('/metrics'))).text();
    }
    expect(chunks.length).toBeGreaterThan(10);
    const lines = samplesOf(Buffer.concat(chunks).toString(), 'size_bytes{');
    expect(lines).toEqual(Array.from({ length: 20_000 }, (_, i) => `size_bytes{path="${path}/${i}"} ${i + 0.5}`));
  });

  it('lets others have their turn while a big answer is read at once', async () => {
    const handler = fetchHandler(made(many(150_000)));
    const answer = await handler(ask('/metrics'));
    let [turns, over] = [0, false];
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    count();
    await answer.arrayBuffer();
    over = true;
    expect(turns).toBeGreaterThan(3);
  });

  it('ends its work when the answer is cancelled', async () => {
    const handler = fetchHandler(made(many(40_000)));
    const answer = await handler(ask('/metrics'));
    expect(await inFlight(handler)).toBe('2');
    await answer.body!.cancel();
    expect(await inFlight(handler)).toBe('1');
  });

  it('ends its work when the request is aborted', async () => {
    const handler = fetchHandler(made(many(40_000)));
    const gone = new AbortController();
    const answer = await handler(ask('/metrics', { signal: gone.signal }));
    const reader = answer.body!.getReader();
    await reader.read();
    gone.abort(new Error('gone'));
    await expect(reader.read()).rejects.toThrow('gone');
    expect(await inFlight(handler)).toBe('1');
  });

  it('does nothing for a request that is aborted already', async () => {
    let runs = 0;
    const counting = collector({ name: 'counting', metrics: {}, collect: () => void runs++ });
    const handler = fetchHandler(made(counting));
    expect((await handler(ask('/metrics', { signal: AbortSignal.abort() }))).status).toBe(500);
    expect(runs).toBe(0);
  });
});
