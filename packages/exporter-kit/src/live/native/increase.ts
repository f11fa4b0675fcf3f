import type { NativeCounts, NativeSide } from '../../collect/store/frozen.ts';
import { coarser } from './merged.ts';
import { widened } from './zero-bucket.ts';

/** What `now` has more than `before`, in the resolution and with the zero bucket of `now`; `undefined` if it has less of anything. */
export function nativeIncrease(now: NativeCounts, before: NativeCounts): NativeCounts | undefined {
  const { schema, zeroThreshold } = now;
  const halvings = before.schema - schema;
  if (halvings < 0 || zeroThreshold < before.zeroThreshold) return undefined;
  const then = widened(before, zeroThreshold);
  const zeroCount = now.zeroCount - then.zeroCount;
  const positive = increases(now.positive, coarser(then.positive, halvings));
  const negative = increases(now.negative, coarser(then.negative, halvings));
  return zeroCount < 0 || positive === undefined || negative === undefined
    ? undefined
    : { schema, zeroThreshold, zeroCount, positive, negative };
}

/** `now` without what was in `before`; the whole of it if that was not a part of it. */
export const nativeDifference = (now: NativeCounts, before: NativeCounts): NativeCounts =>
  nativeIncrease(now, before) ?? now;

function increases(side: NativeSide, before: NativeSide): NativeSide | undefined {
  const more: number[] = [];
  let known = 0;
  for (let i = 0; i < side.length; i += 2) {
    let count = side[i + 1]!;
    if (before[known] === side[i]) {
      count -= before[known + 1]!;
      known += 2;
    }
    if (count < 0) return undefined;
    if (count > 0) more.push(side[i]!, count);
  }
  // What is left was in buckets that are empty by now.
  return known === before.length ? more : undefined;
}
