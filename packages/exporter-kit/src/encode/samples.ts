import type { LazyFamily, Sample } from '../collect/families.ts';
import type { NativeHistogram } from '../collect/native-histogram.ts';
import { familiesOf, type Snapshot } from '../collect/scrape/snapshot.ts';
import { labelText } from '../collect/store/label-values.ts';
import { lineShapes } from '../collect/store/row-shape.ts';
import type { SnapshotColumn } from '../collect/store/snapshot-column.ts';
import { type Escaping, escapeLabel, escapeName } from '../metric/escape.ts';
import { ownLabel } from '../metric/labels.ts';
import { plain } from './number.ts';

/** Options of {@link samplesOf}, `encodeText` and `encodeOpenMetrics`. */
export interface SamplesOptions {
  /** For names outside the legacy syntax; {@link samplesOf} defaults to `allow-utf-8`, which keeps them. */
  readonly escaping?: Escaping;
}

/** Options of {@link samplesOf}. */
export interface ReadOptions extends SamplesOptions {
  /**
   * Whether a histogram that has native buckets is given as one sample with `native`: `beside` its classic samples, or
   * `instead` of them. Default `none`: classic samples only.
   */
  readonly natives?: 'none' | 'beside' | 'instead';
}

/**
 * The families of a snapshot as values, sorted by name, with the names, labels and numbers of text 0.0.4: a histogram has
 * cumulative buckets, a sum and a count. Kinds and units are as declared. Counters and buckets have their exemplars, and
 * series that are known to have begun at some time have it as `startMs`. Nothing is copied: read the samples while you hold
 * the snapshot.
 *
 * With `natives`, a sample with `native` has the family's name, the series' labels, and the absolute count of each bucket by
 * its index; `nativeSpans(native)` gives the spans and deltas of protobuf.
 *
 * @example
 * for (const { kind, samples } of samplesOf(snapshot)) {
 *   for (const { name, labels, value } of samples) await store.put(kind, name, labels, value);
 * }
 */
export function* samplesOf(
  snapshot: Snapshot,
  { escaping = 'allow-utf-8', natives = 'none' }: ReadOptions = {},
): Generator<LazyFamily, void, void> {
  for (const { metric, columns } of familiesOf(snapshot)) {
    yield {
      name: escapeName(metric.name, escaping),
      kind: metric.lines ?? metric.kind,
      help: metric.help.toWellFormed(),
      unit: metric.unit,
      samples: {
        *[Symbol.iterator]() {
          for (const column of columns) yield* samplesIn(column, escaping, natives);
        },
      },
    };
  }
}

/** The family; or of a gauge histogram, a family of unknown type for each sample name, for formats that have none. */
export function* withoutGaugeHistograms(family: LazyFamily): Generator<LazyFamily, void, void> {
  if (family.kind !== 'gaugehistogram') return yield family;
  const names = new Set(Array.from(family.samples, ({ name }) => name));
  for (const name of names) {
    const samples = function* (): Generator<Sample, void, void> {
      for (const sample of family.samples) if (sample.name === name) yield sample;
    };
    yield { ...family, name, kind: 'unknown', unit: '', samples: { [Symbol.iterator]: samples } };
  }
}

/** The samples of one column. */
export function samplesIn(
  column: SnapshotColumn,
  escaping: Escaping,
  natives: ReadOptions['natives'] = 'none',
): Generator<Sample, void, void> {
  return (column.metric.lines === undefined ? rowsIn : linesIn)(column, escaping, natives);
}

/** Labels by name, without inherited ones such as `constructor`. V8 keeps objects without a prototype as slow dictionaries. */
class Labels {
  [label: string]: string;
}
Object.setPrototypeOf(Labels.prototype, null);
Reflect.deleteProperty(Labels.prototype, 'constructor');

function* rowsIn(
  column: SnapshotColumn,
  escaping: Escaping,
  natives: ReadOptions['natives'],
): Generator<Sample, void, void> {
  const { metric, escapedLines, first, rows, gen, gens, lines, cells, exemplars, starts, nativeOf } = column;
  const keys = column.labelKeys();
  const written = (name: string): string => escapeLabel(name, escaping);
  const fixed = Object.entries(escapedLines.constLabels).map(
    ([name, value]) => [written(name), String(value)] as const,
  );
  const { names, places } = declaredIn(column, written);
  const own = written(ownLabel(metric) ?? '');
  const whole = escapeName(metric.name, escaping);
  const shapes = lineShapes(metric).map((shape) => ({ name: whole + shape.ending, own: shape.own }));
  const count = names.length;
  const values = new Float64Array(lines);
  for (let row = first; row < rows; row++) {
    if (gens[row] !== gen) continue;
    const native = natives === 'none' ? undefined : nativeOf?.(row);
    if (native !== undefined) {
      const sample: Writable = { name: whole, labels: labelsOf(row), value: native.count };
      sample.native = withExemplars(native, column, row);
      if (starts !== undefined && starts[row]! > 0) sample.startMs = starts[row]!;
      yield sample;
      if (natives === 'instead') continue;
    }
    readValues(column, row, values);
    for (let line = 0; line < lines; line++) {
      const labels = labelsOf(row);
      const shape = shapes[line]!;
      if (shape.own !== undefined) labels[own] = shape.own;
      const sample: Writable = { name: shape.name, labels, value: plain(values[line]!) };
      if (starts !== undefined && starts[row]! > 0) sample.startMs = starts[row]!;
      // A histogram has a cell for each bucket, and one for the sum.
      const exemplar = line < lines - 2 || cells === 1 ? exemplars?.[row * cells + line] : undefined;
      if (exemplar !== undefined) sample.exemplar = exemplar;
      yield sample;
    }
  }

  function labelsOf(row: number): Labels {
    const labels = new Labels();
    for (let i = 0; i < fixed.length; i++) labels[fixed[i]![0]] = fixed[i]![1];
    for (let i = 0; i < count; i++) labels[names[i]!] = labelText(keys[row * count + places[i]!])!;
    return labels;
  }
}

/** With the exemplars of the row's classic buckets, if it has none of its own. */
function withExemplars(native: NativeHistogram, { exemplars, cells }: SnapshotColumn, row: number): NativeHistogram {
  if (native.exemplars !== undefined || exemplars === undefined) return native;
  const own = exemplars.slice(row * cells, (row + 1) * cells).filter((one) => one !== undefined);
  return own.length === 0 ? native : { ...native, exemplars: own };
}

type Writable = { -readonly [K in keyof Sample]: Sample[K] };

/** Rows that are single lines of a histogram or summary. The label '' holds the suffix of the name; other empty labels are absent. */
function* linesIn(
  column: SnapshotColumn,
  escaping: Escaping,
  natives: ReadOptions['natives'],
): Generator<Sample, void, void> {
  const { metric, escapedLines, first, rows, gen, gens, vals, exemplars, starts } = column;
  const nativeOf = natives === 'none' ? undefined : column.nativeOf;
  const keys = column.labelKeys();
  const fixed = Object.entries(escapedLines.constLabels);
  const { names, places } = declaredIn(column, (name) => name);
  const count = names.length;
  const own = names.indexOf(ownLabel({ kind: metric.lines!, name: '' })!);
  const suffix = names.indexOf('');
  const name = escapeName(metric.name, escaping);
  const replaced = new Set<string>();
  if (nativeOf !== undefined && natives === 'instead')
    for (let row = first; row < rows; row++)
      if (gens[row] === gen && nativeOf(row) !== undefined) replaced.add(seriesOf(row));
  for (let row = first; row < rows; row++) {
    if (gens[row] !== gen) continue;
    const native = nativeOf?.(row);
    if (native !== undefined) {
      const sample = started({ name, labels: labelsOf(row, false), value: native.count }, row);
      sample.native = native;
      yield sample;
    }
    if (replaced.size > 0 && replaced.has(seriesOf(row))) continue;
    const ending = suffix < 0 ? '' : textAt(row, suffix);
    const sample = started({ name: name + ending, labels: labelsOf(row, true), value: plain(vals[row]!) }, row);
    const exemplar = exemplars?.[row];
    if (exemplar !== undefined) sample.exemplar = exemplar;
    yield sample;
  }

  function started(sample: Writable, row: number): Writable {
    if (starts !== undefined && starts[row]! > 0) sample.startMs = starts[row]!;
    return sample;
  }

  function textAt(row: number, i: number): string {
    return labelText(keys[row * count + places[i]!])!;
  }

  function seriesOf(row: number): string {
    return JSON.stringify(names.map((label, i) => (label === '' || i === own ? '' : textAt(row, i))));
  }

  function labelsOf(row: number, withOwn: boolean): Labels {
    const labels = new Labels();
    for (const [label, value] of fixed) labels[escapeLabel(label, escaping)] = String(value);
    for (let i = 0; i < count; i++) {
      if (names[i] === '' || (i === own && !withOwn)) continue;
      const value = textAt(row, i);
      if (value !== '') labels[escapeLabel(names[i]!, escaping)] = value;
    }
    return labels;
  }
}

/** The declared labels in order, and the position of their values in a row. */
function declaredIn(
  { metric, labelNames }: SnapshotColumn,
  written: (name: string) => string,
): { readonly names: readonly string[]; readonly places: readonly number[] } {
  return {
    names: metric.labels.map(({ name }) => written(name)),
    places: metric.labels.map(({ name }) => labelNames.indexOf(name)),
  };
}

/** The values of a row's lines, computed from its cells. */
function readValues({ metric, cells, vals }: SnapshotColumn, row: number, values: Float64Array): void {
  const from = row * cells;
  const { length } = values;
  switch (metric.kind) {
    case 'histogram':
    case 'gaugehistogram': {
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
