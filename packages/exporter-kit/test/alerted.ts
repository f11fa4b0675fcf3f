import { probeVerdict, verdict } from '../src/collect/scrape/self-metrics.ts';
import { sourceVerdict } from '../src/collect/scrape/source-metrics.ts';
import type { Source } from '../src/collect/source/source.ts';
import {
  above,
  below,
  counter,
  expiresWithin,
  gauge,
  gaugeHistogram,
  histogram,
  inState,
  olderThan,
  stateset,
  summary,
  untyped,
} from '../src/index.ts';
import type { Metric } from '../src/metric/metric.ts';
import { underBothNames } from '../src/metric/renamed.ts';
import { countDroppedProbeSamples } from '../src/probe/dropped-samples.ts';
import { jobVerdict } from '../src/push/job-result.ts';
import { reloadFamilies } from '../src/run/process/reload.ts';
import { webConfigFamilies } from '../src/serve/web/web-config-metrics.ts';
import type { DeclaredGroup, DeclaredProgram } from '../src/views/declared.ts';

const help = 'Some help.';
const alert = { when: above(2.5), summary: 'It is high.' } as const;
const waive = 'names of OpenTelemetry';

const capacity = gauge({ name: 'shop_capacity_bytes', help, unit: 'bytes', labels: ['store'] });
const orders = counter({ name: 'shop_orders_total', help });

/** Alerts on every kind of metric, and with every condition. */
const metrics: readonly Metric[] = [
  capacity,
  orders,
  gauge({
    name: 'shop_waiting',
    help,
    labels: { store: String, kind: ['a', 'b'] },
    alert: { ...alert, only: { kind: 'b' } },
  }),
  gauge({ name: 'shop_cold_celsius', help, unit: 'celsius', alert: { ...alert, when: below(-20), for: '1h30m' } }),
  gauge({
    name: 'shop_used_bytes',
    help,
    unit: 'bytes',
    labels: ['store', 'kind'],
    alert: [
      { ...alert, name: 'StoreFull', when: above(0.9, { of: capacity }), by: ['store'] },
      { ...alert, name: 'ShopFull', when: above(0.8, { of: capacity }), by: [], severity: 'critical' },
      { ...alert, name: 'KindFull', when: above(0.7, { of: capacity }) },
      { ...alert, name: 'Empty', when: below(0.1, { of: capacity }), by: ['store'], severity: 'info' },
      { ...alert, name: 'MuchUsed', when: above(1e9), by: [] },
    ],
  }),
  counter({
    name: 'shop_errors_total',
    help,
    labels: ['reason'],
    alert: [
      { ...alert, when: above(0), for: '2m' },
      { ...alert, name: 'ErrorRate', when: above(0.01), for: '10m' },
      { ...alert, name: 'ErrorShare', when: above(0.05, { of: orders }), by: [] },
    ],
  }),
  counter({ name: 'shop_sent_bytes_total', help, unit: 'bytes', alert: { ...alert, when: below(1000) } }),
  untyped({ name: 'shop_odd', help, alert }),
  gauge({
    name: 'shop_door_timestamp_seconds',
    help,
    unit: 'seconds',
    alert: [
      { ...alert, when: olderThan('26h') },
      { ...alert, when: expiresWithin('7d'), for: '1h' },
    ],
  }),
  summary({ name: 'shop_wait_seconds', help, unit: 'seconds', quantiles: [0.5], labels: ['store'], alert }),
  histogram({
    name: 'shop_checkout_seconds',
    help,
    unit: 'seconds',
    labels: ['store'],
    buckets: [0.25, 1],
    alert: { ...alert, by: [] },
    slo: { under: 0.25, objective: 99.9 },
  }),
  histogram({
    name: 'shop_pick_seconds',
    help,
    unit: 'seconds',
    buckets: [],
    alert,
    slo: { under: 0.3, objective: 90 },
  }),
  histogram({
    name: 'shop_classic_seconds',
    help,
    unit: 'seconds',
    buckets: [1, 2],
    native: false,
    alert,
    slo: { under: 1, objective: 50 },
  }),
  gaugeHistogram({ name: 'shop_age_seconds', help, unit: 'seconds', buckets: [1], alert }),
  stateset({
    name: 'shop_door',
    help,
    labels: ['door'],
    states: ['open', 'shut', 'stuck (a)'],
    alert: [
      { ...alert, when: inState('stuck (a)') },
      { ...alert, name: 'DoorNotOpen', when: inState('shut', 'stuck (a)') },
    ],
  }),
  gauge({ name: 'shop.carts', help, labels: ['page.name'], waive, alert }),
  histogram({
    name: 'shop.visit_seconds',
    help,
    buckets: [1],
    labels: ['page.name'],
    waive,
    alert,
    slo: { under: 1, objective: 99 },
  }),
  gauge({ name: 'shop_bags', help, alert, deprecated: { replacedBy: 'shop_bags_left' } }),
  counter({
    name: 'shop_old_errors_total',
    help,
    alert: { ...alert, when: above(0.1, { of: orders }) },
    deprecated: { replacedBy: 'shop_failures_total' },
  }),
].flatMap(underBothNames);

const up = gauge({ name: 'broker_up', help, labels: ['broker'] });
const broker = { name: 'broker', up, label: 'broker' } as unknown as Source;
const about = { name: 'shop_exporter', namespace: 'shop', version: '1.0.0' };

const group = (kind: DeclaredGroup['kind'], name: string, all: readonly Metric[], more = {}): DeclaredGroup => ({
  kind,
  name,
  metrics: all,
  isDynamic: false,
  isAuxiliary: false,
  ...more,
});

/** An exporter with an alert of every form. */
export const alerted: DeclaredProgram = {
  ...about,
  kind: 'exporter',
  title: 'Shop exporter',
  groups: [
    group('source', 'broker', [up]),
    group('collector', 'orders', metrics, { source: 'broker' }),
    group('collector', 'files', [capacity]),
    group('itself', 'scrapes', Object.values(verdict(about).metrics)),
    group('itself', 'sources', Object.values(sourceVerdict('shop', broker, ['broker']).metrics)),
  ],
};

/** An exporter that probes. */
export const alertedProbes: DeclaredProgram = {
  ...about,
  kind: 'exporter',
  title: 'Shop exporter',
  groups: [
    group('probe', 'every probe', Object.values(probeVerdict().metrics)),
    group('itself', 'probes', Object.values(countDroppedProbeSamples(about).selfMetrics.metrics)),
    group('itself', 'configuration', Object.values(reloadFamilies('shop'))),
    group('itself', 'web configuration', Object.values(webConfigFamilies('shop'))),
  ],
};

/** A job. */
export const alertedJob: DeclaredProgram = {
  kind: 'job',
  name: 'nightly copy',
  namespace: 'nightly_copy',
  title: 'Nightly copy',
  views: { succeedsEvery: '26h', runbooks: 'https://runbooks.example/' },
  version: '1.0.0',
  groups: [
    group('job', 'nightly copy', [
      gauge({ name: 'copy_rows', help, labels: ['table'], alert: { ...alert, when: below(1) } }),
    ]),
    group('itself', 'run', Object.values(jobVerdict().metrics)),
  ],
};
