import { counter, gauge, info } from '../../metric/declare.ts';
import type { Exporter } from '../exporter.ts';
import type { Outcome, Runner } from './runner.ts';
import { type SelfMetrics, selfMetrics } from './self-metrics.ts';

/** What the verdict reports. */
export interface ScrapeFacts {
  readonly outcomes: readonly Outcome[];
  readonly runners: readonly Runner[];
}

/** Families about each scrape, under node_exporter's names. */
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
        help: 'Whether the collector succeeded, or is unsupported on this host.',
        labels,
        waive,
      }),
      duration: gauge({
        name: `${scrape}_duration_seconds`,
        help: 'Duration of the collector run.',
        unit: 'seconds',
        labels,
        waive,
      }),
      unsupported: gauge({
        name: `${scrape}_unsupported`,
        help: 'Whether the collector is unsupported on this host.',
        labels,
        waive,
      }),
      age: gauge({
        name: `${scrape}_cache_age_seconds`,
        help: 'Age of the cached result.',
        unit: 'seconds',
        labels,
        waive,
      }),
      overdue: gauge({
        name: `${scrape}_overdue_seconds`,
        help: 'How long a run that ignores its deadline has taken so far; the collector is skipped until it ends.',
        unit: 'seconds',
        labels,
        waive,
      }),
      dropped: counter({
        name: `${scrape}_dropped_samples_total`,
        help: 'Total number of dropped samples by reason.',
        labels: ['collector', 'reason'],
        waive,
      }),
      up: gauge({ name: `${namespace}_up`, help: 'Whether every collector succeeded.', waive }),
      build: info({
        name: `${name}_build_info`,
        help: 'Version of the exporter and of Node.js; always 1.',
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

/** Names of the families about runs: whoever selects one of them needs the collectors to run. */
export function verdictNames({ metrics }: Pick<SelfMetrics<ScrapeFacts>, 'metrics'>): string[] {
  return Object.entries(metrics).flatMap(([key, { name }]) => (key === 'dropped' || key === 'build' ? [] : [name]));
}

/** Whether a run failed; `unsupported` is not a failure. */
export function hasFailed({ status }: Outcome): boolean {
  return status !== 'ok' && status !== 'unsupported';
}

/** Outcome of a probe. */
export interface ProbeFacts {
  readonly success: boolean;
  readonly durationMs: number;
}

/** Families about each probe, under blackbox_exporter's names. */
export function probeVerdict(): SelfMetrics<ProbeFacts> {
  return selfMetrics(
    {
      success: gauge({ name: 'probe_success', help: 'Whether the probe succeeded.' }),
      duration: gauge({ name: 'probe_duration_seconds', help: 'Duration of the probe.', unit: 'seconds' }),
    },
    (write, { success, durationMs }) => {
      write.success.set(success ? 1 : 0);
      write.duration.set(durationMs / 1000);
    },
  );
}
