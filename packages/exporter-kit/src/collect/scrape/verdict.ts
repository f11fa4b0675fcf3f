import { counter, gauge, info } from '../../metric/declare.ts';
import type { Exporter } from '../exporter.ts';
import type { Outcome, Runner } from './runner.ts';
import { type SelfMetrics, selfMetrics } from './self-metrics.ts';

/** What the verdict is about. */
export interface ScrapeFacts {
  readonly outcomes: readonly Outcome[];
  readonly runners: readonly Runner[];
}

/** The families an exporter writes about each scrape, under node_exporter's names. */
export function verdict({
  name,
  namespace,
  version,
}: Pick<Exporter, 'name' | 'namespace' | 'version'>): SelfMetrics<ScrapeFacts> {
  const waive = "the prefix is the user's choice";
  const labels = ['collector'] as const;
  const scrape = `${namespace}_scrape_collector`;
  return selfMetrics(
    {
      success: gauge({
        name: `${scrape}_success`,
        help: 'Whether the collector succeeded, or had nothing to read here.',
        labels,
        waive,
      }),
      duration: gauge({
        name: `${scrape}_duration_seconds`,
        help: 'Time the collector took.',
        unit: 'seconds',
        labels,
        waive,
      }),
      unsupported: gauge({
        name: `${scrape}_unsupported`,
        help: 'Whether what the collector reads is missing here, which is no failure.',
        labels,
        waive,
      }),
      age: gauge({
        name: `${scrape}_cache_age_seconds`,
        help: 'Age of what a cached collector found.',
        unit: 'seconds',
        labels,
        waive,
      }),
      overdue: gauge({
        name: `${scrape}_overdue_seconds`,
        help: 'For how long a call has gone on that ignores its deadline; the collector is not started again meanwhile.',
        unit: 'seconds',
        labels,
        waive,
      }),
      dropped: counter({
        name: `${scrape}_dropped_samples_total`,
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
    },
    (write, { outcomes, runners }) => {
      for (const outcome of outcomes) {
        const collector = outcome.collector.name;
        write.success.set({ collector }, hasFailed(outcome) ? 0 : 1);
        write.duration.set({ collector }, outcome.durationMs / 1000);
        write.unsupported.set({ collector }, outcome.status === 'unsupported' ? 1 : 0);
        if (outcome.ageMs !== undefined) write.age.set({ collector }, outcome.ageMs / 1000);
        if (outcome.overdueMs !== undefined) write.overdue.set({ collector }, outcome.overdueMs / 1000);
      }
      for (const { collector, drops } of runners) {
        for (const [reason, count] of drops.counts) write.dropped.set({ collector: collector.name, reason }, count);
      }
      write.up.set(outcomes.some(hasFailed) ? 0 : 1);
      write.build.set({ version, nodeversion: process.version });
    },
  );
}

/** The families that tell how runs went, so that there is nothing to tell without runs. */
export function verdictNames({ metrics }: Pick<SelfMetrics<ScrapeFacts>, 'metrics'>): string[] {
  return Object.entries(metrics).flatMap(([key, { name }]) => (key === 'dropped' || key === 'build' ? [] : [name]));
}

/** Whether a run failed; to be unsupported is no failure. */
export function hasFailed({ status }: Outcome): boolean {
  return status !== 'ok' && status !== 'unsupported';
}
