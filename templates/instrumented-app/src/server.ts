import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { type CountedOptions, counted } from './counted.ts';
import { metricsIn } from './metrics.ts';
import { routes } from './routes.ts';

/** Options of the application. */
export interface AppOptions extends Omit<CountedOptions, 'metrics'> {
  /** Default: the application's routes. */
  readonly handlers?: typeof routes;
}

/** The application, over HTTP. */
export interface App {
  /** With the actual port. */
  readonly url: string;
  /** @throws Error if it cannot listen. */
  listen(port: number, host: string): Promise<void>;
  /** Stops accepting requests and waits for running ones; closes the remaining connections after `withinMs`. */
  close(withinMs?: number): Promise<void>;
}

/** Creates the application, with its metrics in a registry. */
export function acmeWidget(register: Registry, { handlers = routes, ...options }: AppOptions = {}): App {
  const answer = counted(handlers, { ...options, metrics: metricsIn(register) });
  const server = createServer((request, response) => {
    // On shutdown, kept-alive connections would delay the end.
    response.once('close', () => server.listening || request.socket.destroySoon());
    answer(request, response);
  });
  return {
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
