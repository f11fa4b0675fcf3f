import { counter, gauge, info } from '../metric/declare.ts';
import type { Counter, Gauge, Info } from '../metric/metric.ts';
import { countDrops } from './drops.ts';
import type { Exporter } from './exporter.ts';
import type { Outcome, Runner } from './runner.ts';
import { type Frozen, Store } from './store.ts';
import type { Writers } from './writers.ts';

type ByCollector = readonly [labels: { readonly collector: string | number | boolean }, value: number];

/** The families an exporter writes about itself, under node_exporter's names. */
export interface OwnMetrics {
  readonly [key: string]: Gauge | Counter | Info;
  readonly success: Gauge<ByCollector>;
  readonly duration: Gauge<ByCollector>;
  readonly unsupported: Gauge<ByCollector>;
  readonly dropped: Counter<
    readonly [
      labels: { readonly collector: string | number | boolean; readonly reason: string | number | boolean },
      value: number,
    ]
  >;
  readonly up: Gauge<readonly [value: number]>;
  readonly build: Info<
    readonly [labels: { readonly version: string | number | boolean; readonly nodeversion: string | number | boolean }]
  >;
}

/** Declares them for one exporter. */
export function ownMetrics({ name, namespace }: Pick<Exporter, 'name' | 'namespace'>): OwnMetrics {
  const waive = "the prefix is the user's choice";
  return {
    success: gauge({
      name: `${namespace}_scrape_collector_success`,
      help: 'Whether the collector succeeded, or had nothing to read here.',
      labels: ['collector'],
      waive,
    }),
    duration: gauge({
      name: `${namespace}_scrape_collector_duration_seconds`,
      help: 'Time the collector took.',
      unit: 'seconds',
      labels: ['collector'],
      waive,
    }),
    unsupported: gauge({
      name: `${namespace}_scrape_collector_unsupported`,
      help: 'Whether what the collector reads is missing here, which is no failure.',
      labels: ['collector'],
      waive,
    }),
    dropped: counter({
      name: `${namespace}_scrape_collector_dropped_samples_total`,
      help: 'Samples that could not be written, by reason, since the start.',
      labels: ['collector', 'reason'],
      waive,
    }),
    up: gauge({ name: `${namespace}_up`, help: 'Whether every collector succeeded.', waive }),
    build: info({
      name: `${name}_build_info`,
      help: 'The program that answers.',
      labels: ['version', 'nodeversion'],
      waive,
    }),
  };
}

/** Makes the function that turns a scrape's outcomes into the families about it. */
export function verdictWriter(
  exporter: Exporter,
): (outcomes: readonly Outcome[], runners: readonly Runner[]) => Frozen {
  const metrics = ownMetrics(exporter);
  const store = new Store({ title: 'the kit itself', metrics }, countDrops(true));
  return (outcomes, runners) => {
    const write = store.begin() as unknown as Writers<OwnMetrics>;
    let up = true;
    for (const { collector, status, durationMs } of outcomes) {
      const failed = status !== 'ok' && status !== 'unsupported';
      up &&= !failed;
      write.success.set({ collector }, failed ? 0 : 1);
      write.duration.set({ collector }, durationMs / 1000);
      write.unsupported.set({ collector }, status === 'unsupported' ? 1 : 0);
    }
    for (const { collector, drops } of runners) {
      for (const [reason, count] of drops.counts) write.dropped.set({ collector: collector.name, reason }, count);
    }
    write.up.set(up ? 1 : 0);
    write.build.set({ version: exporter.version, nodeversion: process.version });
    return store.freeze();
  };
}
