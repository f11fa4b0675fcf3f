import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

import type { Resolve } from 'exporter-kit';
import type { Address } from './address.ts';
import { askingAhead } from './ahead.ts';
import { commander, type RedisClient, type Reply } from './client.ts';
import { createClient, ErrorReply, type RedisClientOptions } from './driver.ts';
import { type ReplyGuard, replyGuard } from './reply-guard.ts';

/** Who connects, and how. */
export interface ConnectOptions {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls: TlsFiles;
  readonly resolve: Resolve;
  readonly signal: AbortSignal;
}

/** Settings of TLS; files are read each time a connection is opened. */
export interface TlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly serverName?: string | undefined;
  readonly skipVerify: boolean;
}

type DriverClient = ReturnType<typeof createClient>;
type SocketOptions = NonNullable<RedisClientOptions['socket']>;

/** Name of our connections in CLIENT LIST. */
const CLIENT_NAME = 'redis_exporter';
// Where the signal does not reach: a TLS socket that is still connecting.
const CONNECT_TIMEOUT_MS = 30_000;

// Never connected. `createClient` makes a class of hundreds of commands, several megabytes, for each address; copies share one.
let model: ReturnType<typeof modelClient> | undefined;

const modelClient = () =>
  createClient({
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    // Every caller has a deadline. The driver's own, of 5 s, would end what has more time, and keep each command in memory so long.
    commandOptions: { timeout: 0 },
  });

/** Connects once; a connection that is lost stays lost. */
export async function connect(address: Address, options: ConnectOptions): Promise<RedisClient> {
  const { user, password, signal } = options;
  const start = performance.now();
  model ??= modelClient();
  const client = model.duplicate({
    socket: await socketOf(address, options),
    database: address.database,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
  });
  const end = (): void => {
    if (client.isOpen) client.destroy();
  };
  // The first error ends the connection, and says more than what pending commands reject with then.
  let failure: unknown;
  const fail = (error: Error): void => {
    failure ??= inWords(error);
    end();
  };
  client.on('error', fail);
  const replies = guard(client, fail);
  signal.addEventListener('abort', end, { once: true });
  const reasonOf = (error: unknown): unknown => (error instanceof ErrorReply ? error : (failure ?? error));
  const send = (words: readonly string[]): Promise<Reply> =>
    client.sendCommand<Reply>([...words]).catch((error: unknown) => {
      throw reasonOf(error);
    });
  try {
    signal.throwIfAborted();
    await client.connect();
    // Sent at once, so that it gets what a server says before it closes a connection: that it has too many.
    await send(['CLIENT', 'SETNAME', CLIENT_NAME]).catch((error: unknown) => {
      if (!(error instanceof ErrorReply) || !/^(NOPERM|ERR unknown)/.test(error.message)) throw error;
    });
  } catch (error) {
    end();
    signal.throwIfAborted();
    throw reasonOf(error);
  } finally {
    signal.removeEventListener('abort', end);
  }
  const command = askingAhead(commander(send, address.database));
  return {
    database: address.database,
    connectSeconds: (performance.now() - start) / 1000,
    command(words, options) {
      if (options?.beginsScrape === true) replies.restart();
      return command(words, options);
    },
    close: end,
  };
}

/** Hands the driver only what {@link replyGuard} lets through. It has no door for that but the one it changes sockets by. */
function guard(client: Pick<DriverClient, '_ejectSocket' | '_insertSocket'>, fail: (error: Error) => void): ReplyGuard {
  const socket = client._ejectSocket();
  const replies = replyGuard();
  const emit = socket.emit.bind(socket);
  let isOver = false;
  socket.emit = (event: string, ...args: unknown[]) => {
    if (event !== 'data') return emit(event, ...args);
    if (isOver) return false;
    try {
      replies.check(args[0] as Uint8Array);
    } catch (error) {
      isOver = true;
      fail(error as Error);
      return false;
    }
    return emit(event, ...args);
  };
  client._insertSocket(socket);
  return replies;
}

/** The driver says in its own terms that it does not understand a reply. */
function inWords(error: Error): Error {
  const isOdd = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  return isOdd ? new Error(`the server does not speak the Redis protocol: ${error.message}`, { cause: error }) : error;
}

async function socketOf(address: Address, options: ConnectOptions): Promise<SocketOptions> {
  const common = { reconnectStrategy: false, connectTimeout: CONNECT_TIMEOUT_MS, signal: options.signal } as const;
  if (address.path !== undefined) {
    // So that `/probe` reaches none, as it reaches no loopback address.
    await options.resolve({ host: '127.0.0.1', port: 0, scheme: 'unix' });
    return { ...common, path: address.path };
  }
  const { host, port } = address;
  const scheme = address.tls ? 'rediss' : 'redis';
  const { lookup } = await options.resolve({ host, port, scheme });
  if (!address.tls) return { ...common, host, port, lookup };
  const { caFile, certFile, keyFile, serverName = host, skipVerify } = options.tls;
  const read = (file: string | undefined) => (file === undefined ? undefined : readFile(file));
  const [ca, cert, key] = await Promise.all([read(caFile), read(certFile), read(keyFile)]);
  return {
    ...common,
    tls: true,
    host,
    port,
    lookup,
    rejectUnauthorized: !skipVerify,
    // An address is no server name; the certificate is checked for it all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
