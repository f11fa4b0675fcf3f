import type { Row } from './row.ts';
import { scrapes } from './scrapes.ts';

const accept = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** Rows of the protobuf exposition. */
export const protobufRows: readonly Row[] = [
  {
    work: 'protobuf',
    n: 100_000,
    title: 'the same rows in protobuf over HTTP, and, of the kit, in text',
    quick: false,
    contenders: ['kit', 'kit in text', 'client_golang'],
    as: { 'kit in text': 'kit' },
    goals: [
      { figure: 'cpuMs', against: 'client_golang', times: 8 },
      { figure: 'cpuMs', against: 'kit in text', atMost: 1 },
    ],
    measure: scrapes({ served: 'mixed', accept, inText: ['kit in text'] }),
  },
  {
    work: 'protobuf-gzip',
    n: 100_000,
    title: 'protobuf and gzip as Prometheus asks, CPU of all threads',
    quick: false,
    contenders: ['kit', 'client_golang'],
    goals: [
      { figure: 'cpuMs', against: 'client_golang', times: 3.5 },
      { figure: 'stallMs', atMost: 6 },
    ],
    measure: scrapes({ served: 'mixed', accept, gzip: true, stall: true }),
  },
  {
    work: 'natives',
    n: 600_000,
    title: '10,000 native histograms of 60 buckets each in protobuf',
    quick: false,
    contenders: ['kit', 'client_golang'],
    as: { kit: 'kit-natives' },
    goals: [{ figure: 'cpuMs', against: 'client_golang', times: 5 }],
    measure: scrapes({ served: 'natives', accept, stall: true }),
  },
];
