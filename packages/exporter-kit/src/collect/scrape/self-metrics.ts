import { counter, gauge, info } from '../../metric/declare.ts';
import { above, below } from '../../metric/views.ts';
import type { Collector } from '../collector.ts';
import type { Exporter } from '../exporter.ts';
import { countDrops } from '../store/drops.ts';
import type { SnapshotColumn } from '../store/snapshot-column.ts';
import { Store, type StoreSnapshot } from '../store/store.ts';
import type { Metrics, Writers } from '../writers.ts';
import type { Outcome, Runner } from './runner.ts';
import { joinParts, type Part, type SnapshotFamily } from './snapshot.ts';

/** Families about the exporter itself, written for each response. */
export interface SelfMetrics<Facts> {
  readonly metrics: Metrics;
  /** Writes all of them. The caller releases the result. */
  write(facts: Facts): StoreSnapshot;
}

/** Declares families about the exporter itself, with the function that writes them. */
export function selfMetrics<const M extends Metrics, Facts>(
  metrics: M,
  fill: (writers: Writers<M>, facts: Facts) => void,
): SelfMetrics<Facts> {
  // Created at the first write: documents need only the declarations.
  let store: Store | undefined;
  return {
    metrics,
    write(facts) {
      store ??= new Store({ title: KIT, metrics, keepsWriters: true }, countDrops(true));
      fill(store.begin() as unknown as Writers<M>, facts);
      return store.snapshot();
    },
  };
}

/** Several results as one, held and released together. */
export function together(all: readonly StoreSnapshot[]): StoreSnapshot {
  const together: SnapshotColumn[] = [];
  for (const { columns } of all) for (const column of columns) together.push(column);
  return {
    columns: together,
    hold() {
      for (const one of all) one.hold();
    },
    release() {
      for (const one of all) one.release();
    },
  };
}

/**
 * Joins a run's parts with the families about it. If parts are in conflict, `write` is called again, so that the same
 * response counts the dropped samples. Release `selfMetrics`.
 */
export function joinSelfMetrics(
  write: () => StoreSnapshot,
  parts: readonly Part[],
  join: typeof joinParts = joinParts,
): { readonly families: SnapshotFamily[]; readonly selfMetrics: StoreSnapshot } {
  let hasConflict = false;
  const first = write();
  const families = join([itself(first), ...parts], () => {
    hasConflict = true;
  });
  if (!hasConflict) return { families, selfMetrics: first };
  first.release();
  const again = write();
  return { families: join([itself(again), ...parts.map((part) => ({ ...part, conflict() {} }))]), selfMetrics: again };
}

const itself = ({ columns }: StoreSnapshot): Part => ({ title: KIT, columns, trusted: true, conflict() {} });

/** Names the origin of the kit's own families in messages. */
export const KIT = 'the kit itself';

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
  const build = selfMetrics(
    {
      build: info({
        name: `${name}_build_info`,
        help: 'Version of the exporter and of Node.js; always 1.',
        labels: ['version', 'nodeversion'],
        waive,
      }),
    },
    (write) => write.build.set({ version, nodeversion: process.version }),
  );
  const plain = collectorVerdict(namespace, []);
  let built: StoreSnapshot | undefined;
  // By the names of the labels that tell a collector's targets apart, as a family's rows may have different ones.
  const all = new Map([[NO_LABELS, plain]]);
  return {
    metrics: { ...plain.metrics, ...build.metrics },
    write(facts) {
      // It never changes.
      built ??= build.write(undefined);
      built.hold();
      const written = [built];
      for (const [key, some] of byLabels(facts)) {
        const one = all.get(key) ?? collectorVerdict(namespace, JSON.parse(key) as string[]);
        all.set(key, one);
        written.push(one.write(some));
      }
      return together(written);
    },
  };
}

const NO_LABELS = '[]';

function byLabels({ outcomes, runners }: ScrapeFacts): Map<string, ScrapeFacts> {
  const groups = new Map<string, { outcomes: Outcome[]; runners: Runner[] }>();
  const groupOf = ({ constLabels }: Collector): { outcomes: Outcome[]; runners: Runner[] } => {
    const key = namesIn(constLabels);
    const group = groups.get(key) ?? { outcomes: [], runners: [] };
    groups.set(key, group);
    return group;
  };
  for (const outcome of outcomes) groupOf(outcome.collector).outcomes.push(outcome);
  for (const runner of runners) if (runner.drops.counts.size > 0) groupOf(runner.collector).runners.push(runner);
  return groups;
}

function namesIn(labels: Collector['constLabels']): string {
  for (const _ in labels) return JSON.stringify(Object.keys(labels).sort());
  return NO_LABELS;
}

const waive = "the prefix is the user's choice";

/** Families about collectors that have these labels of their own. */
function collectorVerdict(namespace: string, own: readonly string[]): SelfMetrics<ScrapeFacts> {
  const labels = ['collector', ...own];
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
        alert: { name: 'CollectorOverdue', when: above(0), summary: 'Collector ignores its deadline.' },
      }),
      dropped: counter({
        name: `${scrape}_dropped_samples_total`,
        help: 'Total number of dropped samples by reason.',
        labels: [...labels, 'reason'],
        waive,
        alert: {
          name: 'CollectorSamplesDropped',
          when: above(0),
          for: '10m',
          summary: 'Samples are dropped as invalid.',
        },
      }),
    },
    (write, { outcomes, runners }) => {
      for (const outcome of outcomes) {
        const whose = labelsOf(outcome.collector);
        write.success.set(whose, hasFailed(outcome) ? 0 : 1);
        write.duration.set(whose, outcome.durationMs / 1000);
        write.unsupported.set(whose, outcome.status === 'unsupported' ? 1 : 0);
        if (outcome.ageMs !== undefined) write.age.set(whose, outcome.ageMs / 1000);
        if (outcome.overdueMs !== undefined) write.overdue.set(whose, outcome.overdueMs / 1000);
      }
      for (const { collector, drops } of runners) {
        for (const [reason, count] of drops.counts) write.dropped.set({ ...labelsOf(collector), reason }, count);
      }
    },
  );
}

// The same at each scrape.
const known = new WeakMap<Collector, { readonly [label: string]: string }>();

function labelsOf(collector: Collector): { readonly [label: string]: string } {
  let labels = known.get(collector);
  if (labels === undefined) {
    labels = { collector: collector.name, ...collector.constLabels };
    known.set(collector, labels);
  }
  return labels;
}

/** Names of the families about runs: a scrape that selects one of them runs the collectors. */
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
      success: gauge({
        name: 'probe_success',
        help: 'Whether the probe succeeded.',
        alert: { name: 'ProbeFailing', when: below(1), severity: 'critical', summary: 'Probe fails.' },
      }),
      duration: gauge({ name: 'probe_duration_seconds', help: 'Duration of the probe.', unit: 'seconds' }),
    },
    (write, { success, durationMs }) => {
      write.success.set(success ? 1 : 0);
      write.duration.set(durationMs / 1000);
    },
  );
}
