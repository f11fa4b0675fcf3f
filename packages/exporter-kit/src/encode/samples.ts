import type { LazyFamily, Sample } from '../collect/families.ts';
import { familiesOf, type Snapshot } from '../collect/scrape/snapshot.ts';
import type { FrozenColumn } from '../collect/store/column.ts';
import { textOf } from '../collect/store/label-values.ts';
import { linesOf } from '../collect/store/row-shape.ts';
import { type Escaping, escapeLabel, escapeName } from '../metric/escape.ts';
import { ownLabel } from '../metric/own-label.ts';

/** How a snapshot is read. */
export interface SamplesOptions {
  /** How names outside the legacy syntax are written; default `allow-utf-8`: as they are. */
  readonly escaping?: Escaping;
}

/**
 * The families of a snapshot as values, by name: the same names, labels and numbers that text 0.0.4 has, so a histogram is
 * its cumulative buckets, its sum and its count. Kinds and units are those declared. Nothing is copied: read the samples
 * while you hold the snapshot.
 *
 * @example
 * for (const { kind, samples } of samplesOf(snapshot)) {
 *   for (const { name, labels, value } of samples) await store.put(kind, name, labels, value);
 * }
 */
export function* samplesOf(
  snapshot: Snapshot,
  { escaping = 'allow-utf-8' }: SamplesOptions = {},
): Generator<LazyFamily, void, void> {
  for (const { metric, columns } of familiesOf(snapshot)) {
    yield {
      name: escapeName(metric.name, escaping),
      kind: metric.lines ?? metric.kind,
      help: metric.help.toWellFormed(),
      unit: metric.unit,
      samples: {
        *[Symbol.iterator]() {
          for (const column of columns) yield* metric.lines ? linesIn(column, escaping) : rowsIn(column, escaping);
        },
      },
    };
  }
}

/** Labels by name, without `constructor` and the like. A class, as V8 keeps objects without a prototype as slow dictionaries. */
class Labels {
  [label: string]: string;
}
Object.setPrototypeOf(Labels.prototype, null);
Reflect.deleteProperty(Labels.prototype, 'constructor');

function* rowsIn(column: FrozenColumn, escaping: Escaping): Generator<Sample, void, void> {
  const { metric, escapedLines, rows, gen, gens, lines, labelKeys: keys } = column;
  const written = (name: string): string => escapeLabel(name, escaping);
  const fixed = Object.entries(escapedLines.constLabels).map(
    ([name, value]) => [written(name), String(value)] as const,
  );
  const { names, places } = declaredIn(column, written);
  const own = written(ownLabel(metric) ?? '');
  const whole = escapeName(metric.name, escaping);
  const shapes = linesOf(metric).map((shape) => ({ name: whole + shape.ending, own: shape.own }));
  const count = names.length;
  const values = new Float64Array(lines);
  for (let row = 0; row < rows; row++) {
    if (gens[row] !== gen) continue;
    readValues(column, row, values);
    for (let line = 0; line < lines; line++) {
      const labels = new Labels();
      for (let i = 0; i < fixed.length; i++) labels[fixed[i]![0]] = fixed[i]![1];
      for (let i = 0; i < count; i++) labels[names[i]!] = textOf(keys[row * count + places[i]!])!;
      const shape = shapes[line]!;
      if (shape.own !== undefined) labels[own] = shape.own;
      yield { name: shape.name, labels, value: plain(values[line]!) };
    }
  }
}

/** Rows that were read as lines. A label that is '' was not in its line; the label '' is the ending of the name. */
function* linesIn(column: FrozenColumn, escaping: Escaping): Generator<Sample, void, void> {
  const { metric, escapedLines, rows, gen, gens, vals, labelKeys: keys } = column;
  const fixed = Object.entries(escapedLines.constLabels);
  const { names, places } = declaredIn(column, (name) => name);
  const count = names.length;
  const name = escapeName(metric.name, escaping);
  for (let row = 0; row < rows; row++) {
    if (gens[row] !== gen) continue;
    const labels = new Labels();
    let ending = '';
    for (const [label, value] of fixed) labels[escapeLabel(label, escaping)] = String(value);
    for (let i = 0; i < count; i++) {
      const value = textOf(keys[row * count + places[i]!])!;
      if (names[i] === '') ending = value;
      else if (value !== '') labels[escapeLabel(names[i]!, escaping)] = value;
    }
    yield { name: name + ending, labels, value: plain(vals[row]!) };
  }
}

/** The declared labels in their order, and where a row has their values. */
function declaredIn(
  { metric, labelNames }: FrozenColumn,
  written: (name: string) => string,
): { readonly names: readonly string[]; readonly places: readonly number[] } {
  return {
    names: metric.labels.map(({ name }) => written(name)),
    places: metric.labels.map(({ name }) => labelNames.indexOf(name)),
  };
}

/** The numbers of a row's lines, from its cells; see {@link cellsOf}. */
function readValues({ metric, cells, vals }: FrozenColumn, row: number, values: Float64Array): void {
  const from = row * cells;
  const { length } = values;
  switch (metric.kind) {
    case 'histogram': {
      let count = 0;
      for (let i = 0; i < cells - 1; i++) {
        count += vals[from + i]!;
        values[i] = count;
      }
      values[length - 2] = vals[from + cells - 1]!;
      values[length - 1] = count;
      break;
    }
    case 'stateset':
      for (let i = 0; i < length; i++) values[i] = vals[from] === i ? 1 : 0;
      break;
    default:
      for (let i = 0; i < length; i++) values[i] = vals[from + i]!;
  }
}

/** As text has it: one zero, and one NaN, as the payload of another may have a meaning for the receiver. */
function plain(value: number): number {
  return Number.isNaN(value) ? Number.NaN : value + 0;
}
