import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type LevelledLogger, type Logger, safeLogger, silent } from '../collect/context.ts';
import type { Exporter } from '../collect/exporter.ts';
import { describe } from '../errors/thrown.ts';
import { throttle } from '../time/throttle.ts';
import { type App, type AppOptions, app } from './app.ts';
import { addressText, parseAddress, urlOf } from './http/address.ts';
import { http1, nodeHandler, type SendOptions } from './http/node-http.ts';
import { type OpenSocket, openSocket } from './http/open-socket.ts';
import { type StartOptions, startExporter } from './start-exporter.ts';
import type { WebConfig } from './web/web-config.ts';
import type { WebConfigStore } from './web/web-config-store.ts';

/** Options of {@link listen}. */
export interface ListenOptions extends SendOptions, Pick<StartOptions, 'log'> {
  /**
   * `host:port`, `:port`, `[v6]:port`, `unix:/path`, or `fd:3` for an inherited socket; or several of them. Default
   * `127.0.0.1:0`, a port chosen by the system.
   */
  readonly address?: string | readonly string[];
  /** Permissions of Unix sockets; default 0o660. */
  readonly socketMode?: number;
  /** Maximum concurrent connections; default 1000. Beyond it, the longest idle one is closed. */
  readonly maxConnections?: number;
  /** Called when closing begins. */
  readonly draining?: () => void;
  /** TLS, authentication and rate limits. */
  readonly web?: WebConfigStore | undefined;
  /** Name shown when a browser asks for a password. */
  readonly name?: string;
}

/** Options of {@link serve}. */
export interface ServeOptions
  extends Omit<ListenOptions, 'draining' | 'web' | 'name'>,
    Omit<AppOptions, 'ready' | 'traffic' | 'probeDrops' | 'openTargets' | 'shard'>,
    StartOptions {
  /** TLS, authentication and rate limits: the path of a file as for `--web.config.file`, or its content. */
  readonly web?: string | WebConfig;
}

/** A running server. */
export interface Serving {
  /** With the actual port, such as `http://127.0.0.1:9100/`; the first of several addresses. */
  readonly url: string;
  /** One for each address; a Unix socket as `unix:/path`. */
  readonly urls: readonly string[];
  /**
   * Stops listening, answers `/-/ready` with 503, finishes requests in progress and closes idle connections; after
   * `withinMs` (default 10 000) it closes the rest. Then it closes the clients of sources. Resolves when everything is
   * closed.
   */
  close(withinMs?: number): Promise<void>;
}

/**
 * Serves an exporter over HTTP. Handles no signals and never exits the process; `run` does. Without a `log`, warnings and
 * errors, such as why a collector failed, go to standard error.
 *
 * @example
 * const { url, close } = await serve(broker, { address: '127.0.0.1:9419' });
 * @example
 * await serve(broker, { address: ':9419', web: '/etc/broker-exporter/web.yml' });
 * @throws Error if it can't listen, with address and reason; for an invalid web configuration, with the line; or if a
 *   collector rejects its settings.
 */
export async function serve(exporter: Exporter, given: ServeOptions = {}): Promise<Serving> {
  const options = { ...given, log: given.log ?? defaultLog };
  const web = options.web === undefined ? undefined : await openStore(options.web, options.log);
  const { gatherer, ...metrics } = startExporter(exporter, options);
  let ready = true;
  const routes = app(gatherer, { ...options, ...metrics, ready: () => ready });
  const serving = await listen(routes, {
    ...options,
    web,
    name: exporter.name,
    draining() {
      ready = false;
    },
  });
  return {
    ...serving,
    async close(withinMs) {
      await serving.close(withinMs);
      await Promise.all([gatherer.sources.retire(), metrics.openTargets.close()]);
    },
  };
}

async function openStore(config: string | WebConfig, log: Logger): Promise<WebConfigStore> {
  const { openWebConfig } = await import('./web/web-config-store.ts');
  return openWebConfig(config, safeLogger(log));
}

/** Listens, and passes every request to an app. */
export async function listen(app: App, options: ListenOptions = {}): Promise<Serving> {
  const { address = '127.0.0.1:0', web, name = 'exporter' } = options;
  const log = safeLogger(options.log ?? silent);
  const { maxConnections = 1000, socketMode = 0o660 } = options;
  const addresses = (typeof address === 'string' ? [address] : address).map(parseAddress);
  const isDue = throttle(MINUTE_MS);
  const all = connections(maxConnections, () => {
    if (isDue('connections')) log.warn({ most: maxConnections }, TOO_MANY);
  });
  const safe = web === undefined ? app : (await import('./web/authorization.ts')).protectedApp(app, web, name);
  const handler = nodeHandler(safe, { ...options, log });
  const rawOf = new WeakMap<object, Socket>();
  let draining = false;
  const first = http1(
    (req, res) => {
      if (draining) res.shouldKeepAlive = false;
      all.requestBegan(rawOf.get(req.socket)!);
      handler(req, res);
    },
    ({ socket }) => {
      if (all.requestEnded(rawOf.get(socket)!) && draining) socket.destroySoon();
    },
  );
  const second = web?.state.http2 ? (await import('./http/http2.ts')).http2(handler) : undefined;

  function begin(socket: Socket | TLSSocket, raw: Socket): void {
    rawOf.set(socket, raw);
    const alpn = 'alpnProtocol' in socket ? socket.alpnProtocol : undefined;
    if (alpn !== 'h2') first.emit('connection', socket);
    else
      second?.serve(socket, {
        requestBegan: () => all.requestBegan(raw),
        requestEnded: () => all.requestEnded(raw),
      });
  }

  const secure =
    web?.state.tls === undefined ? undefined : (await import('./web/tls-upgrade.ts')).tlsUpgrade(web, log, begin);
  function connected(raw: Socket): void {
    // Errors before a request only affect the client.
    raw.on('error', () => {});
    if (!all.add(raw)) return;
    if (secure === undefined) begin(raw, raw);
    else secure(raw);
  }

  const open: OpenSocket[] = [];
  const closed = (): Promise<unknown> =>
    Promise.all(open.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  try {
    for (const one of addresses) open.push(await openSocket(one, socketMode, connected));
  } catch (error) {
    all.destroyAll();
    await closed();
    first.close();
    throw error;
  }
  for (const { server, address: at } of open) {
    const text = addressText(at);
    server.on('error', (err) => {
      if (isDue(text)) log.error({ err, address: text }, 'cannot accept connections; out of file descriptors?');
    });
  }
  const urls = open.map(({ address: at }) => urlOf(at, secure !== undefined));
  return {
    url: urls[0]!,
    urls,
    async close(withinMs = 10_000) {
      draining = true;
      options.draining?.();
      const cut = setTimeout(all.destroyAll, withinMs);
      const over = closed();
      second?.close();
      all.destroyIdle();
      await over;
      clearTimeout(cut);
      first.close();
    },
  };
}

const MINUTE_MS = 60_000;
const TOO_MANY =
  'too many connections; each new one closes the longest idle one, or is closed itself if none is idle; ' +
  'raise --web.max-connections (maxConnections)';

/** Without a logger: warnings and errors as logfmt lines on standard error. */
export const defaultLog: LevelledLogger = {
  debug() {},
  info() {},
  warn: line('warn'),
  error: line('error'),
  isLevelEnabled: (level) => level === 'warn' || level === 'error',
};

function line(level: string): Logger['warn'] {
  return (facts, message) => {
    const pairs = Object.entries({ time: new Date().toISOString(), level, msg: message, ...facts }).map(
      ([key, value]) => `${key}=${JSON.stringify(key === 'err' ? describe(value) : value)}`,
    );
    process.stderr.write(`${pairs.join(' ')}\n`);
  };
}

/** The connections of a server; a connection is idle when it has no request in progress. */
export interface Connections {
  /** Adds a connection. Beyond the limit, closes the longest idle one, or this one if none is idle; false if it did. */
  add(socket: Socket): boolean;
  /** A request has begun; call `requestEnded` once for each. */
  requestBegan(socket: Socket): void;
  /** Returns whether the connection is idle now. */
  requestEnded(socket: Socket): boolean;
  destroyIdle(): void;
  destroyAll(): void;
}

/** @param full called for each connection closed because of the limit */
export function connections(most: number, full: () => void): Connections {
  const underWay = new Map<Socket, number>();
  // Longest idle first.
  const idle = new Set<Socket>();

  return {
    add(socket) {
      if (underWay.size >= most) {
        full();
        const [longest] = idle;
        (longest ?? socket).destroy();
        if (longest === undefined) return false;
        idle.delete(longest);
      }
      underWay.set(socket, 0);
      idle.add(socket);
      socket.once('close', () => {
        underWay.delete(socket);
        idle.delete(socket);
      });
      return true;
    },
    requestBegan(socket) {
      idle.delete(socket);
      underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    },
    requestEnded(socket) {
      const left = underWay.get(socket);
      if (left === undefined) return false;
      underWay.set(socket, left - 1);
      if (left === 1) idle.add(socket);
      return left === 1;
    },
    destroyIdle() {
      for (const socket of idle) socket.destroy();
    },
    destroyAll() {
      for (const socket of underWay.keys()) socket.destroy();
    },
  };
}
