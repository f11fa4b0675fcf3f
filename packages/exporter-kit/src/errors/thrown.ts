/**
 * Reading caught values. Anything can be thrown: text, a promise, a revoked proxy, an error that is its own cause. These
 * functions accept all of it, never throw, and limit the length of texts and chains.
 */
import { types } from 'node:util';

const LONGEST = 8192;
const MOST_CAUSES = 8;
// Of an AggregateError, and levels of nesting.
const MOST_ERRORS = 3;

/**
 * A caught value, safe to keep: `undefined` and `null` become an Error, and the rejection of a thrown promise counts as
 * handled. Keep it in an object: an async function that returned a thrown promise itself would wait for it.
 */
export function caught(value: unknown): unknown {
  if (types.isPromise(value)) {
    try {
      Promise.prototype.then.call(value, ignore, ignore);
    } catch {
      // A subclass with a constructor of its own.
    }
  }
  return value ?? new Error(`${value} was thrown`);
}

const ignore = (): void => {};

/** Resolves to what the call throws or rejects with; `undefined` if it succeeds. Never rejects. */
export async function callSafely(call: () => void | Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return { error: caught(error) };
  }
}

/** The message of any thrown value; for an AggregateError without one, the messages of its first errors. */
export function messageOf(value: unknown): string {
  return message(value, 0);
}

function message(value: unknown, depth: number): string {
  if (!isObject(value)) return textOf(value);
  const said = property(value, 'message');
  if (typeof said === 'string' && said !== '') return cut(said);
  if (isObject(said) && depth < MOST_ERRORS) return message(said, depth + 1);
  const errors = listOf(property(value, 'errors'));
  if (errors.length > 0 && depth < MOST_ERRORS) return cut(errors.map((one) => message(one, depth + 1)).join('; '));
  return isError(value)
    ? (wordOf(value, 'code') ?? wordOf(value, 'name') ?? 'an error without a message')
    : textOf(value);
}

/** An error's message, followed by those of its causes that add something. */
export function describe(value: unknown): string {
  return [...causes(value)].map(messageOf).reduceRight((cause, said) => {
    return said.includes(cause) ? said : cut(`${said} (${cause})`);
  });
}

/** An error's stack, or its description if it has none. */
export function stackOf(value: unknown): string {
  const stack = property(value, 'stack');
  return typeof stack === 'string' && stack !== '' ? cut(stack) : describe(value);
}

/** A value and its chain of causes; ends at a cycle. */
export function* causes(value: unknown): Generator<unknown, void> {
  const seen = new Set<unknown>();
  for (let at = value; seen.size < MOST_CAUSES && !seen.has(at); at = property(at, 'cause')) {
    if ((at === undefined || at === null) && seen.size > 0) return;
    seen.add(at);
    yield at;
  }
}

/** An error's code, such as `ECONNREFUSED`. */
export function codeOf(value: unknown): string | undefined {
  return wordOf(value, 'code');
}

/** An error's code or class, for places where its message must not appear because it can contain secrets. */
export function kindOf(value: unknown): string | undefined {
  return isError(value) ? (wordOf(value, 'code') ?? wordOf(value, 'name')) : undefined;
}

const readErrors: { readonly [code: string]: string } = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
};

/** Why a file could not be read, in plain words. */
export function readErrorReason(error: unknown): string {
  return readErrors[codeOf(error) ?? ''] ?? messageOf(error);
}

/** Whether a value is an Error, of this or another realm. */
export function isError(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error;
  } catch {
    return false;
  }
}

/** A property of any value; `undefined` if it cannot be read. */
export function property(value: unknown, key: PropertyKey): unknown {
  if (!isObject(value)) return undefined;
  try {
    return (value as { readonly [key: PropertyKey]: unknown })[key];
  } catch {
    return undefined;
  }
}

/** Any value as text, shortened if long. */
export function textOf(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  try {
    const text = cut(String(value));
    return text === '[object Object]' ? 'an object without a message' : text;
  } catch {
    return 'an object that cannot be written as text';
  }
}

function wordOf(value: unknown, key: string): string | undefined {
  const word = property(value, key);
  return typeof word === 'string' && /^[A-Za-z]\w{0,63}$/.test(word) ? word : undefined;
}

function listOf(value: unknown): unknown[] {
  try {
    return Array.isArray(value) ? Array.prototype.slice.call(value, 0, MOST_ERRORS) : [];
  } catch {
    return [];
  }
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
