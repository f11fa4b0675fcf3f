import type { IncomingMessage, ServerResponse } from 'node:http';
import { metrics } from './metrics.ts';

/** Handles requests of one route. If it throws, the response is a 500. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const items = new Map([
  ['1', 'an anvil'],
  ['2', 'a rocket'],
]);

/** The application itself: handlers by path, a path that ends in `/` matches all paths below it. */
export const routes: { readonly [path: string]: Handler } = {
  '/items'(_, response) {
    json(response, 200, [...items.values()]);
  },
  '/items/'({ url = '' }, response) {
    const item = items.get(url.slice('/items/'.length));
    metrics.lookups.inc({ result: item === undefined ? 'missing' : 'found' });
    if (item === undefined) json(response, 404, { error: 'there is no such item' });
    else json(response, 200, item);
  },
};

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
