import type { LabelRecord, Sample } from '../collect/families.ts';
import type { Exemplar } from '../collect/store/exemplar.ts';
import { writeFamilies } from '../collect/write-families.ts';
import type { FamilyWriter } from '../collect/writers.ts';
import { toNumber } from '../metric/canonical.ts';
import { counter, gauge, histogram, summary, untyped } from '../metric/declare.ts';
import type { LabelValue } from '../metric/labels.ts';
import type { Metric } from '../metric/metric.ts';
import { type CompositeFamily, compositesOf, countsOf } from './composite-series.ts';

/** What `get()` of a metric returns, in both clients. Counters and gauges return live objects, not copies. */
export interface ClientMetric {
  /** The metric it was read from: the key in {@link Declarations}. */
  readonly source: object;
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly ClientSample[];
}

/** One line of a metric. `le` and `quantile` are ordinary labels here. */
export interface ClientSample {
  readonly metricName?: string;
  readonly labels?: LabelRecord;
  readonly value: number;
  /** Of a counter, or of a histogram's bucket, if the metric was made with `enableExemplars`. */
  readonly exemplar?: ClientExemplar | null | undefined;
}

/** An exemplar, of a bucket or counter that may have none so far. */
export interface ClientExemplar {
  readonly labelSet: LabelRecord;
  readonly value: number | null;
  /** In seconds. */
  readonly timestamp?: number | undefined;
}

/** The kit's declaration for each metric of the client, reused while it fits. */
export type Declarations = WeakMap<object, { readonly key: string; readonly metric: Metric }>;

/** Writes one metric. Labels that only some samples have are '' in the others; a sample's labels override the defaults. */
export function writeClientMetric(
  { source, name, help, type, values }: ClientMetric,
  family: FamilyWriter,
  defaults: LabelRecord,
  declarations: Declarations,
): void {
  if (values.length === 0) return;
  const own = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
  const { keys, series } =
    own === undefined ? { keys: [], series: [] } : (compositesOf(name, values, own) ?? irregular);
  const bounds = keys.map(Number).filter(Number.isFinite);
  // A client's percentiles may be in any order, those of a declaration must ascend.
  const order = own === 'quantile' ? bounds.map((_, i) => i).sort((a, b) => bounds[a]! - bounds[b]!) : [];
  const numbers = own === 'quantile' ? order.map((i) => bounds[i]!) : bounds;
  if (own !== undefined && (series.length === 0 || !isRegular(own, keys, numbers))) {
    const samples = values.map((sample) => sampleOf(name, sample, defaults));
    writeFamilies(family, [{ kind: own === 'le' ? 'histogram' : 'summary', name, help, unit: '', samples }]);
    return;
  }
  const known = declarations.get(source);
  const { names, even } = labelNamesOf(own === undefined ? values : series, defaults, known?.metric);

  const key = JSON.stringify([name, help, type, names, numbers]);
  const metric = known?.key === key ? known.metric : declare(type, name, help, names, numbers);
  if (metric !== known?.metric) declarations.set(source, { key, metric });

  const writer = family(metric);
  const set = (labels: LabelRecord, value: unknown, exemplars?: unknown): void =>
    writer.set(names.length === 0 ? none : even ? labels : evened(labels), value, exemplars);
  const scratch: { [label: string]: LabelValue } = {};
  const evened = (labels: LabelRecord): LabelRecord => {
    for (const label of names) scratch[label] = ownValue(labels, label) ?? ownValue(defaults, label) ?? '';
    return scratch;
  };
  if (own === undefined)
    for (const { labels = none, value, exemplar } of values) set(labels, value, exemplarOf(exemplar));
  for (const { labels, cells, exemplars, sum, count } of series) {
    if (own === 'le') set(labels, { counts: countsOf(cells, bounds.length), sum }, ofBuckets(exemplars, bounds.length));
    else set(labels, { quantiles: order.map((i) => cells[i]!), sum, count });
  }
}

const none: LabelRecord = {};
const irregular: CompositeFamily = { keys: [], series: [] };

/** `undefined` for none. Clients take numbers as values of labels. */
function exemplarOf(exemplar: ClientSample['exemplar']): Exemplar | undefined {
  if (typeof exemplar?.value !== 'number') return undefined;
  const { labelSet, value, timestamp = Date.now() / 1000 } = exemplar;
  const labels = Object.fromEntries(Object.entries(labelSet).map(([name, text]) => [name, String(text)]));
  return { labels, value, timestampMs: timestamp * 1000 };
}

/** The exemplars of a histogram's declared buckets and the last one; `undefined` if there are none. */
function ofBuckets(exemplars: readonly ClientSample['exemplar'][], bounds: number): unknown {
  if (!exemplars.some((one) => typeof one?.value === 'number')) return undefined;
  return [...exemplars.slice(0, bounds), exemplars.at(-1)].map(exemplarOf);
}

/** Whether the kit can declare these bounds or quantiles. */
function isRegular(own: string, keys: readonly unknown[], numbers: readonly number[]): boolean {
  if (!numbers.every((number, i) => i === 0 || number > numbers[i - 1]!)) return false;
  return own === 'le'
    ? toNumber(String(keys.at(-1))) === Infinity
    : numbers.every((number) => number >= 0 && number <= 1);
}

function sampleOf(
  name: string,
  { metricName = name, labels = none, value, exemplar: given }: ClientSample,
  defaults: LabelRecord,
): Sample {
  const pairs = Object.entries({ ...defaults, ...labels }).filter(([, value]) => value != null);
  const texts = Object.fromEntries(pairs.map(([label, text]) => [label, String(text)]));
  const exemplar = exemplarOf(given);
  return { name: metricName, labels: texts, value, ...(exemplar && { exemplar }) };
}

function declare(
  type: string,
  name: string,
  help: string,
  labels: readonly string[],
  numbers: readonly number[],
): Metric {
  const names = { name, help, labels, waive: 'the application names its metrics' };
  switch (type) {
    case 'counter':
      return counter(names);
    case 'gauge':
      return gauge(names);
    case 'histogram':
      return histogram({ ...names, buckets: numbers });
    case 'summary':
      return summary({ ...names, quantiles: numbers });
    default:
      return untyped(names);
  }
}

/** All label names seen so far, in a stable order, and whether every entry has all of them. */
function labelNamesOf(
  entries: readonly { labels?: LabelRecord }[],
  defaults: LabelRecord,
  known: Metric | undefined,
): { names: string[]; even: boolean } {
  const names = new Set(known?.labels.map((label) => label.name));
  let least = Infinity;
  for (const { labels } of entries) {
    let count = 0;
    for (const label in labels) {
      names.add(label);
      if (labels[label] != null) count++;
    }
    if (count < least) least = count;
  }
  for (const label in defaults) names.add(label);
  return { names: [...names], even: least === names.size };
}

function ownValue(labels: LabelRecord, label: string): LabelValue | undefined {
  return Object.hasOwn(labels, label) ? labels[label] : undefined;
}
