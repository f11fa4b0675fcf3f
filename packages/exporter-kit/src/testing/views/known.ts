import { escapeName } from '../../metric/escape.ts';
import { familyName } from '../../metric/family.ts';
import { ownLabel } from '../../metric/labels.ts';
import type { Metric } from '../../metric/metric.ts';
import { isPointInTime } from '../../metric/point-in-time.ts';
import type { DeclaredProgram } from '../../views/declared.ts';

/** What is known of the series of one name. */
export interface KnownSeries {
  readonly metric: Metric;
  /** What its values are: of a histogram, `buckets` by `le`, or `native` ones. */
  readonly values: 'counter' | 'gauge' | 'buckets' | 'native';
  /** Whether they only rise; `buckets` of a gauge histogram don't. */
  readonly isRising: boolean;
  readonly labels: ReadonlySet<string>;
  /** Such as `seconds`; `events` for counts, '' if it is not declared. */
  readonly unit: string;
}

/** The series of a program by their names. */
export interface Known {
  readonly series: ReadonlyMap<string, KnownSeries>;
  /** Whether it is the program's: by its first word, though it is not declared. */
  isOwn(name: string): boolean;
  /** Whether the values of a job that pushed them stay as they are. */
  readonly isPushed: boolean;
}

/** Written by Prometheus for each target. */
const targetSeries = /^(up|scrape_\w+|ALERTS(_FOR_STATE)?)$/;

/**
 * @param targetLabels labels that Prometheus adds, beside `job` and `instance`.
 * @param recorded names of what rules record.
 */
export function knownSeries(
  program: DeclaredProgram,
  targetLabels: readonly string[],
  recorded: ReadonlySet<string>,
): Known {
  const isPushed = program.kind === 'job';
  const series = new Map<string, KnownSeries>();
  for (const metric of program.groups.flatMap(({ metrics }) => metrics)) {
    const former = series.get(metric.name);
    if (former !== undefined && former.metric.labels.length >= metric.labels.length) continue;
    for (const one of seriesOf(metric, ['job', 'instance', ...targetLabels])) {
      const known = { ...one.known, isRising: one.known.isRising && !isPushed };
      series.set(one.name, known);
      series.set(escapeName(one.name, 'underscores'), known);
    }
  }
  const isDynamic = program.groups.some((group) => group.isDynamic);
  const words = new Set([program.namespace, ...Array.from(series.keys(), firstWord)]);
  return {
    series,
    isPushed,
    isOwn: (name) => !isDynamic && !targetSeries.test(name) && !recorded.has(name) && words.has(firstWord(name)),
  };
}

const firstWord = (name: string): string => name.split(/[_.]/)[0]!;

function seriesOf(metric: Metric, added: readonly string[]): { readonly name: string; readonly known: KnownSeries }[] {
  const { kind, name, unit = '' } = metric;
  const plain = [...metric.labels.map((label) => label.name), ...added];
  const own = ownLabel(metric);
  const one = (
    suffix: string,
    values: KnownSeries['values'],
    isRising: boolean,
    { measured = unit, also = [] }: { measured?: string; also?: readonly string[] } = {},
  ) => ({
    name: name + suffix,
    known: { metric, values, isRising, labels: new Set([...plain, ...also]), unit: measured },
  });
  switch (kind) {
    case 'counter':
      // Called so, but it does not count.
      if (isPointInTime(metric)) return [one('', 'gauge', false)];
      return [one('', 'counter', true, { measured: unit || countedUnit(metric) })];
    case 'histogram':
    case 'gaugehistogram': {
      const isRising = kind === 'histogram';
      // Prometheus calls them `_count` and `_sum` in gauge histograms too, if it reads them from protobuf.
      const starts = isRising ? ['_'] : ['_g', '_'];
      const values = isRising ? 'counter' : 'gauge';
      return [
        one('_bucket', 'buckets', isRising, { measured: 'events', also: ['le'] }),
        ...starts.flatMap((start) => [
          one(`${start}count`, values, isRising, { measured: 'events' }),
          one(`${start}sum`, values, isRising),
        ]),
        one('', 'native', isRising),
      ];
    }
    case 'summary':
      return [
        one('_count', 'counter', true, { measured: 'events' }),
        one('_sum', 'counter', true),
        one('', 'gauge', false, { also: ['quantile'] }),
      ];
    default:
      return [one('', 'gauge', false, { also: own === undefined ? [] : [own] })];
  }
}

/** A counter without a unit counts events, unless its name says otherwise. */
function countedUnit(metric: Metric): string {
  const word = familyName(metric).split(/[_.]/).at(-1)!;
  return ['seconds', 'bytes', 'ratio', 'joules'].includes(word) ? word : 'events';
}
