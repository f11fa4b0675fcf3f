import { Buffer } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Series } from './series.ts';

/** How much goes into one request. */
export interface BatchLimits {
  readonly maxSeries: number;
  /** Before compression; a series that is longer goes alone. */
  readonly maxBytes: number;
}

/** One request's body. */
export interface Batch {
  readonly series: number;
  readonly body: Uint8Array;
}

// Tags of the messages' fields: number and wire type. Source: the specification's protobuf schema.
const SERIES = (1 << 3) | 2;
const LABEL = (1 << 3) | 2;
const SAMPLE = (2 << 3) | 2;
const NAME = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;
const NUMBER = (1 << 3) | 1;
const TIME = (2 << 3) | 0;

const SLICE_MS = 2;

/**
 * Encodes series as remote-write 1.0 requests, compressed, each series with one sample at `timeMs`. Lets the event loop
 * have its turn every few milliseconds.
 *
 * @throws the signal's reason when it aborts.
 */
export async function batchesOf(
  all: Iterable<Series>,
  timeMs: number,
  { maxSeries, maxBytes }: BatchLimits,
  signal: AbortSignal,
): Promise<Batch[]> {
  const [{ BinaryWriter }, { compress }] = await Promise.all([import('@bufbuild/protobuf/wire'), import('snappy')]);
  const time = new BinaryWriter().uint32(TIME).int64(timeMs).finish();
  const request = new BinaryWriter();
  const batches: Batch[] = [];
  let series = 0;
  let bytes = 0;
  const close = async (): Promise<void> => {
    batches.push({ series, body: await compress(request.finish()) });
    series = 0;
    bytes = 0;
  };
  let ends = performance.now() + SLICE_MS;
  for (const { labels, value } of all) {
    const size = sizeOf(labels);
    if (series === maxSeries || (series > 0 && bytes + size > maxBytes)) await close();
    request.uint32(SERIES).fork();
    for (const [name, text] of labels) {
      request.uint32(LABEL).fork().uint32(NAME).string(name).uint32(VALUE).string(text).join();
    }
    request.uint32(SAMPLE).fork().uint32(NUMBER).double(value).raw(time).join().join();
    series++;
    bytes += size;
    if (performance.now() > ends) {
      await nextTurn();
      signal.throwIfAborted();
      ends = performance.now() + SLICE_MS;
    }
  }
  if (series > 0) await close();
  return batches;
}

/** No less than what a series is encoded as: tags and lengths take up to 9 bytes a label, and 32 for series and sample. */
function sizeOf(labels: Series['labels']): number {
  return labels.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value) + 9, 32);
}
