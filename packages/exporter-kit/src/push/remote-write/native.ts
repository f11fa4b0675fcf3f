import type { NativeBucket, NativeHistogram } from '../../collect/native-histogram.ts';
import { countsIn, hasFractions, type NativeSpans, nativeSpans } from '../../collect/store/native/buckets.ts';
import type { ProtobufWriter } from '../../encode/protobuf-writer.ts';

// Fields of the message Histogram, which is the same in both versions. Source: the specifications' protobuf schemas.
const COUNT = 1;
const COUNT_FLOAT = 2;
const SUM = 3;
const SCHEMA = 4;
const ZERO_THRESHOLD = 5;
const ZERO_COUNT = 6;
const ZERO_COUNT_FLOAT = 7;
const NEGATIVE = { spans: 8, deltas: 9, counts: 10 };
const POSITIVE = { spans: 11, deltas: 12, counts: 13 };
const RESET_HINT = 14;
const OFFSET = 1;
const LENGTH = 2;

const RESET_HINT_GAUGE = 3;

/** Writes a native histogram into a message Histogram, but for its time. */
export function writeNative(to: ProtobufWriter, native: NativeHistogram): void {
  const { positive, negative } = nativeSpans(native);
  const isFractional = hasFractions(native);
  if (isFractional) to.double(COUNT_FLOAT, native.count);
  else to.integer(COUNT, native.count);
  to.double(SUM, native.sum);
  to.signed(SCHEMA, native.schema);
  to.double(ZERO_THRESHOLD, native.zeroThreshold);
  if (isFractional) to.double(ZERO_COUNT_FLOAT, native.zeroCount);
  else to.integer(ZERO_COUNT, native.zeroCount);
  writeSide(to, NEGATIVE, negative, isFractional ? native.negative : undefined);
  writeSide(to, POSITIVE, positive, isFractional ? native.positive : undefined);
  if (native.gauge) to.integer(RESET_HINT, RESET_HINT_GAUGE);
}

/** @param fractions the buckets, if their counts are to be written as they are. */
function writeSide(
  to: ProtobufWriter,
  fields: { readonly spans: number; readonly deltas: number; readonly counts: number },
  side: NativeSpans,
  fractions: readonly NativeBucket[] | undefined,
): void {
  for (const [offset, length] of side.spans) {
    const start = to.begin(fields.spans);
    to.signed(OFFSET, offset);
    to.integer(LENGTH, length);
    to.end(start);
  }
  if (side.deltas.length === 0) return;
  if (fractions === undefined) to.packedSigned(fields.deltas, side.deltas);
  else to.packedDoubles(fields.counts, countsIn(side, fractions));
}

/** Exemplars by their time, as engines want them. */
export const byTime = ({ exemplars = [] }: NativeHistogram): NonNullable<NativeHistogram['exemplars']> =>
  [...exemplars].sort((a, b) => a.timestampMs - b.timestampMs);
