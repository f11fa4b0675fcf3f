import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { silent } from '../collect/context.ts';
import type { Exporter } from '../collect/exporter.ts';
import { type Address, parseAddress, urlOf } from './address.ts';
import { type AliveOptions, alive } from './alive.ts';
import { type App, type AppOptions, app } from './app.ts';
import { nodeHandler, type Patient } from './node-http.ts';

/** How {@link listen} listens. */
export interface ListenOptions extends Patient, Pick<AliveOptions, 'log'> {
  /** `host:port`, `:port` or `[v6]:port`; default `127.0.0.1:0`, a port that the system chooses. */
  readonly address?: string;
  /** Called when closing begins, before anything is cut. */
  readonly draining?: () => void;
}

/** How {@link serve} serves. */
export interface ServeOptions
  extends Omit<ListenOptions, 'draining'>,
    Omit<AppOptions, 'ready' | 'traffic'>,
    AliveOptions {}

/** A server that listens. */
export interface Serving {
  /** With the port it got, such as `http://127.0.0.1:9100/`. */
  readonly url: string;
  /**
   * Stops listening, turns `/-/ready` to 503, lets answers under way finish and closes the rest; after `withinMs`
   * (default 10 000) it cuts what is left. Resolves when all is closed.
   */
  close(withinMs?: number): Promise<void>;
}

/**
 * Serves an exporter over HTTP. Handles no signals and never exits the process: that is `run`'s part.
 *
 * @example
 * const { url, close } = await serve(broker, { address: '127.0.0.1:9419' });
 * @throws Error when it can't listen, saying where and why; or when a collector refuses its settings.
 */
export async function serve(exporter: Exporter, options: ServeOptions = {}): Promise<Serving> {
  const { live, traffic } = alive(exporter, options);
  let ready = true;
  const routes = app(live, { ...options, traffic, ready: () => ready });
  return listen(routes, {
    ...options,
    draining() {
      ready = false;
    },
  });
}

/** Listens, and hands every request to an app. */
export async function listen(app: App, options: ListenOptions = {}): Promise<Serving> {
  const { address = '127.0.0.1:0', log = silent } = options;
  const at = parseAddress(address);
  let draining = false;
  const handler = nodeHandler(app, { ...options, log });
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    (req, res) => {
      if (draining) res.shouldKeepAlive = false;
      idle.delete(req.socket);
      res.once('close', () => {
        if (draining) req.socket.destroySoon();
        else if (!req.socket.destroyed) idle.add(req.socket);
      });
      handler(req, res);
    },
  );
  // Node's own closeIdleConnections() spares those that never asked anything.
  const idle = new Set<Socket>();
  server.on('connection', (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  // Garbage on a connection is its sender's trouble; node:http answers 400 and closes.
  await listening(server, at);
  const { port } = server.address() as AddressInfo;

  return {
    url: urlOf({ host: at.host, port }),
    close(withinMs = 10_000) {
      draining = true;
      options.draining?.();
      return new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), withinMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        for (const socket of idle) socket.destroy();
      });
    },
  };
}

const reasons: { readonly [code: string]: string } = {
  EADDRINUSE: 'another program listens there; stop it or choose another address',
  EACCES: 'this user may not; choose a port above 1023',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name is not known here',
};

async function listening(server: Server, { host, port }: Address): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, ...(host === '' ? {} : { host }) }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    const reason = reasons[code] ?? (cause as Error).message;
    throw new Error(`cannot listen on ${host.includes(':') ? `[${host}]` : host}:${port}: ${reason}.`, { cause });
  }
}
