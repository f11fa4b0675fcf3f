import type { Row } from '../row.ts';
import { scrapes } from '../scrapes.ts';
import { startUp } from '../start.ts';
import { cold } from './cold.ts';
import { host } from './host.ts';
import { idle } from './idle.ts';
import { onePush } from './one-push.ts';

const cpu = (against: string, times: number) => ({ figure: 'cpuMs', against, times }) as const;

const both = ['kit', 'prom-client'];
const peers = [...both, 'client_golang', 'victoriametrics'];
// A yardstick: the text with nothing around it.
const lines = { 'lines by hand': 'lines' };
// What one collector with all rows costs is beside the row of 20, for comparison.
const all = [...peers, 'kit, one collector', 'lines by hand', 'opentelemetry', 'client_python'];
const collectors = { ...lines, kit: 'kit-collectors', 'kit, one collector': 'kit' };
const histograms = { ...lines, kit: 'kit-histograms', 'prom-client': 'prom-client-histograms' };

const SCRAPE = 'labels as objects in 20 collectors, all values new, text over HTTP';
const HISTOGRAMS = 'histograms of 13 lines each in 20 collectors';
const GZIP = 'the same with gzip as Prometheus asks, CPU of all threads';

/** Most exporters have a few thousand series in some collectors, are asked now and then, and run beside something else. */
export const everydayRows: readonly Row[] = [
  {
    work: 'scrape',
    n: 1_000,
    title: SCRAPE,
    quick: true,
    contenders: all,
    as: collectors,
    goals: [cpu('prom-client', 7), cpu('client_golang', 4.5), cpu('victoriametrics', 0.9)],
    measure: scrapes({ served: 'mixed' }),
  },
  {
    work: 'scrape',
    n: 10_000,
    title: SCRAPE,
    quick: false,
    contenders: all,
    as: collectors,
    goals: [cpu('prom-client', 14), cpu('client_golang', 6), cpu('victoriametrics', 1.4)],
    measure: scrapes({ served: 'mixed' }),
  },
  {
    work: 'scrape',
    n: 100_000,
    title: SCRAPE,
    quick: true,
    contenders: all,
    as: collectors,
    goals: [
      cpu('prom-client', 18),
      cpu('client_golang', 10),
      cpu('victoriametrics', 2),
      { figure: 'stallMs', against: 'prom-client', times: 15 },
      { figure: 'stallMs', atMost: 6 },
    ],
    measure: scrapes({ served: 'mixed', stall: true }),
  },
  {
    work: 'cold',
    n: 1_000,
    title: 'the same 10 times, once in 8 s, after 2,000 scrapes; CPU of the whole interval',
    quick: false,
    contenders: [...peers, 'constant'],
    as: collectors,
    goals: [cpu('prom-client', 5), cpu('client_golang', 2), { figure: 'cpuMs', against: 'constant', atMost: 2 }],
    measure: cold,
  },
  {
    work: 'waiting',
    n: 400,
    title: '40 collectors, every other one of which waits: for a microtask, a timer of 1 ms, or a file of /proc',
    quick: true,
    // What no exporter can do without: the waits alone.
    contenders: [...both, 'constant'],
    as: { kit: 'kit-waiting', 'prom-client': 'prom-client-waiting' },
    goals: [cpu('prom-client', 5)],
    measure: scrapes({ served: 'waiting' }),
  },
  ...[1_000, 10_000, 100_000].map(
    (n): Row => ({
      work: 'histograms',
      n,
      title: HISTOGRAMS,
      quick: n === 1_000,
      contenders: [...both, 'client_golang', 'lines by hand'],
      as: histograms,
      goals:
        n === 100_000
          ? [cpu('prom-client', 14), cpu('client_golang', 6)]
          : [cpu('prom-client', 4), cpu('client_golang', 3)],
      measure: scrapes({ served: 'histograms' }),
    }),
  ),
  {
    work: 'gzip',
    n: 1_000,
    title: GZIP,
    quick: true,
    contenders: [...both, 'client_golang'],
    as: collectors,
    goals: [cpu('prom-client', 4), cpu('client_golang', 3)],
    measure: scrapes({ served: 'mixed', gzip: true }),
  },
  {
    work: 'gzip',
    n: 10_000,
    title: GZIP,
    quick: false,
    contenders: [...both, 'client_python', 'client_golang'],
    as: collectors,
    goals: [cpu('prom-client', 5), cpu('client_golang', 3.5)],
    measure: scrapes({ served: 'mixed', gzip: true }),
  },
  {
    work: 'host',
    n: 1,
    title: "a scrape of this machine's /proc and /sys by host-exporter, and by node_exporter with the same collectors",
    quick: true,
    contenders: ['kit', 'node_exporter'],
    as: { kit: 'host-exporter' },
    peer: 'node_exporter',
    goals: [{ figure: 'cpuMs', against: 'node_exporter', atMost: 1.5 }],
    measure: host,
  },
  {
    work: 'start',
    n: 1,
    title: 'start of host-exporter to its first answer, and of servers of one gauge',
    quick: true,
    contenders: [...both, 'node:http', 'kit, one gauge'],
    as: {
      kit: 'host-exporter',
      'prom-client': 'start-prom-client',
      'node:http': 'start-node-http',
      'kit, one gauge': 'start-kit',
    },
    goals: [
      { figure: 'startMs', against: 'node:http', atMost: 1.2 },
      { figure: 'startMs', against: 'prom-client', atMost: 1 },
    ],
    measure: startUp,
  },
  {
    work: 'idle',
    n: 1_000,
    title:
      'memory of an exporter with 20 collectors some seconds after 100 scrapes; of a new one from `npm run new` likewise',
    quick: false,
    contenders: ['kit', 'node:http', 'prom-client', 'scaffolded'],
    as: {
      kit: 'run-collectors',
      'node:http': 'start-node-http',
      'prom-client': 'run-prom-client',
      scaffolded: 'file-exporter',
    },
    goals: [
      { figure: 'rssMb', against: 'node:http', atMost: 1.2 },
      { figure: 'rssMb', of: 'scaffolded', against: 'node:http', atMost: 1.2 },
    ],
    measure: idle,
  },
  {
    work: 'exporter-push',
    n: 10,
    title: 'start to end of a process that pushes ten lines of its standard input, and of one that does nothing',
    quick: true,
    contenders: ['kit', 'node'],
    as: { kit: 'exporter-push', node: 'start-node' },
    peer: 'pushgateway',
    goals: [{ figure: 'startMs', against: 'node', atMost: 1.3 }],
    measure: onePush,
  },
];
