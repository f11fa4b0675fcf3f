import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Handler } from './routes.ts';

/** Routes by path; one that ends in `/` matches all paths below it. */
export interface Router {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The route of a request, never its path: there is no limit to the number of paths, and each would become a series. */
  routeOf(request: IncomingMessage): string | undefined;
}

/** Passes requests to their routes. A route that throws is answered with 500. */
export function router(routes: { readonly [path: string]: Handler }): Router {
  const routeOf = ({ url = '/' }: IncomingMessage): string | undefined => {
    const { pathname } = new URL(url, 'http://localhost');
    const parent = pathname.slice(0, pathname.lastIndexOf('/') + 1);
    return [pathname, parent].find((path) => Object.hasOwn(routes, path));
  };
  return {
    routeOf,
    async handle(request, response) {
      try {
        await (routes[routeOf(request) ?? ''] ?? notFound)(request, response);
      } catch (error) {
        console.error(error);
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end('internal error\n');
      }
    },
  };
}

const notFound: Handler = (_, response) => {
  response.writeHead(404).end('not found\n');
};
