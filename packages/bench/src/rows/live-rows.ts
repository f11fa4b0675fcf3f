import { called } from './called.ts';
import { clustered } from './clustered.ts';
import { held } from './held.ts';
import { middleware } from './middleware.ts';
import type { Row } from './row.ts';
import { scrapes } from './scrapes.ts';

const call = (against: string, times: number) => ({ figure: 'nsPerCall', against, times }) as const;

const clients = ['kit', 'prom-client', '@prometheus-io/client'];
const counting = {
  kit: 'calls-kit',
  'prom-client': 'calls-prom-client',
  '@prometheus-io/client': 'calls-prometheus-io',
};
// A yardstick: labels looked up with nothing around it.
const byHand = { ...counting, 'maps by hand': 'calls-by-hand' };
const observing = { ...counting, kit: 'calls-kit-classic' };

/** What an application counts by itself: a call, a scrape, memory, HTTP requests. */
export const liveRows: readonly Row[] = [
  {
    work: 'inc-bound',
    n: 60,
    title: 'an application counts: children that are bound to their labels',
    quick: true,
    contenders: clients,
    as: counting,
    goals: [call('prom-client', 100)],
    measure: called('inc-bound'),
  },
  {
    work: 'inc-labels',
    n: 60,
    title: 'an application counts: an object with three labels for each call',
    quick: true,
    contenders: [...clients, 'maps by hand'],
    as: byHand,
    goals: [call('prom-client', 8), call('@prometheus-io/client', 8)],
    measure: called('inc-labels'),
  },
  {
    work: 'inc-labels',
    n: 10_000,
    title: 'an application counts: an object with three labels for each call',
    quick: false,
    contenders: [...clients, 'maps by hand'],
    as: byHand,
    goals: [],
    measure: called('inc-labels'),
  },
  {
    work: 'observe-bound',
    n: 60,
    title: 'an application observes into 11 classic buckets: bound children',
    quick: true,
    contenders: [...clients, 'client_golang'],
    as: observing,
    goals: [call('prom-client', 30), { figure: 'nsPerCall', against: 'client_golang', atMost: 1 }],
    measure: called('observe-bound'),
  },
  {
    work: 'observe-both',
    n: 60,
    title: 'the same into classic and native buckets; the others have classic ones only',
    quick: false,
    contenders: clients,
    as: counting,
    goals: [call('prom-client', 18)],
    measure: called('observe-bound'),
  },
  {
    work: 'observe-labels',
    n: 60,
    title: 'classic and native buckets, an object with three labels for each call; the others have classic ones only',
    quick: false,
    contenders: [...clients, 'maps by hand'],
    as: byHand,
    goals: [call('prom-client', 8)],
    measure: called('observe-labels'),
  },
  {
    work: 'threads',
    n: 60,
    title:
      'fractions counted by bound children in two threads at once, which share the series; and in one, which does not',
    quick: false,
    contenders: ['kit', 'one thread'],
    as: { kit: 'threads-kit', 'one thread': 'threads-alone' },
    goals: [{ figure: 'nsPerCall', against: 'one thread', atMost: 1.3 }],
    measure: called('add-bound'),
  },
  {
    work: 'cluster',
    n: 5_000,
    title:
      'a scrape of a cluster of 4 workers, each with all series; CPU of its five processes, and the longest stall of the primary',
    quick: false,
    contenders: ['kit', 'prom-client'],
    as: { kit: 'cluster-kit', 'prom-client': 'cluster-prom-client' },
    goals: [
      { figure: 'cpuMs', against: 'prom-client', times: 10 },
      { figure: 'stallMs', atMost: 5 },
    ],
    measure: clustered,
  },
  {
    work: 'middleware',
    n: 10,
    title:
      'an Express application under load over 10 connections: counted around it, by a middleware, with a middleware that does nothing, or bare (twice: what two equal ones differ by is the error of measurement); CPU of 1,000 requests, in turns within one process',
    quick: false,
    contenders: ['express'],
    goals: [{ figure: 'lostPercent', atMost: 2 }],
    measure: middleware,
  },
  {
    work: 'held-counters',
    n: 50_000,
    title: 'memory of live counters that are served, without their label values',
    quick: false,
    contenders: clients,
    as: counting,
    goals: [{ figure: 'heldPerSeries', against: 'prom-client', atMost: 1.3 }],
    measure: held('inc-fresh'),
  },
  {
    work: 'held-histograms',
    n: 50_000,
    title: 'memory of live histograms of 11 classic buckets that are served, without their label values',
    quick: false,
    contenders: clients,
    as: observing,
    goals: [{ figure: 'heldPerSeries', against: 'prom-client', atMost: 0.9 }],
    measure: held('observe-fresh'),
  },
  {
    work: 'application',
    n: 10_000,
    title: 'live gauges of 200 families, set to whole numbers between scrapes',
    quick: false,
    contenders: ['kit', 'prom-client', 'client_golang', 'lines by hand'],
    as: { kit: 'kit-live', 'prom-client': 'prom-client-registry', 'lines by hand': 'lines' },
    goals: [
      { figure: 'cpuMs', against: 'prom-client', times: 15 },
      { figure: 'cpuMs', against: 'client_golang', times: 5 },
    ],
    measure: scrapes({ served: 'application' }),
  },
];
