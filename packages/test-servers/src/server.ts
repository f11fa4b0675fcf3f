import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { locatePeer, type ProgramName } from './find.ts';
import { listens } from './listens.ts';
import { type Program, startProgram } from './program.ts';

/** A real server, listening on loopback. */
export interface Server {
  /** `host:port`, the form of scrape targets. */
  readonly address: string;
  /** `http://host:port`, without a trailing slash. */
  readonly url: string;
  readonly program: Program;
  /** Stops it and removes its folders. */
  stop(): Promise<void>;
}

/** Options of a server. */
export interface ServerOptions {
  /** Whether it is ready; called until it is. */
  isReady(address: string): Promise<boolean>;
  /** Its flags, for a listen address. */
  flags(address: string): readonly string[];
  readonly command?: string;
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  /** Default: one that is free. */
  readonly port?: number;
}

/** Starts one of the Prometheus project's programs on a free port. */
export function startServer(
  program: ProgramName,
  flags: readonly string[],
  readyPath = '/metrics',
  env: { readonly [name: string]: string } = {},
): Promise<Server> {
  return startListening({
    env,
    command: locatePeer(program),
    isReady: (address) => answersAt(`http://${address}${readyPath}`),
    flags: (address) => [`--web.listen-address=${address}`, ...flags],
  });
}

/** Whether it responds with anything but 503; a TLS server responds with 400 to plain HTTP. */
export async function answersAt(url: string): Promise<boolean> {
  return (await fetch(url)).status !== 503;
}

/**
 * Starts a server on a free port, and waits until it answers rather than for a log line. Not all servers can
 * report a port that the system chose, so a free one is chosen first, and another if it was taken in between.
 *
 * @throws Error with the server's output if it exits, or does not answer within 60 s.
 */
export async function startListening(options: ServerOptions): Promise<Server> {
  const { isReady, flags, command, cwd, env } = options;
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort());
    const address = `127.0.0.1:${port}`;
    const program = await startProgram(flags(address), {
      until: /^/,
      ...(command === undefined ? {} : { command }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
    });
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    program.exit.then(end, end);
    try {
      const ready = async () => ended || ((await isReady(address)) && (await listens(program.pid, port))) || undefined;
      await until(`${command} is ready`, ready, 60_000);
    } catch (error) {
      await program.stop('SIGKILL');
      throw new Error(`${(error as Error).message}\n${program.output()}`, { cause: error });
    }
    if (!ended) return { address, url: `http://${address}`, program, stop: async () => void (await program.stop()) };
    await program.exit; // rejects with the reason if it did not start
    const taken = /address already in use/i.test(program.output());
    if (!taken || tries === 3) throw new Error(`${command} ended:\n${program.output()}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Calls `attempt` every 50 ms until it returns something.
 *
 * @throws Error with `what` and the last error of `attempt` after `timeoutMs`.
 */
export async function until<T>(what: string, attempt: () => Promise<T | undefined>, timeoutMs: number): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const found = await attempt();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      const why = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`${what}: not within ${timeoutMs} ms${why}`, { cause: last });
    }
    await sleep(50);
  }
}
