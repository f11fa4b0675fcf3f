type Json = unknown;
type Obj = Record<string, Json>;

/**
 * Merges two changes of one JSON object, key by key: dependencies added in neighbouring lines do not conflict.
 *
 * @returns the merged text, or `undefined` if both sides changed a value, or one is not JSON.
 */
export function mergeJson(base: string, ours: string, theirs: string): string | undefined {
  try {
    const [was, mine, other] = [base, ours, theirs].map((text) => JSON.parse(text) as Json);
    const merged = merge(was, mine, other);
    return merged === conflict ? undefined : `${JSON.stringify(merged, undefined, 2)}\n`;
  } catch {
    return undefined;
  }
}

const conflict = Symbol('conflict');

function merge(was: Json, mine: Json, other: Json): Json {
  if (equal(mine, other) || equal(was, other)) return mine;
  if (equal(was, mine)) return other;
  if (!isObject(mine) || !isObject(other)) return conflict;
  const before = isObject(was) ? was : {};
  const result: Obj = {};
  for (const key of new Set([...Object.keys(mine), ...Object.keys(other)])) {
    const value = merge(before[key], mine[key], other[key]);
    if (value === conflict) return conflict;
    if (value !== undefined) result[key] = value;
  }
  return sortedLike(result, mine);
}

/** Dependencies stay sorted by name. */
function sortedLike(result: Obj, mine: Obj): Obj {
  const keys = Object.keys(mine);
  if (!equal(keys, keys.toSorted())) return result;
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const isObject = (value: Json): value is Obj => typeof value === 'object' && value !== null && !Array.isArray(value);
const equal = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);
