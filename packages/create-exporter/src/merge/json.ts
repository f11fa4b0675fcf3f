import { applyEdits, type JSONPath, modify } from 'jsonc-parser';

type Json = unknown;
type Obj = Record<string, Json>;

/**
 * Merges two changes of one JSON object, key by key: dependencies added in neighbouring lines do not conflict.
 *
 * @returns the merged text, laid out like `ours`, or `undefined` if both sides changed a value, or one is not JSON.
 */
export function mergeJson(base: string, ours: string, theirs: string): string | undefined {
  try {
    const [was, mine, other] = [base, ours, theirs].map((text) => JSON.parse(text) as Json);
    const merged = merge(was, mine, other);
    return merged === conflict ? undefined : laidOutLike(JSON.stringify(merged), ours);
  } catch {
    return undefined;
  }
}

/** A JSON object with the indentation, order and spaces of an earlier text of it, as its owner or a formatter has them. */
export function laidOutLike(text: string, model: string): string {
  let sides: readonly [Json, Json];
  try {
    sides = [JSON.parse(model), JSON.parse(text)];
  } catch {
    return text;
  }
  const [was, is] = sides;
  if (!isObject(was) || !isObject(is)) return text;
  const indent = /^[ \t]+(?=")/m.exec(model)?.[0] ?? '  ';
  return edited(model, was, is, [], { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol: '\n' });
}

interface Layout {
  readonly insertSpaces: boolean;
  readonly tabSize: number;
  readonly eol: string;
}

/** @param path of the object in the text. */
function edited(text: string, was: Obj, is: Obj, path: JSONPath, formattingOptions: Layout): string {
  let result = text;
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const [before, after] = [was[key], is[key]];
    if (equal(before, after)) continue;
    const at = [...path, key];
    if (isObject(before) && isObject(after)) {
      result = edited(result, before, after, at, formattingOptions);
      continue;
    }
    const earlier = Object.keys(is);
    earlier.length = Math.max(earlier.indexOf(key), 0);
    const getInsertionIndex = (keys: readonly string[]): number =>
      keys.findLastIndex((each) => earlier.includes(each)) + 1;
    result = applyEdits(result, modify(result, at, after, { formattingOptions, getInsertionIndex }));
  }
  return result;
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
