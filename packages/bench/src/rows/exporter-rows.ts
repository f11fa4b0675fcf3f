import { databaseScrapes } from './database.ts';
import { postgres, redis } from './databases.ts';
import type { Row } from './row.ts';
import { SWEEP_MS, sweeps } from './targets.ts';

/** Scrapes of real databases beside the exporter in Go that most people run, and beside what Node alone needs. */
function exporters(work: 'redis' | 'postgres', n: number): Row {
  const against = `${work}_exporter`;
  const servers = work === 'redis' ? 'Redis' : 'PostgreSQL';
  return {
    work,
    n,
    title: n === 1 ? `a scrape of one real ${servers}` : `a scrape of ${n} real ${servers} servers`,
    quick: false,
    contenders: ['kit', against, 'node:http'],
    as: { kit: `${work}-exporter`, 'node:http': 'start-node-http' },
    peer: work === 'redis' ? 'redis-server' : 'postgres',
    goals: [
      { figure: 'cpuMs', against, atMost: 1.5 },
      { figure: 'wallMs', against, atMost: 1 },
      { figure: 'rssMb', against, atMost: 4 },
      { figure: 'stoppedMs', atMost: 2_000 },
    ],
    measure: databaseScrapes(work === 'redis' ? redis : postgres),
  };
}

/** Many servers behind one exporter. */
function manyTargets(work: string, title: string, processes: number): Row {
  const against = 'redis_exporter';
  return {
    work,
    n: 2_000,
    title,
    quick: false,
    contenders: ['kit', against],
    as: { kit: 'redis-exporter' },
    peer: 'redis-server',
    goals: [
      { figure: 'wallMs', atMost: SWEEP_MS },
      { figure: 'msPerTarget', against, atMost: 1.5 },
    ],
    once: true,
    measure: sweeps(processes),
  };
}

/** The programs of `apps/` beside those they replace. */
export const exporterRows: readonly Row[] = [
  exporters('redis', 1),
  exporters('redis', 10),
  exporters('postgres', 1),
  exporters('postgres', 10),
  manyTargets('targets', 'Redis servers with a recorded reply, each scraped once in 15 s', 1),
  manyTargets('shards', 'the same over two processes of the kit, each with its shard', 2),
];
