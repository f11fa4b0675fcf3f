import type { NativeHistogram } from '../../collect/native-histogram.ts';
import { familiesOf, type Part, type Snapshot, snapshotOfParts } from '../../collect/scrape/snapshot.ts';
import { countDrops } from '../../collect/store/drops.ts';
import type { Exemplar } from '../../collect/store/exemplar.ts';
import { FedColumn } from '../../collect/store/fed-column.ts';
import { labelText } from '../../collect/store/label-values.ts';
import { liveRows, type SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import type { Metric } from '../../metric/metric.ts';

/** JSON has no other form for these. */
type Kept = number | 'NaN' | 'Infinity' | '-Infinity' | '-0';

/** A series with everything that any sink has a use for. */
interface KeptRow {
  readonly labels: readonly string[];
  readonly cells: readonly Kept[];
  readonly start?: Kept;
  readonly exemplars?: readonly (readonly [cell: number, exemplar: KeptExemplar])[];
  readonly native?: KeptNative;
}

type KeptExemplar = Pick<Exemplar, 'labels' | 'timestampMs'> & { readonly value: Kept };

type KeptNative = Omit<NativeHistogram, 'sum' | 'exemplars'> & {
  readonly sum: Kept;
  readonly exemplars?: readonly KeptExemplar[];
};

/** Series of one family, of one collector. */
interface KeptColumn {
  readonly metric: Metric;
  /** The collector's own. */
  readonly constLabels: { readonly [label: string]: string };
  readonly rows: readonly KeptRow[];
}

/**
 * A snapshot as lines of JSON, one for each column: text formats lack some of what other sinks deliver, such as units,
 * exemplars and native histograms.
 */
export function writeColumns(snapshot: Snapshot): string {
  const columns = familiesOf(snapshot).flatMap((family) => family.columns);
  return columns.map((column) => `${JSON.stringify(keptOf(column))}\n`).join('');
}

/**
 * The columns as a snapshot, as it was.
 *
 * @throws Error if families contradict each other.
 */
export function readColumns(body: string, title: string): Snapshot {
  const parts = columnsIn(body).map((kept): Part => {
    const conflict = (_series: number, detail: string): never => {
      throw new Error(detail);
    };
    // They were in a snapshot together.
    return { title, columns: [columnOf(kept)], conflict, trusted: true };
  });
  return snapshotOfParts(parts);
}

/** What is added, and the families of `before` with other names. */
export function joinColumns(before: string, added: string): string {
  const names = new Set(columnsIn(added).map(({ metric }) => metric.name));
  return linesIn(before)
    .filter((line) => !names.has((JSON.parse(line) as KeptColumn).metric.name))
    .concat(linesIn(added))
    .map((line) => `${line}\n`)
    .join('');
}

const linesIn = (body: string): string[] => body.split('\n').filter(Boolean);

const columnsIn = (body: string): KeptColumn[] => linesIn(body).map((line) => JSON.parse(line) as KeptColumn);

function keptOf(column: SnapshotColumn): KeptColumn {
  const { metric, escapedLines, labelNames, vals, cells, starts, exemplars, nativeOf } = column;
  const keys = column.labelKeys();
  const rows = Array.from(liveRows(column), (row): KeptRow => {
    const native = nativeOf?.(row);
    const own = [...(exemplars?.slice(row * cells, (row + 1) * cells).entries() ?? [])].flatMap(([cell, exemplar]) =>
      exemplar === undefined ? [] : [[cell, keptExemplar(exemplar)] as const],
    );
    return {
      labels: labelNames.map((_, i) => labelText(keys[row * labelNames.length + i])!),
      cells: Array.from(vals.subarray(row * cells, (row + 1) * cells), kept),
      ...(starts === undefined ? {} : { start: kept(starts[row]!) }),
      ...(own.length === 0 ? {} : { exemplars: own }),
      ...(native === undefined ? {} : { native: keptNative(native) }),
    };
  });
  const constLabels = Object.fromEntries(
    Object.entries(escapedLines.constLabels).map(([name, value]) => [name, String(value)]),
  );
  return { metric: { ...metric, labels: labelNames.map((name) => ({ name })) }, constLabels, rows };
}

function columnOf({ metric, constLabels, rows }: KeptColumn): SnapshotColumn {
  const cells = rows[0]?.cells.length ?? 0;
  const exemplars = new Array<Exemplar | undefined>(rows.length * cells).fill(undefined);
  rows.forEach((row, i) => {
    for (const [cell, exemplar] of row.exemplars ?? []) exemplars[i * cells + cell] = exemplarOf(exemplar);
  });
  const column = new FedColumn(metric, constLabels, countDrops(true)).snapshot({
    metric,
    cells,
    ids: Uint32Array.from(rows, (_, i) => i + 1),
    vals: Float64Array.from(rows.flatMap((row) => row.cells.map(numberOf))),
    ...(rows[0]?.start === undefined ? {} : { starts: Float64Array.from(rows, ({ start = 0 }) => numberOf(start)) }),
    ...(exemplars.some(Boolean) ? { exemplars } : {}),
    labelsOf: (row) => rows[row]!.labels,
  });
  if (!rows.some(({ native }) => native !== undefined)) return column;
  const natives = rows.map(({ native }) => native && nativeOf(native));
  return { ...column, nativeOf: (row) => natives[row] };
}

const kept = (value: number): Kept =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : ((Object.is(value, -0) ? '-0' : String(value)) as Kept);

const numberOf = (value: Kept): number => Number(value);

const keptExemplar = ({ labels, value, timestampMs }: Exemplar): KeptExemplar => ({
  labels,
  value: kept(value),
  timestampMs,
});

const exemplarOf = ({ value, ...others }: KeptExemplar): Exemplar => ({ ...others, value: numberOf(value) });

const keptNative = ({ sum, exemplars, ...others }: NativeHistogram): KeptNative => ({
  ...others,
  sum: kept(sum),
  ...(exemplars === undefined ? {} : { exemplars: exemplars.map(keptExemplar) }),
});

const nativeOf = ({ sum, exemplars, ...others }: KeptNative): NativeHistogram => ({
  ...others,
  sum: numberOf(sum),
  ...(exemplars === undefined ? {} : { exemplars: exemplars.map(exemplarOf) }),
});
