import type { Collector } from '../collect/collector.ts';
import type { Exporter } from '../collect/exporter.ts';
import { writtenMetrics } from '../collect/new-names.ts';
import type { Probe } from '../collect/probe.ts';
import { probeVerdict, verdict } from '../collect/scrape/self-metrics.ts';
import { sourceVerdict } from '../collect/scrape/source-metrics.ts';
import type { Source } from '../collect/source/source.ts';
import { sourcesOf } from '../collect/source/targets.ts';
import type { Metrics } from '../collect/writers.ts';
import type { Label } from '../metric/labels.ts';
import type { Metric } from '../metric/metric.ts';
import { type DeclaredGroup, type DeclaredProgram, EVERY_PROBE, type Scraped } from './declared.ts';

/** An exporter under one configuration. */
export interface ConfiguredExporter {
  /** With its probes. */
  readonly exporter: Exporter;
  /** Those that run. */
  readonly collectors: readonly Collector[];
  readonly port?: number;
  readonly scraped?: Omit<Scraped, 'listsTargets'>;
  /** Label of a source's targets, if they have names. */
  readonly targetLabels?: ReadonlyMap<Source, string>;
  /** Families about the exporter itself that are not declared by `collect/`, in groups. */
  readonly itself?: readonly OwnFamilies[];
}

/** Families that the kit writes about the program. */
export interface OwnFamilies {
  readonly name: string;
  readonly metrics: Metrics;
  /** As in {@link DeclaredGroup}. */
  readonly when?: string;
}

/** What an exporter declares. Opens no source, and asks none. */
export function declaredExporter(configured: ConfiguredExporter): DeclaredProgram {
  const { exporter, collectors, port, scraped, targetLabels, itself = [] } = configured;
  const { name, namespace, title, version, probes, probed, views } = exporter;
  const canBeProbed = probes.length + probed.length > 0;
  return {
    kind: 'exporter',
    name,
    namespace,
    title,
    version,
    ...(port === undefined ? {} : { port }),
    scraped: { ...scraped, listsTargets: targetLabels !== undefined && targetLabels.size > 0 },
    ...(views === undefined ? {} : { views }),
    groups: [
      ...groupsOf(collectors, configured),
      ...(canBeProbed ? [group('probe', EVERY_PROBE, Object.values(probeVerdict().metrics))] : []),
      ...probes.map(probeGroup),
      ...ownGroups(configured, itself),
    ],
  };
}

/** A job with its collectors. */
export interface ConfiguredJob {
  readonly job: Pick<Exporter, 'name' | 'views'> & {
    readonly metrics: Metrics;
    readonly collectors: readonly Collector[];
  };
  readonly version: string;
  readonly targetLabels?: ReadonlyMap<Source, string>;
  /** Families that every job has. */
  readonly verdict: Metrics;
}

/** What a job declares. */
export function declaredJob({ job, version, verdict, ...configured }: ConfiguredJob): DeclaredProgram {
  return {
    kind: 'job',
    name: job.name,
    namespace: word(job.name),
    title: `Job ${job.name}`,
    version,
    ...(job.views === undefined ? {} : { views: job.views }),
    groups: [
      group('job', job.name, writtenMetrics({ metrics: job.metrics, prefix: '' })),
      ...groupsOf(job.collectors, configured),
      group('itself', 'run', Object.values(verdict)),
    ],
  };
}

/** As the beginning of a metric's name. */
const word = (name: string): string => name.replace(/[^a-zA-Z0-9_]+/g, '_').replace(/^(?=[0-9])/, '_');

type Labelled = Pick<ConfiguredExporter, 'targetLabels'>;

/** Sources, then collectors. */
function groupsOf(collectors: readonly Collector[], { targetLabels }: Labelled): DeclaredGroup[] {
  const labelOf = (source: Source | undefined): readonly Label[] => {
    const name = source && targetLabels?.get(source);
    return name === undefined ? [] : [{ name }];
  };
  const sources = sourcesOf(collectors).map((source) =>
    group('source', source.name, [withLabels(source.up, labelOf(source))]),
  );
  const byName = new Map<string, DeclaredGroup>();
  for (const one of collectors) {
    const own: Label[] = Object.entries(one.constLabels).map(([name, value]) => ({ name, values: [value] }));
    const metrics = writtenMetrics(one).map((metric) => withLabels(metric, [...labelOf(one.source), ...own]));
    const earlier = byName.get(one.name);
    byName.set(one.name, {
      ...group('collector', one.name, merged([...(earlier?.metrics ?? []), ...metrics])),
      isDynamic: one.families === 'dynamic' || earlier?.isDynamic === true,
      isAuxiliary: one.auxiliary,
      ...(one.source === undefined ? {} : { source: one.source.name }),
    });
  }
  return [...sources, ...byName.values()];
}

function group(kind: DeclaredGroup['kind'], name: string, metrics: readonly Metric[]): DeclaredGroup {
  return { kind, name, metrics, isDynamic: false, isAuxiliary: kind === 'itself' };
}

const probeGroup = ({ name, metrics, families }: Probe): DeclaredGroup => ({
  ...group('probe', name, writtenMetrics({ metrics, prefix: '' })),
  isDynamic: families === 'dynamic',
});

function ownGroups(
  { exporter, collectors, targetLabels }: ConfiguredExporter,
  others: readonly OwnFamilies[],
): DeclaredGroup[] {
  const own = new Set(collectors.flatMap(({ constLabels }) => Object.keys(constLabels)));
  const labels = Array.from(own, (name): Label => ({ name }));
  const verdicts = Object.entries(verdict(exporter).metrics).map(([key, metric]): [string, Metric] => [
    key,
    metric.labels.some(({ name }) => name === 'collector') ? withLabels(metric, labels) : metric,
  ]);
  const [first] = sourcesOf(collectors);
  const named = sourcesOf(collectors).flatMap((source) => targetLabels?.get(source) ?? []);
  const scrapes: readonly OwnFamilies[] = [
    { name: 'scrapes', metrics: Object.fromEntries(verdicts) },
    ...(first === undefined
      ? []
      : [{ name: 'sources', metrics: sourceVerdict(exporter.namespace, first, [...new Set(named)]).metrics }]),
  ];
  return [...scrapes, ...others].map(({ name, metrics, when }) => ({
    ...group('itself', name, Object.values(metrics)),
    ...(when === undefined ? {} : { when }),
  }));
}

const withLabels = (metric: Metric, more: readonly Label[]): Metric =>
  more.length === 0 ? metric : { ...metric, labels: [...more, ...metric.labels] };

/** Each family once, with the values that its labels have in any of them. */
function merged(metrics: readonly Metric[]): Metric[] {
  const byName = new Map<string, Metric>();
  for (const metric of metrics) {
    const earlier = byName.get(metric.name);
    byName.set(metric.name, earlier === undefined ? metric : { ...earlier, labels: allLabels(earlier, metric) });
  }
  return [...byName.values()];
}

function allLabels(a: Metric, b: Metric): readonly Label[] {
  const rest = b.labels.filter(({ name }) => !a.labels.some((label) => label.name === name));
  return [
    ...a.labels.map((label) => {
      const other = b.labels.find(({ name }) => name === label.name);
      if (other === undefined || label.values === undefined) return label;
      if (other.values === undefined) return other;
      return { name: label.name, values: [...new Set([...label.values, ...other.values])] };
    }),
    ...rest,
  ];
}
