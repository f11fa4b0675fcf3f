import { burst } from './burst.ts';
import { churn } from './churn.ts';
import { deliveries, engine, folder } from './deliver.ts';
import { everydayRows } from './everyday/rows.ts';
import { exporterRows } from './exporter-rows.ts';
import { health } from './health.ts';
import { instructions } from './instructions.ts';
import { liveRows } from './live-rows.ts';
import { memory } from './memory.ts';
import { protobufRows } from './protobuf-rows.ts';
import { pushes } from './push.ts';
import { rate } from './rate.ts';
import type { Row } from './row.ts';
import { scrapes } from './scrapes.ts';

const both = ['kit', 'prom-client'];

const cpu = (against: string, times: number) => ({ figure: 'cpuMs', against, times }) as const;
const wall = (against: string, times: number) => ({ figure: 'wallMs', against, times }) as const;

const PUSH = 'a job that runs again: series set, pushed, and taken by a Pushgateway';
const GZIP = 'gzip as Prometheus asks, CPU of all threads';

/** All rows with their goals, the only numbers that are not measured. */
export const rows: readonly Row[] = [
  ...everydayRows,
  {
    work: 'scrape',
    n: 1_000_000,
    title: 'labels as objects, all values new, text over HTTP, one collector',
    quick: false,
    contenders: [...both, 'client_golang', 'victoriametrics'],
    goals: [
      cpu('prom-client', 20),
      { figure: 'stallMs', against: 'prom-client', times: 150 },
      { figure: 'stallMs', atMost: 10 },
    ],
    measure: scrapes({ served: 'mixed', stall: true }),
  },
  {
    work: 'shuffled',
    n: 100_000,
    title: 'another random row order at each scrape',
    quick: false,
    contenders: both,
    goals: [cpu('prom-client', 4)],
    measure: scrapes({ served: 'shuffled' }),
  },
  {
    work: 'replaced',
    n: 100_000,
    title: '1 % of the rows replaced at each scrape',
    quick: false,
    contenders: both,
    goals: [cpu('prom-client', 8)],
    measure: scrapes({ served: 'replaced' }),
  },
  {
    work: 'doubles',
    n: 100_000,
    title: 'full doubles only',
    quick: false,
    contenders: [...both, 'client_golang', 'victoriametrics'],
    goals: [cpu('prom-client', 7)],
    measure: scrapes({ served: 'doubles' }),
  },
  {
    work: 'json',
    n: 100_000,
    title: 'labels fresh from JSON.parse, parse included',
    quick: false,
    contenders: both,
    goals: [cpu('prom-client', 4.5)],
    measure: scrapes({ served: 'json' }),
  },
  {
    work: 'gzip',
    n: 100_000,
    title: GZIP,
    quick: false,
    contenders: [...both, 'client_golang'],
    goals: [cpu('prom-client', 5), cpu('client_golang', 3.5)],
    measure: scrapes({ served: 'mixed', gzip: true }),
  },
  {
    work: 'registry',
    n: 100_000,
    title: 'a prom-client registry served through fromRegistry, against its own metrics()',
    quick: false,
    contenders: both,
    as: { kit: 'kit-registry', 'prom-client': 'prom-client-registry' },
    goals: [cpu('prom-client', 1.5)],
    measure: scrapes({ served: 'mixed' }),
  },
  {
    work: 'burst',
    n: 100_000,
    title: '10 scrapers at the same moment',
    quick: false,
    contenders: both,
    goals: [
      cpu('prom-client', 25),
      { figure: 'wallMs', against: 'prom-client', times: 20 },
      { figure: 'collections', atMost: 2 },
    ],
    measure: burst(10),
  },
  {
    work: 'rate',
    n: 100,
    title: 'requests per second over 10 connections',
    quick: true,
    contenders: [...both, 'client_golang'],
    goals: [{ figure: 'perSecond', against: 'prom-client', times: 4 }],
    measure: rate(10),
  },
  {
    work: 'push',
    n: 100,
    title: PUSH,
    quick: false,
    contenders: [...both, 'client_python'],
    as: { kit: 'push-kit', 'prom-client': 'push-prom-client' },
    peer: 'pushgateway',
    // No slower, within the noise between two runs.
    goals: [
      { figure: 'cpuMs', against: 'prom-client', atMost: 1.1 },
      { figure: 'wallMs', against: 'prom-client', atMost: 1.1 },
    ],
    measure: pushes,
  },
  {
    work: 'push',
    n: 10_000,
    title: PUSH,
    quick: true,
    contenders: [...both, 'client_python'],
    as: { kit: 'push-kit', 'prom-client': 'push-prom-client' },
    peer: 'pushgateway',
    goals: [cpu('prom-client', 6), wall('prom-client', 1.4)],
    measure: pushes,
  },
  {
    work: 'remote-write',
    n: 10_000,
    title: 'the same job to an engine, against encoding its result as text and parsing that',
    quick: false,
    contenders: ['kit', 'text and back'],
    as: { kit: 'sink-kit-1', 'text and back': 'sink-text' },
    goals: [cpu('text and back', 1.5)],
    measure: deliveries(engine),
  },
  {
    work: 'remote-write-2',
    n: 10_000,
    title:
      'the same job to an engine by remote write 2.0, against 1.0 and the push of the Python client; bytes before and after compression',
    quick: true,
    contenders: ['kit', 'remote write 1.0', 'client_python'],
    as: { kit: 'sink-kit', 'remote write 1.0': 'sink-kit-1' },
    goals: [
      cpu('client_python', 3),
      { figure: 'bytesPerSeries', against: 'remote write 1.0', atMost: 0.5 },
      // Half is out of reach on the wire: the values alone, compressed, are 0.37 of 1.0's bytes, and what stands between two of
      // them takes three bytes at least, which is 0.17 more; see the README.
      { figure: 'sentPerSeries', against: 'remote write 1.0', atMost: 0.85 },
    ],
    measure: deliveries(engine),
  },
  {
    work: 'remote-write-pods',
    n: 10_000,
    title:
      'what a kubelet tells of 250 containers, with ten labels and mostly whole numbers, by remote write 2.0 against 1.0; bytes before and after compression',
    quick: true,
    contenders: ['kit', 'remote write 1.0'],
    as: { kit: 'pods-kit', 'remote write 1.0': 'pods-kit-1' },
    goals: [
      { figure: 'bytesPerSeries', against: 'remote write 1.0', atMost: 0.5 },
      { figure: 'sentPerSeries', against: 'remote write 1.0', atMost: 0.5 },
    ],
    measure: deliveries(engine),
  },
  {
    work: 'textfile',
    n: 10_000,
    title: 'the same job to a textfile, against encoding its result as text and parsing that',
    quick: false,
    contenders: ['kit', 'text and back'],
    as: { kit: 'sink-kit', 'text and back': 'sink-text' },
    goals: [cpu('text and back', 2.5)],
    measure: deliveries(folder),
  },
  {
    work: 'memory',
    n: 100_000,
    title: 'peak memory growth over the input data in 60 scrapes',
    quick: false,
    contenders: both,
    goals: [{ figure: 'growthMb', against: 'prom-client', atMost: 0.35 }],
    measure: memory(60),
  },
  {
    work: 'memory',
    n: 1_000_000,
    title: 'peak memory growth over the input data in 4 scrapes',
    quick: false,
    contenders: both,
    goals: [{ figure: 'growthMb', against: 'prom-client', atMost: 0.25 }],
    measure: memory(4),
  },
  {
    work: 'instructions',
    n: 1_000,
    title: 'instructions to collect in 20 collectors and encode, under valgrind',
    quick: false,
    contenders: both,
    as: { kit: 'instructions-kit', 'prom-client': 'instructions-prom-client' },
    goals: [{ figure: 'instructions', against: 'prom-client', times: 9 }],
    tool: 'valgrind',
    once: true,
    measure: instructions(3_000, 200),
  },
  {
    work: 'churn',
    n: 10_000,
    title: '10 % new label sets at each of 1,000 scrapes',
    quick: false,
    contenders: ['kit'],
    goals: [{ figure: 'memoryRatio', atMost: 1.1 }],
    measure: churn(1_000),
  },
  {
    work: 'health',
    n: 100_000,
    title: '/-/healthy while Prometheus scrapes',
    quick: true,
    contenders: ['kit'],
    goals: [{ figure: 'waitMs', atMost: 50 }],
    measure: health,
  },
  ...protobufRows,
  ...liveRows,
  ...exporterRows,
];
