import type { NativeBucket, NativeHistogram } from '../../collect/native-histogram.ts';
import { hasFractions } from '../../collect/store/native/buckets.ts';

/** Receivers may hold as many numbers for one point; OpenTelemetry's own SDKs send 160. */
const MOST = 1024;

/** OTLP's exponential buckets: consecutive ones. Its index of a bucket is one less than Prometheus's. */
export function denseBuckets(buckets: readonly NativeBucket[]): {
  readonly offset: number;
  readonly counts: readonly number[];
} {
  const first = buckets[0]![0];
  const counts = new Array<number>(buckets.at(-1)![0] - first + 1).fill(0);
  for (const [index, count] of buckets) counts[index - first] = count;
  return { offset: first - 1, counts };
}

/**
 * With whole numbers, since OTLP has no others: what is counted up to each bucket is rounded, so that the sum of all is right to
 * one half, and is the count.
 */
export function wholeCounts(native: NativeHistogram): NativeHistogram {
  if (!hasFractions(native)) return native;
  let [exact, rounded] = [0, 0];
  const next = (count: number): number => {
    exact += count;
    const before = rounded;
    rounded = Math.round(exact);
    return rounded - before;
  };
  const side = (buckets: readonly NativeBucket[]): NativeBucket[] =>
    buckets.map(([index, count]): NativeBucket => [index, next(count)]).filter(([, count]) => count > 0);
  const [negative, zeroCount, positive] = [side(native.negative), next(native.zeroCount), side(native.positive)];
  return { ...native, negative, zeroCount, positive, count: Math.max(rounded, Math.round(native.count)) };
}

/** With a resolution at which neither side reaches over too many buckets. */
export function fewBuckets(native: NativeHistogram): NativeHistogram {
  let { schema, positive, negative } = native;
  while (reach(positive) > MOST || reach(negative) > MOST) {
    schema--;
    positive = halved(positive);
    negative = halved(negative);
  }
  return { ...native, schema, positive, negative };
}

const reach = (buckets: readonly NativeBucket[]): number =>
  buckets.length === 0 ? 0 : buckets.at(-1)![0] - buckets[0]![0] + 1;

/** The same with half the resolution: two neighbours become one. */
function halved(buckets: readonly NativeBucket[]): NativeBucket[] {
  const coarser: [index: number, count: number][] = [];
  for (const [index, count] of buckets) {
    const wider = (index + 1) >> 1;
    const last = coarser.at(-1);
    if (last?.[0] === wider) last[1] += count;
    else coarser.push([wider, count]);
  }
  return coarser;
}
