import { canonical, toNumber } from '../metric/canonical.ts';
import { counter, gauge, info, stateset, untyped } from '../metric/declare.ts';
import { ownLabel } from '../metric/labels.ts';
import { checkFamily } from './check-family.ts';
import type { Family, Sample } from './families.ts';
import { countDrops } from './store/drops.ts';
import { Store } from './store/store.ts';
import type { FamilyWriter, Writer } from './writers.ts';

/**
 * Writes families that were read from elsewhere, as by `parseText` or `parseOpenMetrics`, through a dynamic collector's
 * `family()`. Each sample is written as it was read: nothing is added to a histogram or summary that lacks something, and
 * each series has buckets or quantiles of its own. A label that only some series of a family have is '' in the others,
 * which is the same. Names may break any naming rule. Times of samples and OpenMetrics' `_created` lines are left out, as
 * the kit writes neither.
 *
 * @example
 * collector({
 *   name: 'status_file',
 *   families: 'dynamic',
 *   async collect({ family }) {
 *     writeFamilies(family, parseText(await readFile('/run/status.prom', 'utf8'), { lenient: true }));
 *   },
 * });
 * @param at told of each sample before it is written, and of a family's first before the family is declared; it is how a
 * caller knows which line an error is about.
 * @throws Error for what can't be written as it is, naming the family: a kind that is none, an info that is not 1, several
 * states at once, a label that starts with `__`.
 */
export function writeFamilies(
  family: FamilyWriter,
  families: readonly Family[],
  at: (sample: Sample) => void = () => {},
): void {
  for (const one of families) {
    const samples = one.samples.filter(({ name }) => name === one.name || name !== `${one.name}_created`);
    if (samples.length > 0) at(samples[0]!);
    checkFamily({ ...one, samples });
    if (samples.length > 0) writeFamily(family, { ...one, samples }, at);
  }
}

/**
 * Checks families as a whole before some of them are written: in {@link writeFamilies}, a sample that can't be is dropped.
 *
 * @throws Error for the first sample that would be, such as a counter of -1, and as {@link writeFamilies} does.
 */
export function checkFamilies(families: readonly Family[]): void {
  const store = new Store({ title: 'families', metrics: {} }, countDrops(true));
  writeFamilies(store.begin().family as FamilyWriter, families);
}

function writeFamily(
  family: FamilyWriter,
  { kind, name, help, unit, samples }: Family,
  at: (sample: Sample) => void,
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
      const set = setterOf<[number]>(family(declare({ ...names, name: samples[0]!.name })), labels);
      for (const sample of samples) {
        at(sample);
        set(sample.labels, sample.value);
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
    case 'summary':
      writeLines(family, { kind, name, help, unit, samples }, [...labels, own!], at);
      break;
    case 'stateset': {
      const groups = groupsOf(samples, labels, own!);
      const states = [...new Set(groups.flatMap(({ cells }) => [...cells.keys()]))];
      const set = setterOf(family(stateset({ ...names, states })), labels);
      for (const { labels, cells } of groups) {
        const [state, another] = states.filter((state) => cells.get(state) === 1);
        if (state === undefined || another !== undefined) {
          throw new Error(
            `stateset ${name}: ${another === undefined ? 'no state is' : 'several states are'} set, but the kit writes one.`,
          );
        }
        set(labels, state);
      }
    }
  }
}

/** Writes a histogram or summary line by line. The last of the labels is the one that its type writes itself. */
function writeLines(
  family: FamilyWriter,
  { kind, name, help, unit, samples }: Family,
  labels: readonly string[],
  at: (sample: Sample) => void,
): void {
  const whole = { name, help, ...(unit === '' ? {} : { unit }), labels, waive: 'names come from elsewhere' };
  const plain = untyped<readonly string[]>(whole);
  const metric = { ...plain, labels: [...plain.labels, { name: '' }], lines: kind as 'histogram' | 'summary' };
  const writer = family(metric);
  const own = labels.at(-1)!;
  const forms = new Map<string, string>();
  const row: { [label: string]: string } = {};
  for (const sample of samples) {
    at(sample);
    for (const label of labels) row[label] = valueIn(sample, label);
    row[own] = inOneForm(row[own]!, forms);
    row[''] = sample.name.slice(name.length);
    writer.set(row, sample.value);
  }
}

/** A bound or quantile in any spelling is the same number, so it is the same series. */
function inOneForm(text: string, forms: Map<string, string>): string {
  const known = forms.get(text);
  if (known !== undefined) return known;
  const number = toNumber(text);
  const form = number === undefined ? text : canonical(number);
  forms.set(text, form);
  return form;
}

/** The values of one series of a stateset, by state. */
interface Group {
  readonly labels: Sample['labels'];
  readonly cells: Map<string, number>;
}

function groupsOf(samples: readonly Sample[], labels: readonly string[], own: string): Group[] {
  const groups = new Map<string, Group>();
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
  return [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))];
}

function valueIn({ labels }: Pick<Sample, 'labels'>, label: string): string {
  return Object.hasOwn(labels, label) ? labels[label]! : '';
}

/** A writer's `set` that takes any label set; where no labels are declared, it has none to pass on. */
function setterOf<V extends unknown[]>(
  writer: Writer<readonly [labels: Sample['labels'], ...value: V]>,
  names: readonly string[],
): (labels: Sample['labels'], ...value: V) => void {
  if (names.length === 0) return (_, ...value) => (writer as unknown as Writer<V>).set(...value);
  // One object for all: a writer keeps only its values.
  const row: { [label: string]: string } = {};
  return (labels, ...value) => {
    for (const name of names) row[name] = valueIn({ labels }, name);
    writer.set(row, ...value);
  };
}
