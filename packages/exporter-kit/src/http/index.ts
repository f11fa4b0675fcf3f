/// <reference types="node" preserve="true" />
/**
 * Counts HTTP requests: those that a server gets, by route, and those that `fetch` sends.
 *
 * @module
 */
export type { NodeRequest, NodeResponse, ServerInstruments } from './exchanges.ts';
export type { ExpressRequest } from './express-route.ts';
export type { HonoContext } from './hono.ts';
export { type HttpClient, type HttpClientOptions, httpClient } from './http-client.ts';
export {
  type ExpressApp,
  type FastifyRequest,
  type HttpServer,
  type HttpServerOptions,
  httpServer,
} from './http-server.ts';
export type { Method } from './labels.ts';
