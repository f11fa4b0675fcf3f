import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locatePeer } from './find.ts';
import { type Program, startProgram } from './program.ts';
import { type QueryResult, query } from './query.ts';
import { type Server, until } from './server.ts';

export interface VictoriaMetrics extends Server {
  /** An instant query that also finds what was written a moment ago. */
  query(promql: string): Promise<QueryResult[]>;
}

/** Starts a real single-node VictoriaMetrics with a folder of its own; it takes remote write at `/api/v1/write`. */
export async function startVictoriaMetrics(flags: readonly string[] = []): Promise<VictoriaMetrics> {
  const folder = await mkdtemp(join(tmpdir(), 'peers-victoria-metrics-'));
  const clear = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const { program, address } = await start([`-storageDataPath=${folder}`, '-search.latencyOffset=0s', ...flags]);
    const url = `http://${address}`;
    return {
      address,
      url,
      program,
      async query(promql) {
        await fetch(`${url}/internal/force_flush`);
        // It answers as of a second before the time asked for, when that is now.
        return query(url, promql, { nocache: '1', time: String(Date.now() / 1000 + 1) });
      },
      async stop() {
        await program.stop();
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

/** It can't say which port the system chose for it, so one is asked for before; another one if somebody was faster. */
async function start(flags: readonly string[]): Promise<{ program: Program; address: string }> {
  for (let tries = 1; ; tries++) {
    const address = `127.0.0.1:${await freePort()}`;
    // It speaks before it listens, and ends where it can't.
    const program = await startProgram([`-httpListenAddr=${address}`, ...flags], {
      command: locatePeer('victoria-metrics'),
      until: /starting http server/,
    });
    const ended = program.exit.then(() => false);
    if (await Promise.race([ended, ready(address)])) return { program, address };
    if (tries === 3) throw new Error(`VictoriaMetrics does not stay:\n${program.output()}`);
  }
}

async function ready(address: string): Promise<true> {
  const healthy = async (): Promise<true | undefined> =>
    (await (await fetch(`http://${address}/-/healthy`)).text()).includes('VictoriaMetrics') ? true : undefined;
  return until('VictoriaMetrics is ready', healthy, 10_000);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
