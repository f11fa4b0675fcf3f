import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Collector, collector, type Exporter, exporter, gauge, type Serving, serve } from '../src/index.ts';
import { parseOpenMetrics, parseText } from '../src/parse/index.ts';
import { get, scraper } from './get.ts';
import { later } from './later.ts';

const help = 'x';
const sizes = gauge({ name: 'size_bytes', help: 'Sizes.', unit: 'bytes', labels: ['path'] });

/** As many series as asked for. */
const many = (count: number): Collector =>
  collector({
    name: 'many',
    metrics: { sizes },
    collect({ sizes: writer }) {
      for (let i = 0; i < count; i++) writer.set({ path: `/some/rather/long/path/${i}` }, i + 0.5);
    },
  });

const made = (...collectors: Collector[]): Exporter =>
  exporter({ name: 'test_exporter', version: '1.2.3', title: 'Test <exporter>', collectors });

const open: Serving[] = [];
async function serving(what: Exporter, options: Parameters<typeof serve>[1] = {}): Promise<string> {
  const server = await serve(what, options);
  open.push(server);
  return server.url;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(100)));
});

describe('/metrics', () => {
  it('answers text 0.0.4 to whoever asks for nothing special, with its length', async () => {
    const got = await get(`${await serving(made(many(3)))}metrics`);
    expect(got.status).toBe(200);
    expect(got.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
    expect(got.headers.vary).toBe('Accept, Accept-Encoding');
    expect(Number(got.headers['content-length'])).toBe(got.body.length);
    expect(got.headers['content-encoding']).toBeUndefined();
    expect(parseText(got.body.toString()).find((f) => f.name === 'size_bytes')?.samples.length).toBe(3);
  });

  it('answers Prometheus in OpenMetrics and gzip', async () => {
    const got = await get(`${await serving(made(many(300)))}metrics`, scraper);
    expect(got.headers['content-type']).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
    );
    expect(got.headers['content-encoding']).toBe('gzip');
    const families = parseOpenMetrics(gunzipSync(got.body).toString());
    expect(families.find((f) => f.name === 'size_bytes')?.samples.length).toBe(300);
  });

  it('answers the same, streamed or whole, zipped or not', async () => {
    const url = `${await serving(made(many(40_000)))}metrics`;
    const values = (body: Buffer): string =>
      body
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('size_bytes{'))
        .join('\n');
    const streamed = await get(url);
    expect(streamed.headers['transfer-encoding']).toBe('chunked');
    expect(streamed.body.length).toBeGreaterThan(1024 * 1024);
    const zipped = await get(url, { 'accept-encoding': 'gzip' });
    expect(values(gunzipSync(zipped.body))).toBe(values(streamed.body));
    expect(values(streamed.body).split('\n').length).toBe(40_000);
  });

  it('answers in time when a collector hangs, by the deadline the scraper names', async () => {
    let aborted = false;
    const hanging = collector({
      name: 'hanging',
      metrics: { v: gauge({ name: 'v', help }) },
      collect: (_w, { signal }) =>
        new Promise(() =>
          signal.addEventListener('abort', () => {
            aborted = true;
          }),
        ),
    });
    const url = await serving(made(hanging, many(1)));
    // Without a deadline, the answer would never come.
    const got = await get(`${url}metrics`, { 'x-prometheus-scrape-timeout-seconds': '0.4' });
    expect(aborted).toBe(true);
    expect(got.status).toBe(200);
    expect(got.body.toString()).toContain('test_scrape_collector_success{collector="hanging"} 0');
    expect(got.body.toString()).toContain('test_scrape_collector_success{collector="many"} 1');
  });

  it('stops work when the scraper hangs up', async () => {
    const started = later();
    const aborted = later<unknown>();
    const slow = collector({
      name: 'slow',
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
    const url = await serving(made(slow));
    const req = request(`${url}metrics`);
    req.on('error', () => {});
    req.end();
    await started.promise;
    req.destroy();
    expect(String(await aborted.promise)).toContain('no scrape is waiting');
  });

  it('gives a slow reader an untorn answer while others scrape', async () => {
    let round = 0;
    const counting = collector({
      name: 'counting',
      metrics: { sizes },
      collect({ sizes: writer }) {
        round++;
        for (let i = 0; i < 60_000; i++) writer.set({ path: `/some/rather/long/path/${i}` }, round);
      },
    });
    const url = new URL(await serving(made(counting)));
    const socket = connect(Number(url.port), url.hostname);
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await once(socket, 'readable');
    for (let i = 0; i < 3; i++) await get(`${url.href}metrics`);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    const text = Buffer.concat(parts)
      .toString()
      .replace(/\r\n[0-9a-f]+\r\n/g, '');
    const values = [...text.matchAll(/^size_bytes\{[^}]*\} (\d+)$/gm)].map((match) => match[1]);
    expect(values.length).toBe(60_000);
    expect(new Set(values)).toEqual(new Set(['1']));
  });
});

describe('the server', () => {
  it('knows its paths and methods', async () => {
    const url = await serving(made(many(1)), { path: '/m' });
    const seen: Record<string, [number, string?]> = {};
    for (const [method, path] of [
      ['GET', 'm'],
      ['HEAD', 'm'],
      ['POST', 'm'],
      ['OPTIONS', 'm'],
      ['DELETE', ''],
      ['GET', 'metrics'],
      ['GET', 'm/'],
      ['GET', '../m'],
      ['GET', '/m'],
      ['GET', '-/healthy'],
      ['GET', '-/ready'],
      ['HEAD', ''],
    ] as const) {
      const got = await get(url + path, {}, method);
      seen[`${method} /${path}`] = [
        got.status,
        ...(got.headers.allow === undefined ? [] : [String(got.headers.allow)]),
      ] as [number, string?];
    }
    expect(seen).toEqual({
      'GET /m': [200],
      'HEAD /m': [200],
      'POST /m': [405, 'GET, HEAD, OPTIONS'],
      'OPTIONS /m': [204, 'GET, HEAD, OPTIONS'],
      'DELETE /': [405, 'GET, HEAD, OPTIONS'],
      'GET /metrics': [404],
      'GET /m/': [404],
      'GET /../m': [200],
      'GET //m': [404],
      'GET /-/healthy': [200],
      'GET /-/ready': [200],
      'HEAD /': [200],
    });
  });

  it('answers HEAD as GET, without a body', async () => {
    const url = `${await serving(made(many(3)))}metrics`;
    const [head, whole] = [await get(url, {}, 'HEAD'), await get(url)];
    expect(head.body.length).toBe(0);
    expect(head.headers['content-type']).toBe(whole.headers['content-type']);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(300);
  });

  it('has a landing page that escapes, links and runs only its own script', async () => {
    const got = await get(await serving(made(many(1))));
    const page = got.body.toString();
    expect(got.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(got.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page).toContain('Test &lt;exporter&gt;');
    expect(page).toContain('<a href="./metrics">');
    expect(page).toContain('size_bytes');
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toMatch(/<script src="\.\/-\/page\/script\.js\?v=\w+" type="module"><\/script>/);
    expect(page).not.toContain('<exporter>');
  });

  it('says nothing of a request in its answer to a wrong one', async () => {
    const got = await get(`${await serving(made())}%3Cscript%3E?x=<b>`);
    expect(got.status).toBe(404);
    expect(got.body.toString()).toBe('not found\n');
  });

  it('closes after a request with a body, and answers the absolute form', async () => {
    const url = new URL(await serving(made(many(1))));
    const ask = async (text: string): Promise<string> => {
      const socket = connect(Number(url.port), url.hostname);
      socket.write(text);
      const parts: Buffer[] = [];
      for await (const part of socket) parts.push(part as Buffer);
      return Buffer.concat(parts).toString();
    };
    expect(await ask('GET /-/healthy HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello')).toMatch(
      /200 OK.*Connection: close/s,
    );
    const absolute = await ask('GET http://other.example/-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(absolute).toMatch(/^HTTP\/1.1 200/);
    expect(await ask('GET /\x01 HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
  });

  it('says why it can not listen', async () => {
    const { port } = new URL(await serving(made()));
    await expect(serve(made(), { address: `127.0.0.1:${port}` })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: address already in use; stop the other program or choose another address.`,
    );
    await expect(serve(made(), { address: 'nowhere' })).rejects.toThrow(/is not an address/);
    await expect(serve(made(), { address: '192.0.2.1:0' })).rejects.toThrow(/not an address of this host/);
  });

  it('finishes what is under way when it closes, and keeps no connection', async () => {
    const [started, go] = [later(), later()];
    const waiting = collector({
      name: 'waiting',
      metrics: { v: gauge({ name: 'v', help }) },
      async collect({ v }) {
        started.resolve();
        await go.promise;
        v.set(1);
      },
    });
    const server = await serve(made(waiting));
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(idle, 'connect');
    const got = get(`${server.url}metrics`);
    await started.promise;
    const closed = server.close();
    go.resolve();
    expect((await got).body.toString()).toContain('\nv 1\n');
    expect((await got).headers.connection).toBe('close');
    await closed;
    await expect(get(server.url)).rejects.toThrow(/ECONNREFUSED/);
  });
});
