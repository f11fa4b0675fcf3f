import type { NativeCounts } from '../collect/store/frozen.ts';
import type { NativeShape } from '../metric/native.ts';
import type { NativeParts } from './native-memory.ts';
import { OWN, RECORD, readSide } from './native-sides.ts';

/** In a row's record for positive values: how often its resolution was halved. */
export const HALVINGS: number = OWN;

/** A copy of the counts of all rows. */
export function freezeNatives(shape: NativeShape, parts: NativeParts): (row: number) => NativeCounts {
  const positive = joined(parts.positive, Int32Array);
  const negative = joined(parts.negative, Int32Array);
  const zeros = joined(parts.zeros, Float64Array);
  const words = joined(parts.pages, Uint32Array);
  return (row) => countsOf(shape, { positive, negative, zeros, at: row }, (place) => words[place]);
}

/** The counts of one row as they are now. */
export function readNative(shape: NativeShape, parts: NativeParts, row: number): NativeCounts {
  const [positive, negative, zeros] = [parts.positive[row >> 6], parts.negative[row >> 6], parts.zeros[row >> 6]];
  return countsOf(shape, { positive, negative, zeros, at: row & 63 }, (place) => parts.pages[place >> 9]![place & 511]);
}

interface Place {
  readonly positive: Int32Array | undefined;
  readonly negative: Int32Array | undefined;
  readonly zeros: Float64Array | undefined;
  readonly at: number;
}

function countsOf(
  { schema, zeroThreshold }: NativeShape,
  { positive, negative, zeros, at }: Place,
  wordAt: (place: number) => number | undefined,
): NativeCounts {
  return {
    schema: schema - (positive?.[at * RECORD + HALVINGS] ?? 0),
    zeroThreshold,
    zeroCount: zeros?.[at] ?? 0,
    positive: readSide(positive, at * RECORD, wordAt),
    negative: readSide(negative, at * RECORD, wordAt),
  };
}

/** The contents of parts in one array; a missing part is all zeros. */
function joined<A extends Int32Array | Uint32Array | Float64Array>(
  parts: readonly (A | undefined)[],
  type: new (length: number) => A,
): A {
  const length = parts.find((part) => part !== undefined)?.length ?? 0;
  const all = new type(parts.length * length);
  parts.forEach((part, i) => {
    if (part !== undefined) all.set(part, i * length);
  });
  return all;
}
