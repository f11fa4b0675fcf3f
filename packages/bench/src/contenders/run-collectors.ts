import { run } from 'exporter-kit';
import { makeSource } from '../data/source.ts';
import { collectorsExporter } from './collectors.ts';

// A whole program, with flags, logs and what keeps its heap small; the number of series is in its environment.
const source = makeSource('mixed', Number(process.env.BENCH_SERIES));
let reads = 0;
const read: typeof source.read = () => {
  // Every family has a collector; the first one of a scrape brings new values.
  if (reads % source.names.length === 0) source.turn(reads / source.names.length);
  reads++;
  return source.read();
};
await run(collectorsExporter({ ...source, read }), { port: 0 });
