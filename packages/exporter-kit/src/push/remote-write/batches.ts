import { setImmediate as nextTurn } from 'node:timers/promises';
import { ProtobufWriter } from '../../encode/protobuf-writer.ts';
import { samplesOf } from '../../encode/samples.ts';
import { loadNative } from '../../errors/native.ts';
import type { Delivery } from '../sink.ts';
import { seriesWriter } from './series.ts';

/** Size limits of one request. */
export interface BatchLimits {
  readonly maxSeries: number;
  /** Before compression; a longer series gets its own request. */
  readonly maxBytes: number;
}

/** One request's body. */
export interface Batch {
  readonly series: number;
  readonly body: Uint8Array;
}

const SLICE_MS = 2;
// Series between two looks at the clock.
const LOOK = 64;

/** Loads the compressor. @throws Error when its native part is not installed. */
export const loadSnappy = (): Promise<typeof import('snappy')> => loadNative('snappy', () => import('snappy'));

/**
 * Encodes a delivery as remote-write 1.0 requests, compressed, each series with one sample at `timeMs`. Series are those of
 * the text format with job and grouping as labels: histograms and summaries are classic series, infos and statesets are
 * gauges, names are escaped. Yields to the event loop every few milliseconds.
 *
 * @throws the signal's reason when it aborts.
 */
export async function batchesOf(
  { job, grouping, snapshot }: Delivery,
  timeMs: number,
  { maxSeries, maxBytes }: BatchLimits,
  signal: AbortSignal,
): Promise<Batch[]> {
  const { compress } = await loadSnappy();
  const request = new ProtobufWriter();
  const write = seriesWriter(request, { job, ...grouping }, timeMs);
  const batches: Batch[] = [];
  let series = 0;
  // Bytes of the complete series in `request`.
  let before = 0;
  const close = async (length: number): Promise<void> => {
    batches.push({ series, body: await compress(request.take(length)) });
    series = 0;
  };
  let written = 0;
  let ends = performance.now() + SLICE_MS;
  for (const { samples } of samplesOf(snapshot, { escaping: 'underscores' })) {
    for (const sample of samples) {
      write(sample);
      if (series === maxSeries || (series > 0 && request.length > maxBytes)) await close(before);
      series++;
      before = request.length;
      if (++written % LOOK === 0 && performance.now() > ends) {
        await nextTurn();
        signal.throwIfAborted();
        ends = performance.now() + SLICE_MS;
      }
    }
  }
  if (series > 0) await close(before);
  return batches;
}
