import type { IncomingMessage, ServerResponse } from 'node:http';
import { silent } from '../collect/context.ts';
import type { Exporter } from '../collect/exporter.ts';
import { type App, type AppOptions, app } from './app.ts';
import { webStandardHandler } from './http/fetch-http.ts';
import { nodeHandler, type SendOptions } from './http/node-http.ts';
import { type StartOptions, startExporter } from './start-exporter.ts';

/** How an exporter answers inside a server that is there already. */
export interface HandlerOptions extends Omit<AppOptions, 'traffic' | 'probeDrops'>, StartOptions {
  /**
   * Where metrics are, as the handler sees it: less what the server takes off the front of a URL when it hands requests
   * on. Default `/metrics`; `/` where the server has taken off all of it.
   */
  readonly path?: string;
}

/**
 * An exporter as a request listener for node:http, Express, Fastify and their like. It has the paths that `serve` has, and
 * answers 404 to others. The handler has stores and caches of its own; make one and keep it.
 *
 * @example
 * express().use('/internal', nodeListener(broker)); // GET /internal/metrics
 * @example
 * const metrics = nodeListener(broker);
 * fastify.get('/metrics', (request, reply) => {
 *   reply.hijack();
 *   metrics(request.raw, reply.raw);
 * });
 * @throws Error when the exporter or a collector refuses its settings.
 */
export function nodeListener(
  exporter: Exporter,
  options: HandlerOptions & SendOptions = {},
): (req: IncomingMessage, res: ServerResponse) => void {
  return nodeHandler(mounted(exporter, options), { ...options, log: options.log ?? silent });
}

/**
 * An exporter as a web-standard handler, for Hono, Deno, Bun and their like. Otherwise as {@link nodeListener}. An answer
 * whose body nobody wants any more is to be cancelled, as servers do.
 *
 * @example
 * const metrics = fetchHandler(broker);
 * hono.get('/metrics', ({ req }) => metrics(req.raw));
 * @throws Error when the exporter or a collector refuses its settings.
 */
export function fetchHandler(
  exporter: Exporter,
  options: HandlerOptions = {},
): (request: Request) => Promise<Response> {
  return webStandardHandler(mounted(exporter, options), options.log ?? silent);
}

function mounted(exporter: Exporter, options: HandlerOptions): App {
  const { live, ...counts } = startExporter(exporter, options);
  return app(live, { ...options, ...counts });
}
