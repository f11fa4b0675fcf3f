import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { type Generation, locatePeer } from './find.ts';
import { type Server, startListening, startServer } from './server.ts';

/** A reply: RESP 2, strings as text. */
export type RedisReply = string | number | null | RedisReply[];

export interface RedisServer extends Server {
  readonly port: number;
  /** Path of its unix socket. */
  readonly socket: string;
  /** Its folder: `dir`. */
  readonly folder: string;
  /** Sends one command over a new connection, as the default user or the one of `login`. */
  ask(...command: string[]): Promise<RedisReply>;
}

/** Options of a server. */
export interface RedisOptions {
  /** Default: Redis of the chosen generation. */
  readonly program?: 'redis-server' | 'valkey-server';
  /** Default: the chosen one. */
  readonly generation?: Generation;
  /** More arguments, such as `['--requirepass', 'secret']`. */
  readonly flags?: readonly string[];
  /** Credentials for `ask`, if the default user needs them. */
  readonly login?: { readonly username?: string; readonly password: string };
  /** Starts a sentinel, with this configuration. */
  readonly sentinel?: string;
}

/** Starts a real Redis or Valkey on a port of 127.0.0.1, without persistence. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const { program = 'redis-server', generation, flags = [], login, sentinel } = options;
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const socket = join(folder, 'redis.sock');
  const remove = () => rm(folder, { recursive: true, force: true });
  const config = join(folder, 'sentinel.conf');
  const [first, last] =
    sentinel === undefined ? [[], ['--save', '', '--unixsocket', socket]] : [[config, '--sentinel'], []];
  try {
    if (sentinel !== undefined) await writeFile(config, sentinel);
    const server = await startListening({
      command: locatePeer(program, generation),
      isReady: isServing,
      flags: (address) => [
        ...first,
        ...['--bind', '127.0.0.1', '--port', portOf(address), '--dir', folder],
        ...last,
        ...flags,
      ],
    });
    const port = portOf(server.address);
    return {
      ...server,
      url: `redis://${server.address}`,
      port: Number(port),
      socket,
      folder,
      ask: (...command) => askOnce({ host: '127.0.0.1', port: Number(port) }, login, command),
      async stop() {
        // A process stopped by SIGSTOP handles no other signal until it continues.
        await server.program.stop('SIGKILL');
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

export interface RedisExporter extends Server {
  /** One scrape of its Redis, in the text format. */
  scrape(): Promise<string>;
}

/** Starts a real redis_exporter, version 1.86 or later, for one Redis. */
export async function startRedisExporter(url: string, flags: readonly string[] = []): Promise<RedisExporter> {
  const server = await startServer('redis_exporter', [`--redis.addr=${url}`, ...flags], '/health');
  return { ...server, scrape: async () => (await fetch(`${server.url}/metrics`)).text() };
}

async function askOnce(
  socket: { readonly host: string; readonly port: number },
  login: RedisOptions['login'],
  command: readonly string[],
): Promise<RedisReply> {
  const client = createClient({
    ...login,
    RESP: 2,
    socket: { ...socket, reconnectStrategy: false, connectTimeout: 10_000 },
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
  client.on('error', () => {}); // the command rejects with it, too
  await client.connect();
  try {
    return await client.sendCommand<RedisReply>([...command]);
  } finally {
    client.destroy();
  }
}

/** Whether the server answers PING, also with an authentication error; false while it is loading. */
function isServing(address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(portOf(address)) });
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer to PING within 1 s')));
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('error', reject);
    socket.on('data', (answer) => {
      resolve(!answer.toString().startsWith('-LOADING'));
      socket.destroy();
    });
    socket.on('close', () => reject(new Error('closed without an answer')));
  });
}

const portOf = (address: string): string => address.slice(address.lastIndexOf(':') + 1);
