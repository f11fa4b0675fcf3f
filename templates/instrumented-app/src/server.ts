import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpServer, httpServer } from 'exporter-kit/http';
import { router } from './router.ts';
import { routes } from './routes.ts';

/** Options of the application. */
export interface AppOptions {
  /** Default: the application's routes. */
  readonly handlers?: typeof routes;
}

/** The application, over HTTP. */
export interface App {
  /** Counts its requests. */
  readonly http: HttpServer;
  /** With the actual port. */
  readonly url: string;
  /** @throws Error if it cannot listen. */
  listen(port: number, host: string): Promise<void>;
  /** Stops accepting requests and waits for running ones; closes the remaining connections after `withinMs`. */
  close(withinMs?: number): Promise<void>;
}

/** Creates the application. */
export function acmeWidget({ handlers = routes }: AppOptions = {}): App {
  const http = httpServer({ slo: { under: 0.25, objective: 99.9 } });
  const { handle, routeOf } = router(handlers);
  const answer = http.node(handle, { route: routeOf });
  const server = createServer((request, response) => {
    // On shutdown, kept-alive connections would delay the end.
    response.once('close', () => server.listening || request.socket.destroySoon());
    answer(request, response);
  });
  return {
    http,
    get url() {
      const { address, family, port } = server.address() as AddressInfo;
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
    },
    async listen(port, host) {
      await once(server.listen(port, host), 'listening');
    },
    async close(withinMs = 10_000) {
      const closed = once(server, 'close');
      server.close();
      const cut = setTimeout(() => server.closeAllConnections(), withinMs);
      await closed;
      clearTimeout(cut);
    },
  };
}
