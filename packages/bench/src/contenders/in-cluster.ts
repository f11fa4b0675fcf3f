import cluster, { type Worker } from 'node:cluster';
import { obey } from './obey.ts';

const WORKERS = 4;

/** How a library counts in a cluster. */
export interface InCluster {
  /** Called in the primary before workers start. Returns where to scrape it. */
  serve(): Promise<string>;
  /** Called in each worker. Returns what adds 0.5 to every series. */
  count(): () => void;
}

/** Counts in the workers of a cluster: at each turn, every series in every worker. */
export async function countInCluster({ serve, count }: InCluster): Promise<void> {
  if (!cluster.isPrimary) {
    const add = count();
    process.on('message', (message) => {
      if (message !== 'turn') return;
      add();
      process.send!('done');
    });
    process.send!('done');
    return;
  }
  // The commands on stdin are for the primary.
  cluster.setupPrimary({ stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const url = await serve();
  const workers = Array.from({ length: WORKERS }, () => cluster.fork());
  await Promise.all(workers.map(done));
  async function turn(): Promise<void> {
    const all = workers.map(done);
    for (const worker of workers) worker.send('turn');
    await Promise.all(all);
  }
  obey(url, { turn, reads: () => 0 });
}

/** Resolves when a worker has done what it was told; libraries send messages too. */
function done(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const hear = (message: unknown): void => {
      if (message !== 'done') return;
      worker.off('message', hear);
      resolve();
    };
    worker.on('message', hear);
  });
}
