import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { caught, messageOf } from '../../errors/thrown.ts';
import type { Collector } from '../collector.ts';

/** The export that is a collector; the same in both threads. */
export interface ModuleExport {
  readonly href: string;
  /** Name of the export. */
  readonly name: string;
  /** Argument of an export that is a function returning the collector. */
  readonly data: unknown;
}

/**
 * Imports a module and returns its collector.
 *
 * @throws Error if it can't be loaded, or does not export a collector with that name; it says what to write.
 */
export async function loadCollector({ href, name, data }: ModuleExport): Promise<Collector> {
  const where = href.startsWith('file:') ? fileURLToPath(href) : href;
  if (where !== href && !existsSync(where)) {
    throw new Error(
      `inThread: there is no ${where}; write inThread(new URL('./collector.js', import.meta.url)), with the file's path relative to the calling module.`,
    );
  }
  const exported = await importFrom(href, where);
  const given = exported[name];
  const made: unknown =
    typeof given === 'function' ? await make(given, data, `${where}: its ${exportNamed(name)}`) : given;
  if (isCollector(made)) {
    if (made.source === undefined) return made;
    const of = `source ${made.source.name}, whose client can't be sent to a thread`;
    throw new TypeError(`inThread: ${where}: collector ${made.name} reads ${of}; run it without inThread.`);
  }
  const what = typeof given === 'function' ? `its ${exportNamed(name)} returns` : `its ${exportNamed(name)} is`;
  const others = Object.keys(exported).filter((key) => key !== name);
  const choose = others.length > 0 ? ` Or choose another export, { name: '…' }: ${others.join(', ')}.` : '';
  const write = name === 'default' ? 'export default collector({ … })' : `export const ${name} = collector({ … })`;
  throw new TypeError(`inThread: ${where}: ${what} ${kindOf(made)}, not a collector; write ${write}.${choose}`);
}

/** @throws TypeError if `data` can't be sent to a thread. */
export function checkData(data: unknown): void {
  const found = notPlain(data, 'data');
  if (found !== undefined) {
    throw new TypeError(`inThread: ${found}, which can't be sent to a thread; use plain values.`);
  }
}

async function importFrom(href: string, where: string): Promise<{ readonly [name: string]: unknown }> {
  try {
    return await import(/* @vite-ignore */ href);
  } catch (cause) {
    throw new Error(`inThread: can't load ${where}: ${messageOf(cause)}`, { cause: caught(cause) });
  }
}

async function make(factory: CallableFunction, data: unknown, who: string): Promise<unknown> {
  try {
    return await factory(structuredClone(data));
  } catch (cause) {
    throw new Error(`inThread: ${who} threw: ${messageOf(cause)}`, { cause: caught(cause) });
  }
}

function isCollector(value: unknown): value is Collector {
  const { name, metrics, collect } = (value ?? {}) as Partial<Collector>;
  return typeof name === 'string' && typeof metrics === 'object' && typeof collect === 'function';
}

const exportNamed = (name: string): string => (name === 'default' ? 'default export' : `export "${name}"`);
const kindOf = (value: unknown): string =>
  value === undefined
    ? 'missing'
    : value === null
      ? 'null'
      : Array.isArray(value)
        ? 'a list'
        : `of type ${typeof value}`;

const plain: ReadonlySet<unknown> = new Set(
  [Object, Array, Map, Set, Date, RegExp, ArrayBuffer].map(({ prototype }) => prototype as unknown),
);

/**
 * The part of a value that can't be sent to a thread; `undefined` if all of it can. Cloning rejects some values and silently
 * empties others: an instance arrives without its class, a `URL` as `{}`.
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
