import { once } from 'node:events';
import { get } from 'node:http';
import { checkViews } from 'exporter-kit';
import { golden, lint, scrape } from 'exporter-kit/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { acmeWidgetExporter } from './exporter.ts';
import { metrics } from './metrics.ts';
import { type AppOptions, acmeWidget } from './server.ts';

/** Long enough for a busy machine. */
const patient = { timeout: 50_000, interval: 5 };

/** Starts the application on a free port. */
async function start(options?: AppOptions) {
  const app = acmeWidget(options);
  await app.listen(0, '127.0.0.1');
  onTestFinished(() => app.close(0).catch(() => {}));
  const ask = async (path: string) => {
    const response = await fetch(new URL(path, app.url));
    return { status: response.status, text: await response.text() };
  };
  const requests = async (route: string, code: number): Promise<number | undefined> => {
    const { value } = await scrape(app.http.collector);
    return value('http_server_request_duration_seconds_count', { method: 'GET', route, code });
  };
  return { app, ask, requests };
}

it('counts lookups, and requests by route', async () => {
  const { app, ask, requests } = await start();
  expect(await ask('/items')).toEqual({ status: 200, text: '["an anvil","a rocket"]\n' });
  for (const path of ['/items/1', '/items/2?x=y', '/items/3', '/', '/items/1/2', '/__proto__']) await ask(path);
  const { text } = await scrape(metrics.collector);
  expect(lint(text)).toEqual([]);
  golden(text, new URL('../test/acme-widget.prom', import.meta.url));
  // A request is counted when it is closed, after the client has the response.
  await vi.waitFor(async () => {
    expect(await requests('/items', 200)).toBe(1);
    expect(await requests('/items/', 200)).toBe(1);
    expect(await requests('/items/', 404)).toBe(2);
    expect(await requests('none', 404)).toBe(3);
  }, patient);
  expect(lint((await scrape(app.http.collector)).text)).toEqual([]);
});

it('counts a route that fails, and keeps serving', async () => {
  const said = vi.spyOn(console, 'error').mockReturnValue();
  const handlers = { '/bad': () => Promise.reject(new Error('the database is gone')), '/good': noop };
  const { ask, requests } = await start({ handlers });
  expect(await ask('/bad')).toEqual({ status: 500, text: 'internal error\n' });
  expect((await ask('/good')).status).toBe(200);
  await vi.waitFor(async () => expect(await requests('/bad', 500)).toBe(1), patient);
  expect(said.mock.calls).toEqual([[new Error('the database is gone')]]);
  said.mockRestore();
});

it('counts clients that disconnect from a route that hangs', async () => {
  const { app, requests } = await start({ handlers: { '/slow': () => {} } });
  const request = get(new URL('/slow', app.url)).on('error', () => {});
  await once(request, 'socket').then(([socket]) => socket.connecting && once(socket, 'connect'));
  request.destroy();
  await vi.waitFor(async () => expect(await requests('/slow', 499)).toBe(1), patient);
});

it('finishes running requests on shutdown, and accepts no more', async () => {
  let answer = (): void => {};
  const { promise, reached } = signalled();
  const handlers = {
    '/slow': (_: unknown, response: { end(text: string): void }) => {
      answer = () => response.end('done');
      reached();
    },
  };
  const { app, ask } = await start({ handlers });
  const slow = ask('/slow');
  await promise;
  const closed = app.close();
  await expect(ask('/slow')).rejects.toThrow();
  answer();
  expect(await slow).toEqual({ status: 200, text: 'done' });
  await closed;
});

it('closes a request that hangs when the shutdown timeout is over', async () => {
  const { promise, reached } = signalled();
  const { app, ask } = await start({ handlers: { '/slow': reached } });
  const slow = ask('/slow');
  await promise;
  await Promise.all([expect(slow).rejects.toThrow(), app.close(50)]);
});

const noop = (_: unknown, response: { end(): void }): void => response.end();

function signalled(): { promise: Promise<void>; reached: () => void } {
  let reached = (): void => {};
  const promise = new Promise<void>((resolve) => {
    reached = resolve;
  });
  return { promise, reached };
}

it('declares what its views show', async () => {
  const exporter = acmeWidgetExporter(metrics, acmeWidget().http);
  // After a change of metrics: npm run views.
  await checkViews(exporter, { port: 19997, served: true }, new URL('../views', import.meta.url));
});
