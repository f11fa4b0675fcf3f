import { Buffer } from 'node:buffer';

const plain: ReadonlySet<unknown> = new Set(
  [Object, Array, Map, Set, Date, RegExp, ArrayBuffer].map(({ prototype }) => prototype as unknown),
);

/**
 * Says which part of a value can't be handed to a thread as it is, or `undefined` when all of it can. Cloning refuses some,
 * and quietly empties others: an instance of a class arrives without its class, a `URL` as `{}`.
 */
export function notPlain(value: unknown, path: string, seen: Set<object> = new Set()): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return `${path} is a ${typeof value}`;
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (ArrayBuffer.isView(value) && !Buffer.isBuffer(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && !plain.has(prototype)) {
    return `${path} is an instance of ${(value.constructor as { name?: string } | undefined)?.name || 'a class'}`;
  }
  if (value instanceof Map || value instanceof Set) return notPlain([...value].flat(), path, seen);
  for (const [key, part] of Object.entries(value)) {
    const found = notPlain(part, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
