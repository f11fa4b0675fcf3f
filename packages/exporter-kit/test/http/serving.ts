import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { HttpServer } from '../../src/http/index.ts';
import { scrape } from '../../src/testing/index.ts';

/** Listens until the test ends. @returns the server's URL, without a slash at the end. */
export async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Requests exactly this path, which `fetch` would normalize. @returns status and body. */
export async function send(url: string, path: string, options: RequestOptions = {}): Promise<string> {
  const sent = request(url, { path, ...options }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const piece of response.setEncoding('utf8')) body += piece;
  return `${response.statusCode} ${body}`.trim();
}

/** Requests a path, and disconnects when the response begins, or when the server has `seen` the request. */
export async function disconnect(url: string, path: string, seen?: Promise<unknown>): Promise<void> {
  const sent = request(url, { path }).end();
  sent.on('error', () => {});
  await (seen ?? once(sent, 'response'));
  sent.destroy();
}

/** What was counted: `GET /users/:id 200` → number of requests. */
export async function counted(http: HttpServer): Promise<{ readonly [request: string]: number }> {
  const { series } = await scrape(http.collector);
  return Object.fromEntries(
    series('http_server_request_duration_seconds_count').map(({ labels, value }) => [
      `${labels.method} ${labels.route} ${labels.code}`,
      value,
    ]),
  );
}

/** Waits until exactly this was counted, and nothing is in flight. */
export async function expectCounted(http: HttpServer, wanted: { readonly [request: string]: number }): Promise<void> {
  await expect.poll(() => counted(http), { timeout: 20_000 }).toEqual(wanted);
  const { series } = await scrape(http.collector);
  expect(series('http_server_requests_in_flight').filter(({ value }) => value !== 0)).toEqual([]);
}

/** A promise and what resolves it. */
export function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}
