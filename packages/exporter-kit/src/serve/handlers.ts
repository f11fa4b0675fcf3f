import type { IncomingMessage, ServerResponse } from 'node:http';
import { silent } from '../collect/context.ts';
import type { Exporter } from '../collect/exporter.ts';
import { type App, type AppOptions, app } from './app.ts';
import { webStandardHandler } from './http/fetch-http.ts';
import { nodeHandler, type SendOptions } from './http/node-http.ts';
import { type StartOptions, startExporter } from './start-exporter.ts';

/** Options of an exporter inside an existing server. */
export interface HandlerOptions
  extends Omit<AppOptions, 'traffic' | 'probeDrops' | 'openTargets' | 'shard'>,
    StartOptions {
  /**
   * Path of the metrics, without the prefix that the server strips before it calls the handler. Default `/metrics`; `/`
   * if the server strips the whole path.
   */
  readonly path?: string;
}

/**
 * An exporter as a request listener for node:http, Express, Fastify and others. It serves the same paths as `serve`, and
 * answers others with 404. Create it once: each handler has its own stores, caches and clients of sources, which stay open.
 *
 * @example
 * express().use('/internal', nodeListener(broker)); // GET /internal/metrics
 * @example
 * const metrics = nodeListener(broker);
 * fastify.get('/metrics', (request, reply) => {
 *   reply.hijack();
 *   metrics(request.raw, reply.raw);
 * });
 * @throws Error if the exporter or a collector rejects its settings.
 */
export function nodeListener(
  exporter: Exporter,
  options: HandlerOptions & SendOptions = {},
): (req: IncomingMessage, res: ServerResponse) => void {
  return nodeHandler(appOf(exporter, options), { ...options, log: options.log ?? silent });
}

/**
 * An exporter as a web-standard handler, for Hono, Deno, Bun and others; see {@link nodeListener}. Cancel the body of a
 * response that is not read to its end, as servers do.
 *
 * @example
 * const metrics = fetchHandler(broker);
 * hono.get('/metrics', ({ req }) => metrics(req.raw));
 * @throws Error if the exporter or a collector rejects its settings.
 */
export function fetchHandler(
  exporter: Exporter,
  options: HandlerOptions = {},
): (request: Request) => Promise<Response> {
  return webStandardHandler(appOf(exporter, options), options.log ?? silent);
}

function appOf(exporter: Exporter, options: HandlerOptions): App {
  const { gatherer, ...metrics } = startExporter(exporter, options);
  return app(gatherer, { ...options, ...metrics });
}
