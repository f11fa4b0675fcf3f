import type { NativeCounts } from '../../collect/store/frozen.ts';
import type { NativeShape } from '../../metric/native.ts';
import type { NativeParts } from './memory.ts';
import { OWN, RECORD, readSide } from './sides.ts';

/** In a row's record for positive values: how often its resolution was halved. */
export const HALVINGS: number = OWN;

/** A copy of the counts of all rows. */
export function freezeNatives(shape: NativeShape, parts: NativeParts): (row: number) => NativeCounts {
  const copy = {
    positive: parts.positive.map((part) => part?.slice()),
    negative: parts.negative.map((part) => part?.slice()),
    zeros: parts.zeros.map((part) => part?.slice()),
    pages: parts.pages.map((page) => page.slice()),
  };
  return (row) => readNative(shape, copy, row);
}

/** The counts of one row as they are now. */
export function readNative(
  { schema, zeroThreshold }: NativeShape,
  { positive, negative, zeros, pages }: NativeParts,
  row: number,
): NativeCounts {
  const at = (row & 63) * RECORD;
  return {
    schema: schema - (positive[row >> 6]?.[at + HALVINGS] ?? 0),
    zeroThreshold,
    zeroCount: zeros[row >> 6]?.[row & 63] ?? 0,
    positive: readSide(positive[row >> 6], at, pages),
    negative: readSide(negative[row >> 6], at, pages),
  };
}
