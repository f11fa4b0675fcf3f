import { setImmediate as nextTurn } from 'node:timers/promises';
import { ProtobufWriter } from '../../encode/protobuf-writer.ts';
import { loadNative } from '../../errors/native.ts';
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

// Fields of the messages. Source: the specification's protobuf schema.
const SERIES = 1;
const LABEL = 1;
const SAMPLE = 2;
const NAME = 1;
const VALUE = 2;
const NUMBER = 1;
const TIME = 2;

const SLICE_MS = 2;

/** Loads what compresses requests. @throws Error when it is not installed as a whole. */
export const loadSnappy = (): Promise<typeof import('snappy')> => loadNative('snappy', () => import('snappy'));

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
  const { compress } = await loadSnappy();
  const request = new ProtobufWriter();
  const batches: Batch[] = [];
  let series = 0;
  // Bytes of the series that are counted.
  let before = 0;
  const close = async (length: number): Promise<void> => {
    batches.push({ series, body: await compress(request.take(length)) });
    series = 0;
  };
  let ends = performance.now() + SLICE_MS;
  for (const { labels, value } of all) {
    const start = request.begin(SERIES);
    for (const [name, text] of labels) {
      const label = request.begin(LABEL);
      request.string(NAME, name);
      request.string(VALUE, text);
      request.end(label);
    }
    const sample = request.begin(SAMPLE);
    request.double(NUMBER, value);
    request.integer(TIME, timeMs);
    request.end(sample);
    request.end(start);
    if (series === maxSeries || (series > 0 && request.length > maxBytes)) await close(before);
    series++;
    before = request.length;
    if (performance.now() > ends) {
      await nextTurn();
      signal.throwIfAborted();
      ends = performance.now() + SLICE_MS;
    }
  }
  if (series > 0) await close(before);
  return batches;
}
