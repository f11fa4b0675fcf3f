import { canonical, toNumber } from '../metric/canonical.ts';
import { counter, gauge, info, stateset, untyped } from '../metric/declare.ts';
import { ownLabel } from '../metric/labels.ts';
import type { Metric } from '../metric/metric.ts';
import { checkFamily } from './check-family.ts';
import type { Family, Sample } from './families.ts';
import type { NativeHistogram } from './native-histogram.ts';
import { countDrops } from './store/drops.ts';
import { hasFractions } from './store/native/buckets.ts';
import { Store } from './store/store.ts';
import type { FamilyWriter, Writer } from './writers.ts';

/**
 * Writes families from another source, such as `parseText`, `parseOpenMetrics` or `parseProtobuf`, through a dynamic
 * collector's `family()`. Samples are written unchanged: an incomplete histogram or summary stays incomplete, and buckets or
 * quantiles may differ between series. Names may break naming rules. Native histograms, exemplars and the start of a series,
 * as the sample or OpenMetrics' `_created` line says, are passed on. Timestamps are left out.
 *
 * @example
 * collector({
 *   name: 'status_file',
 *   families: 'dynamic',
 *   async collect({ family }) {
 *     writeFamilies(family, parseText(await readFile('/run/status.prom', 'utf8'), { lenient: true }));
 *   },
 * });
 * @param at called before each sample is written, and with the first one before its family is declared, so that the caller
 * knows which line an error is about.
 * @throws Error naming the family, if it cannot be written unchanged: an unknown kind, an info that is not 1, a stateset with
 * several states set, a label that starts with `__`.
 */
export function writeFamilies(
  family: FamilyWriter,
  families: readonly Family[],
  at: (sample: Sample) => void = () => {},
): void {
  // Families mostly have the same buckets.
  const forms = new Map<string, string>();
  for (const one of families) {
    const created = `${one.name}_created`;
    const samples = one.samples.filter(({ name }) => name !== created);
    if (samples.length > 0) at(samples[0]!);
    checkFamily({ ...one, samples });
    if (samples.length > 0) writeFamily(family, { ...one, samples }, { at, forms, startOf: startsIn(one) });
  }
}

/**
 * Checks all families before any is written: {@link writeFamilies} drops invalid samples.
 *
 * @throws Error for the first sample that would be dropped, such as a counter of -1; otherwise like {@link writeFamilies}.
 */
export function checkFamilies(families: readonly Family[]): void {
  const store = new Store({ title: 'families', metrics: {} }, countDrops(true));
  writeFamilies(store.begin().family as FamilyWriter, families);
}

interface Writing {
  readonly at: (sample: Sample) => void;
  readonly forms: Map<string, string>;
  /** When a sample's series began to count, in milliseconds since the epoch. */
  readonly startOf: (sample: Sample) => number | undefined;
}

function writeFamily(
  family: FamilyWriter,
  { kind, name, help, unit, samples }: Family,
  { at, forms, startOf }: Writing,
): void {
  const own = ownLabel({ kind, name });
  const labels = labelsOf(samples).filter((label) => label !== own);
  const waive = 'names come from elsewhere';
  const names = { name, help, ...(unit === '' ? {} : { unit }), labels, waive };
  switch (kind) {
    case 'counter':
    case 'gauge':
    case 'unknown': {
      const declare = kind === 'counter' ? counter : kind === 'gauge' ? gauge : untyped;
      // OpenMetrics names a counter's family without the `_total` that its samples have.
      const writer = family(declare({ ...names, name: samples[0]!.name })) as Writer<readonly unknown[]>;
      const row: { [label: string]: string } = {};
      for (const sample of samples) {
        at(sample);
        for (const label of labels) row[label] = valueIn(sample, label);
        writer.set(row, sample.value, kind === 'counter' ? sample.exemplar : undefined, startOf(sample));
      }
      break;
    }
    case 'info': {
      const set = setterOf<[]>(family(info({ ...names, name: samples[0]!.name })), labels);
      for (const sample of samples) {
        at(sample);
        set(sample.labels);
      }
      break;
    }
    case 'histogram':
    case 'gaugehistogram':
    case 'summary':
      writeLines(family, { kind, name, help, unit, samples }, [...labels, own!], { at, forms, startOf });
      break;
    case 'stateset': {
      const groups = statesetSeries(samples, labels, own!);
      const states = [...new Set(groups.flatMap(({ cells }) => [...cells.keys()]))];
      const set = setterOf(family(stateset({ ...names, states })), labels);
      for (const { labels, cells } of groups) {
        const [state, another] = states.filter((state) => cells.get(state) === 1);
        if (state === undefined || another !== undefined) {
          throw new Error(
            `stateset ${name}: ${another === undefined ? 'no state is' : 'several states are'} set; exactly one must be.`,
          );
        }
        set(labels, state);
      }
    }
  }
}

/** Writes a histogram or summary line by line. The last of `labels` is `le` or `quantile`. */
function writeLines(
  family: FamilyWriter,
  { kind, name, help, unit, samples }: Family,
  labels: readonly string[],
  { at, forms, startOf }: Writing,
): void {
  const whole = { name, help, ...(unit === '' ? {} : { unit }), labels, waive: 'names come from elsewhere' };
  const plain = untyped<readonly string[]>(whole);
  const metric = { ...plain, labels: [...plain.labels, { name: '' }], lines: kind as NonNullable<Metric['lines']> };
  const writer = family(metric) as Writer<readonly unknown[]>;
  const own = labels.at(-1)!;
  const row: { [label: string]: string } = {};
  for (const sample of withLines({ kind, name, samples })) {
    at(sample);
    for (const label of labels) row[label] = valueIn(sample, label);
    row[own] = canonicalForm(row[own]!, forms);
    row[''] = suffixOf(sample.name, name);
    const exemplar = row[''] === '_bucket' ? sample.exemplar : undefined;
    writer.set(row, sample.value, exemplar, startOf(sample), sample.native);
  }
}

/** A count of lines, which are whole in text, where the native histogram beside them has fractions. */
const rounded = (sample: Sample): Sample => ({ ...sample, value: Math.round(sample.value) });
const isCountLine = (sample: Sample, family: string): boolean =>
  !['_sum', '_gsum'].includes(suffixOf(sample.name, family));

/** Lines alone: that of a native histogram is the first of its series, which has a bucket, a sum and a count if it has no lines. */
function* withLines({ kind, name, samples }: Pick<Family, 'kind' | 'name' | 'samples'>): Generator<Sample, void, void> {
  if (!samples.some(({ native }) => native !== undefined)) return yield* samples;
  const keyOf = seriesKey({ kind, name });
  const classic = new Set(samples.filter(({ native }) => native === undefined).map(keyOf));
  const natives = new Map<string, NativeHistogram>();
  const fractional = new Set<string>();
  const [sum, count] = kind === 'gaugehistogram' ? ['_gsum', '_gcount'] : ['_sum', '_count'];
  for (const sample of samples) {
    const key = keyOf(sample);
    const { native, ...line } = sample;
    if (native === undefined) {
      const own = natives.get(key);
      natives.delete(key);
      if (own !== undefined && hasFractions(own)) fractional.add(key);
      const whole = fractional.has(key) && isCountLine(sample, name) ? rounded(sample) : sample;
      yield own === undefined ? whole : { ...whole, native: own };
    } else if (classic.has(key)) natives.set(key, native);
    else {
      const value = Math.round(sample.value);
      yield { ...sample, value, name: `${name}_bucket`, labels: { ...line.labels, le: '+Inf' } };
      yield { ...line, name: name + sum, value: native.sum };
      yield { ...line, value, name: name + count };
    }
  }
}

/** Finds when series began: what a sample says itself, or the `_created` line of its labels. */
function startsIn({ name, kind, samples }: Family): Writing['startOf'] {
  if (kind !== 'counter' && kind !== 'histogram' && kind !== 'summary') return () => undefined;
  const keyOf = seriesKey({ kind, name });
  // Of a counter that was read from text 0.0.4, it is a family of its own.
  const created = samples.filter((sample) => sample.name === `${name}_created`);
  const starts = new Map(created.map((sample) => [keyOf(sample), sample.value * 1000]));
  return (sample) => sample.startMs ?? (starts.size === 0 ? undefined : starts.get(keyOf(sample)));
}

/** A key for the series that a line belongs to. */
function seriesKey(family: Pick<Family, 'kind' | 'name'>): (line: Sample) => string {
  const own = ownLabel(family);
  return ({ labels }) =>
    JSON.stringify(
      Object.entries(labels)
        .filter(([label, value]) => label !== own && value !== '')
        .sort(),
    );
}

// By their length: slicing names would make a new string for each line.
const suffixes = new Map(['', '_sum', '_gsum', '_count', '_bucket'].map((suffix) => [suffix.length, suffix]));
const suffixOf = (sample: string, family: string): string =>
  sample.endsWith('_gcount') && sample.length > family.length
    ? '_gcount'
    : suffixes.get(sample.length - family.length)!;

/** A bound or quantile in canonical form, so that each spelling of a number is the same series. */
function canonicalForm(text: string, forms: Map<string, string>): string {
  const known = forms.get(text);
  if (known !== undefined) return known;
  const number = toNumber(text);
  const form = number === undefined ? text : canonical(number);
  forms.set(text, form);
  return form;
}

/** One series of a stateset: its values by state. */
interface StatesetSeries {
  readonly labels: Sample['labels'];
  readonly cells: Map<string, number>;
}

function statesetSeries(samples: readonly Sample[], labels: readonly string[], own: string): StatesetSeries[] {
  const groups = new Map<string, StatesetSeries>();
  for (const sample of samples) {
    const key = JSON.stringify(labels.map((label) => valueIn(sample, label)));
    let group = groups.get(key);
    if (group === undefined) {
      group = { labels: sample.labels, cells: new Map() };
      groups.set(key, group);
    }
    group.cells.set(valueIn(sample, own), sample.value);
  }
  return [...groups.values()];
}

function labelsOf(samples: readonly Sample[]): string[] {
  const names = new Set<string>();
  for (const { labels } of samples) for (const name of Object.keys(labels)) names.add(name);
  return [...names];
}

function valueIn({ labels }: Pick<Sample, 'labels'>, label: string): string {
  return Object.hasOwn(labels, label) ? labels[label]! : '';
}

/** A writer's `set` for samples that lack some of the labels, or for a metric without labels. */
function setterOf<V extends unknown[]>(
  writer: Writer<readonly [labels: Sample['labels'], ...value: V]>,
  names: readonly string[],
): (labels: Sample['labels'], ...value: V) => void {
  if (names.length === 0) return (_, ...value) => (writer as unknown as Writer<V>).set(...value);
  // One object for all samples: a writer keeps only its values.
  const row: { [label: string]: string } = {};
  return (labels, ...value) => {
    for (const name of names) row[name] = valueIn({ labels }, name);
    writer.set(row, ...value);
  };
}
