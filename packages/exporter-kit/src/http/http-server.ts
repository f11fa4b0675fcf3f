import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Collector } from '../collect/collector.ts';
import { gauge, histogram, type LiveDeclaration, live } from '../live/index.ts';
import type { Slo } from '../metric/views.ts';
import { exchanges, type NodeRequest, type NodeResponse, type ServerInstruments } from './exchanges.ts';
import { type ExpressRequest, expressRoute } from './express-route.ts';
import { type HonoContext, honoMiddleware } from './hono.ts';
import { buckets, methods } from './labels.ts';

/** Options of {@link httpServer}; the others are those of `live`. */
export interface HttpServerOptions extends Pick<LiveDeclaration<never>, 'maxSeries' | 'idleAfterMs' | 'span' | 'tune'> {
  /** Bounds of the durations, in seconds; default: OpenTelemetry's, from 5 ms to 10 s. */
  readonly buckets?: readonly number[];
  /**
   * What share of the requests is answered in time: an alert asks for it, and the dashboard shows it.
   *
   * @example
   * httpServer({ slo: { under: 0.25, objective: 99.9 } });
   */
  readonly slo?: Slo;
}

/** A request of Fastify, as far as it is counted. */
export interface FastifyRequest {
  readonly raw: NodeRequest;
  readonly routeOptions?: { readonly url?: string | undefined };
}

/** An application of Express: a request listener. */
export type ExpressApp = (request: never, response: never) => unknown;

/** Counts the requests of a server. Its instruments are live, and `collector` exposes them. */
export interface HttpServer extends ServerInstruments {
  readonly collector: Collector;
  /**
   * Wraps a request listener of node:http.
   *
   * @param options `route` returns a request's route, such as `/users/:id`, when the response is closed; never return the
   * path, which clients make up. Default: all routes are `none`.
   * @example
   * createServer(http.node(listener, { route: (request) => routeOf(request) }));
   */
  node(
    listener: (request: IncomingMessage, response: ServerResponse) => unknown,
    options?: { readonly route?: (request: IncomingMessage) => string | undefined },
  ): (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Middleware for Express; add it before the routes.
   *
   * @example
   * app.use(http.express());
   */
  express(): (request: ExpressRequest, response: NodeResponse, next: () => void) => void;
  /**
   * Wraps an application of Express. It costs less than middleware, most of which is Express' own work for any middleware, and
   * counts what other middleware answers, too.
   *
   * @example
   * createServer(http.express(app)).listen(8080);
   */
  express(app: ExpressApp): (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * A hook for Fastify; add it before the routes.
   *
   * @example
   * fastify.addHook('onRequest', http.fastify());
   */
  fastify(): (request: FastifyRequest, reply: { readonly raw: NodeResponse }, done: () => void) => void;
  /**
   * Middleware for Hono; add it before the routes. With `@hono/node-server`, a request ends when its response is closed;
   * elsewhere, when there is a response.
   *
   * @example
   * app.use(http.hono());
   */
  hono(): (context: HonoContext, next: () => Promise<void>) => Promise<void>;
}

/**
 * Counts the requests of an HTTP server: `http_server_request_duration_seconds{method,route,code}` and
 * `http_server_requests_in_flight{method}`. Routes are those that were declared, such as `/users/:id`; a request without one
 * has `none`. A response that is closed before it is complete has the code 499. Unusual methods are `other`.
 *
 * @example
 * const http = httpServer();
 * app.use(http.express());
 * await serve(exporter({ name: 'shop_exporter', collectors: [http.collector] }));
 * @throws TypeError for invalid options.
 */
export function httpServer({ buckets: bounds = buckets, slo, ...options }: HttpServerOptions = {}): HttpServer {
  const { duration, inFlight, collector } = live({
    ...options,
    name: 'http_server',
    metrics: {
      duration: histogram({
        name: 'http_server_request_duration_seconds',
        help: 'Time from the request until its response was closed, by route; code 499: before it was complete.',
        unit: 'seconds',
        labels: { method: methods, route: String, code: Number },
        buckets: bounds,
        ...(slo && { slo }),
      }),
      inFlight: gauge({
        name: 'http_server_requests_in_flight',
        help: 'Requests whose response is not closed yet.',
        labels: { method: methods },
      }),
    },
  });
  const requests = exchanges({ duration, inFlight });
  const begun = new WeakSet<object>();
  return {
    duration,
    inFlight,
    collector,
    node:
      (listener, { route = () => undefined } = {}) =>
      (request, response) => {
        requests.follow(request, response, request, route);
        listener(request, response);
      },
    express: ((app?: ExpressApp) =>
      app === undefined
        ? (request: ExpressRequest, response: NodeResponse, next: () => void) => {
            requests.follow(request, response, request, expressRoute, request.app);
            next();
          }
        : (request: ExpressRequest, response: NodeResponse) => {
            requests.follow(request, response, request, expressRoute, app);
            app(request as never, response as never);
          }) as HttpServer['express'],
    fastify:
      () =>
      (request, { raw }, done) => {
        requests.follow(request.raw, raw, request, fastifyRoute);
        done();
      },
    hono: () => honoMiddleware(requests, begun),
  };
}

const fastifyRoute = ({ routeOptions }: FastifyRequest): string | undefined => routeOptions?.url;
