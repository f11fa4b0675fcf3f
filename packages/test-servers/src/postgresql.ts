import { existsSync } from 'node:fs';
import { appendFile, chown, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import type { Certificate } from './certificates.ts';
import { type Generation, locatePeer } from './find.ts';
import { runProgram } from './program.ts';
import { type Server, startListening, startServer, until } from './server.ts';
import { unprivileged } from './unprivileged.ts';

/** A row of a query's result, by column. */
// biome-ignore lint/suspicious/noExplicitAny: a test knows what it selects
export type SqlRow = { readonly [column: string]: any };

export interface PostgresServer extends Server {
  readonly port: number;
  /** Connection settings of the superuser, over the unix socket; `host` is the folder of the socket. */
  readonly login: { readonly host: string; readonly port: number; readonly user: string; readonly database: string };
  /**
   * Runs statements as the superuser `postgres` over a connection of its own, each text as one transaction; returns the rows
   * of the last.
   */
  sql(text: string | readonly string[], database?: string): Promise<SqlRow[]>;
  /** Another connection of the superuser; the caller ends it. */
  connect(database?: string): Promise<Client>;
  /** Sends a signal to the server and all its backends, such as SIGSTOP. */
  signalAll(signal: NodeJS.Signals): Promise<void>;
  /** Starts a streaming replica of it. With `slot`, the replica creates and uses this replication slot. */
  startReplica(options?: PostgresOptions & { readonly slot?: string }): Promise<PostgresServer>;
  /** Starts it again on the same port and data after its program has ended. */
  restart(): Promise<void>;
}

/** Options of a server. */
export interface PostgresOptions {
  /** Server settings, such as `{ max_connections: 20 }`. */
  readonly settings?: { readonly [name: string]: string | number };
  /** Content of pg_hba.conf. Default: everyone is trusted. */
  readonly hba?: string;
  /** Accepts TLS with it. */
  readonly certificate?: Certificate;
  /** Default: the chosen one. */
  readonly generation?: Generation;
}

/**
 * Starts a real PostgreSQL on a port of 127.0.0.1, with a new cluster. The server refuses to run as root; it then runs as
 * `nobody`, see {@link unprivileged}.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  return startOn(await newFolder(), options, async (data) => {
    await runTool('initdb', options, [
      '-D',
      data,
      '-A',
      'trust',
      '-U',
      'postgres',
      '--no-locale',
      '-E',
      'UTF8',
      '--no-sync',
    ]);
  });
}

async function startOn(
  folder: string,
  options: PostgresOptions,
  create: (data: string) => Promise<void>,
): Promise<PostgresServer> {
  const data = join(folder, 'data');
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    await create(data);
    if (options.hba !== undefined) await writeFile(join(data, 'pg_hba.conf'), options.hba);
    if (options.certificate !== undefined) await addCertificate(data, options.certificate);
    let server = await launch(folder, options);
    const { address } = server;
    const port = Number(address.slice(address.lastIndexOf(':') + 1));
    const login = { host: folder, port, user: 'postgres', database: 'postgres' };
    const connect = async (database = 'postgres') => {
      const client = new Client({ ...login, database });
      client.on('error', () => {}); // queries fail with it as well
      await client.connect();
      return client;
    };
    return {
      address,
      url: `postgres://postgres@${address}/postgres`,
      port,
      login,
      get program() {
        return server.program;
      },
      connect,
      async sql(text, database) {
        const client = await connect(database);
        try {
          let rows: SqlRow[] = [];
          for (const one of [text].flat()) {
            const result = await client.query(one);
            rows = (Array.isArray(result) ? result.at(-1) : result).rows;
          }
          return rows;
        } finally {
          await client.end();
        }
      },
      signalAll: (signal) => signalFamily(server.program.pid, signal),
      async startReplica({ slot, ...own } = {}) {
        return startOn(await newFolder(), { ...options, ...own }, async (copy) => {
          const from = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '--no-sync'];
          const withSlot = slot === undefined ? [] : ['--create-slot', '--slot', slot];
          await runTool('pg_basebackup', options, [...from, '-D', copy, '--checkpoint=fast', ...withSlot]);
          // What -R writes, older servers do not understand if the tool is newer.
          const primary = [`primary_conninfo = 'host=127.0.0.1 port=${port} user=postgres'`];
          if (slot !== undefined) primary.push(`primary_slot_name = '${slot}'`);
          await appendFile(join(copy, 'postgresql.auto.conf'), `${primary.join('\n')}\n`);
          await writeFile(join(copy, 'standby.signal'), '');
          await giveToServer(join(copy, 'standby.signal'));
        });
      },
      async restart() {
        await server.program.exit;
        // Its backends may outlive it for a moment, and keep its memory.
        server = await until('PostgreSQL starts again', () => launch(folder, options, port), 60_000);
      },
      async stop() {
        await signalFamily(server.program.pid, 'SIGCONT');
        await server.program.stop('SIGQUIT');
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Under the names where the server looks for them; it wants to own its key. */
async function addCertificate(data: string, { cert, key }: Certificate): Promise<void> {
  for (const [from, name] of [
    [cert, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    await writeFile(join(data, name), await readFile(from), { mode: 0o600 });
    await giveToServer(join(data, name));
  }
}

function launch(
  folder: string,
  { settings = {}, certificate, generation }: PostgresOptions,
  port?: number,
): Promise<Server> {
  const fast = { fsync: 'off', jit: 'off', shared_buffers: '16MB', listen_addresses: '127.0.0.1' };
  const all = { ...fast, unix_socket_directories: folder, ssl: certificate ? 'on' : 'off', ...settings };
  const { command, before } = unprivileged(locatePeer('postgres', generation));
  return startListening({
    command,
    ...(port === undefined ? {} : { port }),
    isReady: (address) => acceptsQueries(folder, Number(address.slice(address.lastIndexOf(':') + 1))),
    flags: (address) => [
      ...before,
      ...['-D', join(folder, 'data'), '-p', address.slice(address.lastIndexOf(':') + 1)],
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
  });
}

async function acceptsQueries(host: string, port: number): Promise<boolean> {
  const client = new Client({ host, port, user: 'postgres', database: 'postgres', connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
  return true;
}

async function runTool(
  tool: 'initdb' | 'pg_basebackup',
  { generation }: PostgresOptions,
  flags: readonly string[],
): Promise<void> {
  const pathIn = async (one?: Generation) => join(dirname(await realpath(locatePeer('postgres', one))), tool);
  const own = await pathIn(generation);
  // Those from npm have no pg_basebackup; a newer one understands older servers.
  const { command, before } = unprivileged(existsSync(own) ? own : await pathIn('today'));
  const { code, stdout, stderr } = await runProgram([...before, ...flags], { command, timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`${tool} failed (${code}):\n${stdout}${stderr}`);
}

/** A folder that the server's user owns. */
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  await giveToServer(folder);
  return folder;
}

async function giveToServer(path: string): Promise<void> {
  const { user } = unprivileged(locatePeer('postgres'));
  if (user !== undefined) await chown(path, user, user);
}

/** The server first, so that it starts no more backends. */
async function signalFamily(pid: number, signal: NodeJS.Signals): Promise<void> {
  send(pid, signal);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const child of children.split(' ').filter(Boolean)) send(Number(child), signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended
  }
}

export interface PostgresExporter extends Server {
  /** One scrape, in the text format. */
  scrape(): Promise<string>;
}

/** Starts a real postgres_exporter, version 0.19 or later, for one server. */
export async function startPostgresExporter(url: string, flags: readonly string[] = []): Promise<PostgresExporter> {
  const env = { DATA_SOURCE_NAME: `${url}?sslmode=disable` };
  const server = await startServer('postgres_exporter', flags, '/', env);
  return { ...server, scrape: async () => (await fetch(`${server.url}/metrics`)).text() };
}
