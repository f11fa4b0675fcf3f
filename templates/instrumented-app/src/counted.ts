import type { RequestListener } from 'node:http';
import type { Metrics } from './metrics.ts';
import type { Handler } from './routes.ts';

export interface CountedOptions {
  readonly metrics: Metrics;
  /** In seconds, from any start. */
  readonly now?: () => number;
}

/**
 * Passes requests to their routes, and counts them. The label is the route, never the path: there is no limit to the number
 * of paths, and each would become a series.
 */
export function counted(
  routes: { readonly [path: string]: Handler },
  { metrics, now = () => performance.now() / 1000 }: CountedOptions,
): RequestListener {
  return async (request, response) => {
    const started = now();
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const route = routeOf(pathname, routes);
    response.once('close', () => {
      const code = response.writableFinished ? response.statusCode : 499;
      metrics.requests.inc({ route, code });
      metrics.durations.observe({ route }, now() - started);
    });
    try {
      await (routes[route] ?? notFound)(request, response);
    } catch (error) {
      console.error(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end('internal error\n');
    }
  };
}

function routeOf(path: string, routes: object): string {
  if (Object.hasOwn(routes, path)) return path;
  const parent = path.slice(0, path.lastIndexOf('/') + 1);
  return Object.hasOwn(routes, parent) ? parent : 'none';
}

const notFound: Handler = (_, response) => {
  response.writeHead(404).end('not found\n');
};
