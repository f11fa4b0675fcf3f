import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locatePeer } from './find.ts';
import { type QueryResult, query } from './query.ts';
import { answersAt, type Server, startListening } from './server.ts';

export interface VictoriaMetrics extends Server {
  /** An instant query that also finds samples written just now. */
  query(promql: string): Promise<QueryResult[]>;
}

/** Starts a real single-node VictoriaMetrics with a temporary folder; it accepts remote write at `/api/v1/write`. */
export async function startVictoriaMetrics(flags: readonly string[] = []): Promise<VictoriaMetrics> {
  const folder = await mkdtemp(join(tmpdir(), 'peers-victoria-metrics-'));
  const clear = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const server = await startListening({
      command: locatePeer('victoria-metrics'),
      isReady: (address) => answersAt(`http://${address}/health`),
      flags: (address) => [
        `-httpListenAddr=${address}`,
        `-storageDataPath=${folder}`,
        '-search.latencyOffset=0s',
        ...flags,
      ],
    });
    const { url } = server;
    return {
      ...server,
      async query(promql) {
        await fetch(`${url}/internal/force_flush`);
        // For the current time, it answers as of a second earlier.
        return query(url, promql, { nocache: '1', time: String(Date.now() / 1000 + 1) });
      },
      async stop() {
        await server.stop();
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}
