import type { NativeCounts, NativeSide } from '../src/collect/store/frozen.ts';
import { nativeBound, nativeIndex } from '../src/live/native/bucket-index.ts';
import type { NativeShape } from '../src/metric/native.ts';

/** The indices of values beyond a zero threshold, on one side. */
const indicesOf = (values: readonly number[], sign: number, schema: number, threshold: number): readonly number[] =>
  values.filter((value) => value * sign > threshold).map((value) => nativeIndex(value * sign, schema));

function sideOf(indices: readonly number[]): NativeSide {
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b).flat();
}

/** What is to be counted, from all values at once: resolution and threshold first, then each value on its own. */
export function nativeReference(
  values: readonly number[],
  { maxBuckets, maxZeroThreshold, ...shape }: NativeShape,
): NativeCounts {
  let { schema, zeroThreshold } = shape;
  const fits = (threshold: number): boolean =>
    [1, -1].reduce((sum, sign) => sum + new Set(indicesOf(values, sign, schema, threshold)).size, 0) <= maxBuckets;
  for (; ; schema--) {
    const own = schema;
    const uppers = [1, -1]
      .flatMap((sign) => indicesOf(values, sign, own, zeroThreshold))
      .sort((a, b) => a - b)
      .map((index) => nativeBound(index, own))
      .filter((bound) => bound <= maxZeroThreshold);
    const enough = [zeroThreshold, ...uppers].find(fits);
    if (enough === undefined && maxZeroThreshold > 0) {
      let widest = nativeIndex(maxZeroThreshold, schema);
      while (nativeBound(widest, schema) > maxZeroThreshold) widest--;
      zeroThreshold = Math.max(zeroThreshold, nativeBound(widest, schema));
    } else if (enough !== undefined) zeroThreshold = enough;
    if (enough !== undefined || schema === -4) break;
  }
  const [positive, negative] = [1, -1].map((sign) => sideOf(indicesOf(values, sign, schema, zeroThreshold)));
  const zeroCount = values.filter((value) => Math.abs(value) <= zeroThreshold).length;
  return { schema, zeroThreshold, zeroCount, positive: positive!, negative: negative! };
}
