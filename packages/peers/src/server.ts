import { setTimeout as sleep } from 'node:timers/promises';
import { locatePeer, type ProgramName } from './find.ts';
import { type Program, startProgram } from './program.ts';

/** A real server, listening on loopback. */
export interface Server {
  /** `host:port`, as a scrape target is written. */
  readonly address: string;
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  readonly program: Program;
  /** Ends it and takes its folders away. */
  stop(): Promise<void>;
}

/** Starts one of Prometheus's own programs on a port of the system's choice: they all log the address they listen on. */
export async function startServer(program: ProgramName, flags: readonly string[], cwd?: string): Promise<Server> {
  const running = await startProgram(['--web.listen-address=127.0.0.1:0', ...flags], {
    command: locatePeer(program),
    until: /msg="Listening on" address=(\S+)/,
    ...(cwd === undefined ? {} : { cwd }),
  });
  const address = running.match[1] as string;
  return { address, url: `http://${address}`, program: running, stop: async () => void (await running.stop()) };
}

/**
 * Asks again every 50 ms until `attempt` gives something.
 *
 * @throws Error with `what` and whatever `attempt` threw last, when the time is up.
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
