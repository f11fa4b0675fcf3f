import type { Exchanges, NodeRequest, NodeResponse } from './exchanges.ts';

/** A context of Hono, as far as it is counted. */
export interface HonoContext {
  readonly req: {
    readonly method: string;
    /** Of the handler that ran last. */
    readonly routePath?: string;
  };
  readonly res: { readonly status: number };
  /** With `@hono/node-server`: `incoming` and `outgoing`, request and response of node:http. */
  readonly env: unknown;
}

/**
 * Hono's middleware: it ends a request with its response under node:http, and elsewhere when there is a response.
 *
 * @param begun requests that were counted elsewhere than under node:http, so that none counts twice.
 */
export function honoMiddleware(
  { begin, follow }: Exchanges,
  begun: WeakSet<object>,
): (context: HonoContext, next: () => Promise<void>) => Promise<void> {
  return async (context: HonoContext, next: () => Promise<void>): Promise<void> => {
    const { req, env } = context;
    const { incoming, outgoing } = (env ?? {}) as { readonly incoming?: NodeRequest; readonly outgoing?: NodeResponse };
    if (incoming !== undefined && outgoing !== undefined) {
      follow(incoming, outgoing, req, honoRoute);
      return next();
    }
    if (begun.has(req)) return next();
    begun.add(req);
    const exchange = begin(req.method, req, honoRoute);
    let code = 500;
    try {
      await next();
      code = context.res.status;
    } finally {
      exchange.end(code);
    }
  };
}

/** Middleware for all paths is no route. */
const honoRoute = ({ routePath }: HonoContext['req']): string | undefined =>
  routePath === '/*' || routePath === '*' ? undefined : routePath;
