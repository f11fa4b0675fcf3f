import { isError, messageOf, property, textOf } from '../../errors/thrown.ts';

/** A thrown or logged value that can be posted. Cloning alone loses an error's class, its `code` and other properties. */
export type Packed = { readonly error: PackedError } | { readonly value: unknown };

interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: Packed | undefined;
  /** Primitive properties such as `code`, and the mark of `unsupported()`. */
  readonly facts: { readonly [key: string]: unknown };
}

// A chain of causes can be a cycle.
const MOST_CAUSES = 8;

/** Packs a value; what can't be posted becomes text. */
export function pack(value: unknown, depth: number = 0): Packed {
  if (!isError(value)) return { value: clonable(value) };
  const cause = property(value, 'cause');
  const stack = property(value, 'stack');
  const deeper = cause === undefined || depth === MOST_CAUSES ? undefined : pack(cause, depth + 1);
  return {
    error: {
      name: textOf(property(value, 'name')),
      message: messageOf(value),
      stack: typeof stack === 'string' ? stack : undefined,
      cause: deeper,
      facts: factsOf(value),
    },
  };
}

function factsOf(error: Error): { [key: string]: unknown } {
  const facts: { [key: string]: unknown } = {};
  for (const key of keysOf(error)) {
    const fact = property(error, key);
    if (key !== 'cause' && !isObject(fact) && typeof fact !== 'function' && typeof fact !== 'symbol') facts[key] = fact;
  }
  return facts;
}

function keysOf(error: Error): string[] {
  try {
    return Object.keys(error);
  } catch {
    return [];
  }
}

/** Restores the value; an error has the same message, name, stack, cause and properties. */
export function unpack(packed: Packed): unknown {
  if (!('error' in packed)) return packed.value;
  const { name, message, stack, cause, facts } = packed.error;
  const error = new Error(message, cause === undefined ? {} : { cause: unpack(cause) });
  Object.assign(error, facts);
  if (name !== 'Error') Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}

function clonable(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return textOf(value);
  if (!isObject(value)) return value;
  try {
    return structuredClone(value);
  } catch {
    return messageOf(value);
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
