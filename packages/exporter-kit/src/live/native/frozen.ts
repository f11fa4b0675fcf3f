import type { NativeCounts } from '../../collect/store/frozen.ts';
import { MAX_SCHEMA, type NativeShape } from '../../metric/native.ts';
import { nativeBound, nativeIndex, prepareNativeIndex } from './bucket-index.ts';
import type { NativeParts } from './memory.ts';
import { OWN, RECORD, readSide } from './sides.ts';

/** In a row's record for positive values: how often its resolution was halved. */
export const HALVINGS: number = OWN;
/** In a row's record for negative values: what its zero bucket was widened to, as {@link wideOf} has it; 0 if it was not. */
export const WIDE: number = OWN;

// Above 0 for the bound of each bucket of the finest resolution.
const WIDE_FROM = 2 ** 20;

/** A number that stands for a zero threshold which is a bucket's bound. */
export function wideOf(threshold: number): number {
  prepareNativeIndex();
  return nativeIndex(threshold, MAX_SCHEMA) + WIDE_FROM;
}

/** A row's zero threshold. */
export function zeroThresholdOf({ zeroThreshold }: NativeShape, negative: Int32Array | undefined, at: number): number {
  const wide = negative?.[at + WIDE] ?? 0;
  return wide === 0 ? zeroThreshold : nativeBound(wide - WIDE_FROM, MAX_SCHEMA);
}

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
  shape: NativeShape,
  { positive, negative, zeros, pages }: NativeParts,
  row: number,
): NativeCounts {
  const at = (row & 63) * RECORD;
  return {
    schema: shape.schema - (positive[row >> 6]?.[at + HALVINGS] ?? 0),
    zeroThreshold: zeroThresholdOf(shape, negative[row >> 6], at),
    zeroCount: zeros[row >> 6]?.[row & 63] ?? 0,
    positive: readSide(positive[row >> 6], at, pages),
    negative: readSide(negative[row >> 6], at, pages),
  };
}
