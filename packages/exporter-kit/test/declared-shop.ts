import { counter, gauge, gaugeHistogram, histogram, info, stateset, summary, untyped } from '../src/metric/declare.ts';
import { underBothNames } from '../src/metric/renamed.ts';
import type { DeclaredProgram } from '../src/views/declared.ts';

const syntax = { syntax: 'names of OpenTelemetry' };

/** Declarations of every kind, as documents, dashboards and alerts get them. */
export const declaredShop: DeclaredProgram = {
  kind: 'exporter',
  name: 'shop_exporter',
  namespace: 'shop',
  title: 'Shop exporter',
  version: '1.2.3',
  port: 19199,
  groups: [
    {
      kind: 'source',
      name: 'broker',
      isDynamic: false,
      isAuxiliary: false,
      metrics: [gauge({ name: 'broker_up', help: 'Whether the broker answered.', labels: ['broker'] })],
    },
    {
      kind: 'collector',
      name: 'orders',
      isDynamic: false,
      isAuxiliary: false,
      metrics: [
        counter({ name: 'shop_orders_total', help: 'Total number of orders.', labels: { paid: ['card', 'cash'] } }),
        counter({ name: 'shop_order_errors_total', help: 'Orders that failed.', labels: ['reason'] }),
        counter({ name: 'shop_sent_bytes_total', help: 'Bytes sent.', unit: 'bytes' }),
        gauge({
          name: 'shop_stock_used_ratio',
          help: 'Used part of the store.',
          unit: 'ratio',
          labels: ['store'],
          alert: { when: { is: 'above', value: 0.9 }, summary: 'The store is almost full.' },
        }),
        gauge({ name: 'shop_orders_waiting', help: 'Orders that wait.', labels: ['store'] }),
        gauge({ name: 'shop_free_bytes', help: 'Free space.', unit: 'bytes', labels: ['disk'] }),
        gauge({ name: 'shop_last_order_timestamp_seconds', help: 'Time of the last order.', unit: 'seconds' }),
        histogram({
          name: 'shop_checkout_seconds',
          help: 'Time to check out.',
          unit: 'seconds',
          labels: { paid: ['card', 'cash'] },
          buckets: [0.1, 1, 2.5],
          slo: { under: 1, objective: 99.5 },
        }),
        histogram({
          name: 'shop_basket_bytes',
          help: 'Size of baskets.',
          unit: 'bytes',
          labels: ['store'],
          buckets: [],
          native: false,
        }),
        gaugeHistogram({
          name: 'shop_order_age_seconds',
          help: 'Age of waiting orders.',
          unit: 'seconds',
          buckets: [60, 3600],
        }),
        summary({ name: 'shop_wait_seconds', help: 'Time to wait.', unit: 'seconds', quantiles: [0.5, 0.99] }),
        summary({ name: 'shop_pick_seconds', help: 'Time to pick.', unit: 'seconds', labels: ['store'] }),
        info({ name: 'shop_broker_info', help: 'The broker.', labels: ['version'] }),
        stateset({ name: 'shop_door', help: 'State of the door.', states: ['open', 'closed'], labels: ['door'] }),
        untyped({ name: 'shop_odd', help: 'Something odd.' }),
        counter({ name: 'shop.visits_total', help: 'Visits.', labels: ['page.name'], waive: syntax }),
        gauge({
          name: 'shop_carts',
          help: 'Carts in use.',
          deprecated: { replacedBy: 'shop_carts_used', until: '2.0.0' },
        }),
        gauge({ name: 'shop_bags', help: 'Bags.', deprecated: { replacedBy: 'shop_bags_left' } }),
      ].flatMap(underBothNames),
    },
    {
      kind: 'probe',
      name: 'http',
      isDynamic: false,
      isAuxiliary: false,
      metrics: [
        gauge({ name: 'probe_success', help: 'Whether the probe succeeded.' }),
        gauge({ name: 'probe_duration_seconds', help: 'Duration of the probe.', unit: 'seconds' }),
      ],
    },
    {
      kind: 'itself',
      name: 'shop_exporter',
      isDynamic: false,
      isAuxiliary: false,
      metrics: [
        gauge({
          name: 'shop_scrape_collector_success',
          help: 'Whether the collector succeeded, or is unsupported on this host.',
          labels: ['collector'],
        }),
        info({
          name: 'shop_exporter_build_info',
          help: 'Version of the exporter.',
          labels: ['version'],
        }),
      ],
    },
  ],
};

/** A job of every kind of metric. */
export const declaredJob: DeclaredProgram = {
  kind: 'job',
  name: 'nightly copy of everything that the shop has sold',
  namespace: 'nightly',
  title: 'Nightly copy',
  version: '1.2.3',
  groups: [
    {
      kind: 'job',
      name: 'nightly copy of everything that the shop has sold',
      isDynamic: false,
      isAuxiliary: false,
      metrics: [
        counter({ name: 'copy_rows_total', help: 'Rows copied.', labels: ['table'] }),
        histogram({ name: 'copy_step_seconds', help: 'Duration of steps.', unit: 'seconds', buckets: [1, 60] }),
        summary({ name: 'copy_size_bytes', help: 'Sizes.', unit: 'bytes' }),
      ],
    },
    {
      kind: 'itself',
      name: 'nightly copy of everything that the shop has sold',
      isDynamic: false,
      isAuxiliary: false,
      metrics: [
        gauge({ name: 'job_success', help: 'Whether the last run succeeded.' }),
        gauge({
          name: 'job_last_success_timestamp_seconds',
          help: 'Time of the last successful run.',
          unit: 'seconds',
        }),
      ],
    },
  ],
};
