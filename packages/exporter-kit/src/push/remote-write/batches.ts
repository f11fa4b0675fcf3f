import type { LazyFamily, Sample } from '../../collect/families.ts';
import { familiesOf, type Snapshot } from '../../collect/scrape/snapshot.ts';
import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import { samplesOf } from '../../encode/samples.ts';
import { loadNative } from '../../errors/native.ts';
import { type Escaping, escapeName } from '../../metric/escape.ts';
import { isBucketed } from '../../metric/metric.ts';
import { slices } from '../../time/wait.ts';
import type { Delivery } from '../sink.ts';
import type { Protocol } from './request.ts';

/** Size limits of one request. */
export interface BatchLimits {
  readonly maxSeries: number;
  /** Before compression; a longer series gets its own request. */
  readonly maxBytes: number;
}

/** One request's body. */
export interface Batch {
  /** Number of series, each with one sample. */
  readonly series: number;
  readonly body: Uint8Array;
}

/**
 * Which series: those of the text format, where histograms and summaries are classic series, infos and statesets gauges; or
 * native histograms. They have requests of their own: Prometheus writes nothing of a request with a native histogram while it
 * does not take these.
 */
export type Part = 'classic' | 'native';

/** What a request's series are taken from. */
export interface Selection {
  readonly part: Part;
  /** Whether to take native histograms of families that have no classic buckets only. */
  readonly alone: boolean;
  /** How many series to leave out, of those that come first: they are the same by each protocol. */
  readonly from: number;
}

/** Compressing as much takes a fraction of a millisecond, less than handing it to another thread. */
const AT_ONCE = 256 * 1024;
// Series between two looks at the clock.
const LOOK = 64;

/** Loads the compressor. @throws Error when its native part is not installed. */
export const loadSnappy = (): Promise<typeof import('snappy')> => loadNative('snappy', () => import('snappy'));

/**
 * Encodes a part of a delivery as requests, compressed, each series with one sample at `timeMs` and with job and grouping as
 * labels. Yields to the event loop every few milliseconds.
 *
 * @throws the signal's reason when it aborts.
 */
export async function batchesOf(
  { job, grouping, snapshot }: Delivery,
  { escaping, writer }: Protocol,
  { part, alone, from }: Selection,
  { maxSeries, maxBytes, timeMs }: BatchLimits & { readonly timeMs: number },
  signal: AbortSignal,
): Promise<Batch[]> {
  const { compress, compressSync } = await loadSnappy();
  const request = writer({ job, ...grouping }, timeMs);
  const batches: Batch[] = [];
  let series = 0;
  const close = async (): Promise<void> => {
    const body = request.take();
    batches.push({ series, body: body.length < AT_ONCE ? compressSync(body) : await compress(body) });
    series = 0;
  };
  const bounded = new Set(alone ? boundedIn(snapshot, escaping) : []);
  let seen = 0;
  const slice = slices(signal);
  for (const family of samplesOf(snapshot, { escaping, natives: part === 'native' ? 'instead' : 'none' })) {
    if (bounded.has(family.name)) continue;
    for (const sample of part === 'native' ? nativesIn(family) : family.samples) {
      if (seen++ < from) continue;
      request.write(sample, family);
      if (series === maxSeries || (series > 0 && request.length > maxBytes)) {
        await close();
        request.write(sample, family);
      }
      request.keep();
      series++;
      const turn = seen % LOOK === 0 ? slice() : undefined;
      if (turn !== undefined) await turn;
    }
  }
  if (series > 0) await close();
  return batches;
}

/** Names of families with classic buckets, other than the one that counts all. */
const boundedIn = (snapshot: Snapshot, escaping: Escaping): string[] =>
  familiesOf(snapshot).flatMap(({ metric, columns }) =>
    metric.buckets.length > 0 || columns.some(hasBounds) ? [escapeName(metric.name, escaping)] : [],
  );

/** Whether lines that were read elsewhere, native histograms among them, are of classic buckets. */
function hasBounds({ metric, nativeOf, labelNames, labelKeys }: SnapshotColumn): boolean {
  if (metric.lines === undefined || nativeOf === undefined) return false;
  const le = labelNames.indexOf('le');
  return labelKeys().some((value, i) => i % labelNames.length === le && value !== '' && value !== '+Inf');
}

function* nativesIn({ kind, samples }: LazyFamily): Generator<Sample, void, void> {
  if (isBucketed(kind)) for (const sample of samples) if (sample.native !== undefined) yield sample;
}
