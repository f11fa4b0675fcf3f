import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { counter, exporter, join, live, type SharedCounts, serve, share } from 'exporter-kit';
import { CYCLE, familyName, makeApplication } from '../data/calls.ts';
import { obey } from './obey.ts';
import { size } from './told.ts';

/** What a thread is to count: calls from one up to another. */
type Order = readonly [from: number, to: number];

const AT_ONCE = 1024;

interface Started {
  readonly shared: SharedCounts;
  readonly series: number;
}

/** Counts fractions in so many threads at once; with 0, in this thread alone, which shares nothing. */
export async function countInThreads(threads: number, file: string): Promise<void> {
  const { shared, series } = (workerData as Started | null) ?? { shared: undefined, series: size };
  const { application, count } = makeCounts(series);
  if (!isMainThread) {
    join(application, shared!);
    parentPort!.on('message', ([from, to]: Order) => {
      count(from, to);
      parentPort!.postMessage('done');
    });
    return;
  }
  const started: Started[] = threads === 0 ? [] : [{ shared: share(application), series }];
  const workers = Array.from({ length: threads }, () => new Worker(new URL(file), { workerData: started[0] }));
  const { url } = await serve(
    exporter({ name: 'bench_exporter', collectors: application.map((one) => one.collector) }),
  );
  let made = 0;
  async function turn(calls: number): Promise<void> {
    const from = made;
    made += calls;
    if (threads === 0) return count(from, made);
    const each = Math.ceil(calls / threads);
    const done = workers.map((worker) => once(worker, 'message'));
    workers.forEach((worker, i) => {
      const order: Order = [Math.min(made, from + i * each), Math.min(made, from + (i + 1) * each)];
      worker.postMessage(order);
    });
    await Promise.all(done);
  }
  obey(`${url}metrics`, { turn, reads: () => 0 });
}

function makeCounts(count: number) {
  const { labelNames, series, picks, values } = makeApplication(count);
  const application = labelNames.map((labels, family) => {
    const name = familyName('inc', family);
    return live({ name, maxSeries: 10_000, metrics: { made: counter({ name, help: 'Made up.', labels }) } });
  });
  const bound = series.map(({ family, labels }) => application[family]!.made.with(labels));
  function some(from: number, to: number): void {
    for (let i = from; i < to; i++) bound[picks[i & (CYCLE - 1)]!]!.inc(values[i & (CYCLE - 1)]!);
  }
  return {
    application,
    // In short loops: one that is compiled while it runs may stay half as fast in one process, and not in another.
    count(from: number, to: number): void {
      // Numbers that stay small integers.
      const first = from & (CYCLE - 1);
      const end = first + to - from;
      for (let at = first; at < end; at += AT_ONCE) some(at, Math.min(end, at + AT_ONCE));
    },
  };
}
