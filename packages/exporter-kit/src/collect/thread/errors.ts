/** Anything thrown or logged, made fit to be posted. Cloning alone loses an error's class, its `code` and its other marks. */
export type Packed = { readonly error: PackedError } | { readonly value: unknown };

interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: Packed | undefined;
  /** Plain properties such as `code`, and the mark of `unsupported()`. */
  readonly facts: { readonly [key: string]: unknown };
}

// Causes may go round in a circle.
const MOST_CAUSES = 8;

/** Packs a value; what can't be posted is told as text. */
export function pack(value: unknown, depth: number = 0): Packed {
  if (!(value instanceof Error)) return { value: clonable(value) };
  const { name, message, stack, cause } = value;
  const facts = Object.fromEntries(
    Object.entries(value).filter(([key, fact]) => key !== 'cause' && typeof fact !== 'function' && !isObject(fact)),
  );
  const deeper = cause === undefined || depth === MOST_CAUSES ? undefined : pack(cause, depth + 1);
  return { error: { name, message, stack, cause: deeper, facts } };
}

/** The value again; of an error, one with the same message, name, stack, cause and marks. */
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
  if (typeof value === 'function' || typeof value === 'symbol') return String(value);
  if (!isObject(value)) return value;
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
