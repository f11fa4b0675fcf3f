import { MAX_SCHEMA, MIN_SCHEMA, NATIVE } from '../../../metric/native.ts';
import type { NativeBucket, NativeHistogram } from '../../native-histogram.ts';

/** Buckets of one side. More are refused: a source is to be trusted with its numbers, not with our memory. */
const MOST_BUCKETS = 4096;

/**
 * The native histogram in a histogram's value, checked and copied; `undefined` if it has none, a text if something is wrong.
 *
 * @param value what was given to `set`.
 */
export function nativeIn(value: unknown, isGauge: boolean): NativeHistogram | string | undefined {
  const { native, sum } = (value ?? {}) as { readonly native?: unknown; readonly sum?: unknown };
  if (native === undefined) return undefined;
  if (typeof native !== 'object' || native === null) return `native must be an object, not ${described(native)}.`;
  const given = native as { readonly [key: string]: unknown };
  const { schema, zeroThreshold = NATIVE.zeroThreshold, zeroCount = 0 } = given;
  if (!isWhole(schema, MIN_SCHEMA, MAX_SCHEMA))
    return `native.schema must be a whole number from ${MIN_SCHEMA} to ${MAX_SCHEMA}, not ${described(schema)}.`;
  if (typeof zeroThreshold !== 'number' || !(zeroThreshold >= 0 && zeroThreshold < Infinity))
    return `native.zeroThreshold must be a finite number of 0 or more, not ${described(zeroThreshold)}.`;
  if (!isCount(zeroCount)) return `native.zeroCount must be ${A_COUNT}, not ${described(zeroCount)}.`;
  if (typeof sum !== 'number') return 'sum must be a number.';
  const positive = bucketsIn('positive', given.positive, schema);
  if (typeof positive === 'string') return positive;
  const negative = bucketsIn('negative', given.negative, schema);
  if (typeof negative === 'string') return negative;
  let total = zeroCount;
  for (const [, count] of [...positive, ...negative]) total += count;
  const { count = total } = given;
  // Fractions that were added up in another order may differ in their last digits.
  if (!isCount(count) || count < total * (Number.isInteger(total) ? 1 : 1 - 1e-9))
    return `native.count must be ${A_COUNT}, and at least the ${total} of its buckets, not ${described(count)}.`;
  return { schema, zeroThreshold, zeroCount, positive, negative, sum, count, gauge: isGauge };
}

function bucketsIn(side: string, given: unknown, schema: number): readonly NativeBucket[] | string {
  if (given === undefined) return [];
  const pairs = isObject(given) && 'spans' in given ? pairsOfSpans(given) : pairsIn(given);
  if (typeof pairs === 'string') return `native.${side} ${pairs}`;
  pairs.sort(([a], [b]) => a - b);
  const [lowest, highest] = reachOf(schema);
  for (const [i, [index, count]] of pairs.entries()) {
    if (!isWhole(index, lowest, highest))
      return `native.${side} has an index that is not from ${lowest} to ${highest}, as those of schema ${schema} are: ${described(index)}.`;
    if (!isCount(count)) return `native.${side} must have ${A_COUNT} for each bucket, not ${described(count)}.`;
    if (i > 0 && pairs[i - 1]![0] === index) return `native.${side} has bucket ${index} twice.`;
  }
  return pairs.filter(([, count]) => count > 0);
}

const TOO_MANY = `has more than ${MOST_BUCKETS} buckets; lower the schema.`;

function pairsIn(given: unknown): NativeBucket[] | string {
  const wanted = 'must be [index, count] pairs, or { spans, deltas }';
  if (!isObject(given) || typeof (given as Iterable<unknown>)[Symbol.iterator] !== 'function')
    return `${wanted}, not ${described(given)}.`;
  const pairs: NativeBucket[] = [];
  for (const pair of given as Iterable<unknown>) {
    if (pairs.length === MOST_BUCKETS) return TOO_MANY;
    if (!Array.isArray(pair) || pair.length !== 2) return `${wanted}; one is ${described(pair)}.`;
    pairs.push([pair[0], pair[1]]);
  }
  return pairs;
}

/** Runs of buckets as protobuf has them: offsets and lengths, and each count less the one before. */
function pairsOfSpans(given: object): NativeBucket[] | string {
  const { spans, deltas } = given as { readonly spans?: unknown; readonly deltas?: unknown };
  if (!Array.isArray(spans) || !Array.isArray(deltas)) return 'must have a list of spans and a list of deltas.';
  if (deltas.length > MOST_BUCKETS || spans.length > MOST_BUCKETS) return TOO_MANY;
  const pairs: NativeBucket[] = [];
  let index = 0;
  let count = 0;
  for (const [i, span] of spans.entries()) {
    const [offset, length] = Array.isArray(span) ? span : [];
    if (!isWhole(offset, i === 0 ? -MOST_OFFSET : 0, MOST_OFFSET) || !isWhole(length, 0, MOST_BUCKETS))
      return 'must have spans of an offset, which only the first may have below 0, and a length.';
    index += offset;
    for (let left = length; left > 0 && pairs.length <= deltas.length; left--, index++) {
      count += Number(deltas[pairs.length]);
      pairs.push([index, count]);
    }
  }
  return pairs.length === deltas.length
    ? pairs
    : `must have as many deltas as its spans are long, not ${deltas.length}.`;
}

// Offsets are 32 bits long.
const MOST_OFFSET = 2 ** 31 - 1;

/** The indices of the smallest number above 0, and of Infinity. */
function reachOf(schema: number): readonly [lowest: number, highest: number] {
  const scaled = (power: number): number => Math.ceil(power * 2 ** schema);
  return [scaled(-1074), scaled(1024) + 1];
}

const A_COUNT = `a number from 0 to ${Number.MAX_SAFE_INTEGER}`;

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
const isWhole = (value: unknown, low: number, high: number): value is number =>
  Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const described = (value: unknown): string =>
  typeof value === 'number' ? String(value) : value === null ? 'null' : `a value of type ${typeof value}`;
