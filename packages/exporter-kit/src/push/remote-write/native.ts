import type { NativeHistogram } from '../../collect/native-histogram.ts';
import { type NativeSpans, nativeSpans } from '../../collect/store/native-buckets.ts';
import type { ProtobufWriter } from '../../encode/protobuf-writer.ts';

// Fields of the message Histogram, which is the same in both versions. Source: the specifications' protobuf schemas.
const COUNT = 1;
const SUM = 3;
const SCHEMA = 4;
const ZERO_THRESHOLD = 5;
const ZERO_COUNT = 6;
const NEGATIVE = { spans: 8, deltas: 9 };
const POSITIVE = { spans: 11, deltas: 12 };
const RESET_HINT = 14;
const OFFSET = 1;
const LENGTH = 2;

const RESET_HINT_GAUGE = 3;

/** Writes a native histogram into a message Histogram, but for its time. */
export function writeNative(to: ProtobufWriter, native: NativeHistogram): void {
  const { positive, negative } = nativeSpans(native);
  to.integer(COUNT, native.count);
  to.double(SUM, native.sum);
  to.signed(SCHEMA, native.schema);
  to.double(ZERO_THRESHOLD, native.zeroThreshold);
  to.integer(ZERO_COUNT, native.zeroCount);
  writeSpans(to, NEGATIVE, negative);
  writeSpans(to, POSITIVE, positive);
  if (native.gauge) to.integer(RESET_HINT, RESET_HINT_GAUGE);
}

function writeSpans(
  to: ProtobufWriter,
  fields: { readonly spans: number; readonly deltas: number },
  { spans, deltas }: NativeSpans,
): void {
  for (const [offset, length] of spans) {
    const start = to.begin(fields.spans);
    to.signed(OFFSET, offset);
    to.integer(LENGTH, length);
    to.end(start);
  }
  if (deltas.length > 0) to.packedSigned(fields.deltas, deltas);
}

/** Exemplars by their time, as engines want them. */
export const byTime = ({ exemplars = [] }: NativeHistogram): NonNullable<NativeHistogram['exemplars']> =>
  [...exemplars].sort((a, b) => a.timestampMs - b.timestampMs);
