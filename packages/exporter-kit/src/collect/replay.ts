import { counter, gauge, histogram, info, stateset, summary, untyped } from '../metric/declare.ts';
import type { Family, Sample } from './families.ts';
import type { FamilyWriter, Writer } from './writers.ts';

/**
 * Writes families that were read from elsewhere, as by `parseText` or `parseOpenMetrics`, through a dynamic collector's
 * `family()`. A label that only some series of a family have is '' in the others. Names may break any naming rule.
 * Times of samples and `_created` lines are left out, as the kit writes neither.
 *
 * @example
 * collector({
 *   name: 'status_file',
 *   families: 'dynamic',
 *   async collect({ family }) {
 *     writeFamilies(family, parseText(await readFile('/run/status.prom', 'utf8')));
 *   },
 * });
 * @throws Error for what a declaration can't hold, naming the family: a label that starts with `__`, series of a
 * histogram with different buckets, several states at once.
 */
export function writeFamilies(family: FamilyWriter, families: readonly Family[]): void {
  for (const one of families) {
    const samples = one.samples.filter(({ name }) => name === one.name || name !== `${one.name}_created`);
    if (samples.length > 0) writeFamily(family, { ...one, samples });
  }
}

function writeFamily(family: FamilyWriter, { kind, name, help, unit, samples }: Family): void {
  const own = kind === 'histogram' ? 'le' : kind === 'summary' ? 'quantile' : kind === 'stateset' ? name : undefined;
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
      for (const sample of samples) set(sample.labels, sample.value);
      break;
    }
    case 'info': {
      const set = setterOf<[]>(family(info({ ...names, name: samples[0]!.name })), labels);
      for (const sample of samples) set(sample.labels);
      break;
    }
    case 'histogram': {
      const groups = groupsOf(samples, labels, name, own!);
      const bounds = [...groups[0]!.cells.keys()].filter((le) => Number.isFinite(Number(le)));
      const set = setterOf(family(histogram({ ...names, buckets: bounds.map(Number) })), labels);
      for (const { labels, cells, sum } of groups) {
        if (cells.size !== bounds.length + 1 || !bounds.every((le) => cells.has(le))) {
          throw new Error(
            `histogram ${name}: its series have different buckets, which the kit can't write as one family.`,
          );
        }
        const totals = [...cells.values()];
        set(labels, { counts: totals.map((total, i) => total - (totals[i - 1] ?? 0)), sum });
      }
      break;
    }
    case 'summary': {
      const groups = groupsOf(samples, labels, name, own!);
      const quantiles = [...new Set(groups.flatMap(({ cells }) => [...cells.keys()]))].sort(
        (a, b) => Number(a) - Number(b),
      );
      const set = setterOf(family(summary({ ...names, quantiles: quantiles.map(Number) })), labels);
      for (const { labels, cells, sum, count } of groups) {
        set(labels, { quantiles: quantiles.map((quantile) => cells.get(quantile) ?? Number.NaN), sum, count });
      }
      break;
    }
    case 'stateset': {
      const groups = groupsOf(samples, labels, name, own!);
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

/** One series of a kind that writes several lines for it. */
interface Group {
  readonly labels: Sample['labels'];
  /** Values by the label that the kind writes itself: bound, quantile or state. */
  readonly cells: Map<string, number>;
  sum: number;
  count: number;
}

/** Puts the lines of each series together; a sum or count that is not there is 0, as Prometheus' own library has it. */
function groupsOf(samples: readonly Sample[], labels: readonly string[], name: string, own: string): Group[] {
  const groups = new Map<string, Group>();
  for (const sample of samples) {
    const key = JSON.stringify(labels.map((label) => valueIn(sample, label)));
    let group = groups.get(key);
    if (group === undefined) {
      group = { labels: sample.labels, cells: new Map(), sum: 0, count: 0 };
      groups.set(key, group);
    }
    if (sample.name === `${name}_sum`) group.sum = sample.value;
    else if (sample.name === `${name}_count`) group.count = sample.value;
    else group.cells.set(valueIn(sample, own), sample.value);
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
  return (labels, ...value) => {
    writer.set(Object.fromEntries(names.map((name) => [name, valueIn({ labels }, name)])), ...value);
  };
}
