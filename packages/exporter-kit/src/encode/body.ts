import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { type Cursor, encodePage, FIRST } from './encode.ts';
import type { Encoding } from './encoding.ts';
import { givePage, type Page } from './page.ts';

// Pages kept for those who read the same body more slowly, of one body and of all: 8 and 32 MiB at the most.
const KEPT = 128;
const KEPT_IN_ALL = 512;
let keptInAll = 0;

/** A page of a shared body. Whoever takes it gives it back once. */
export interface SharedPage {
  readonly bytes: Uint8Array;
  readonly last: boolean;
  give(): void;
}

/** One who reads a body. */
export interface Reader {
  /** Page number `index`; to be asked for in order, from 0. */
  page(index: number): SharedPage;
  /** Reads no more. To be called once. */
  close(): void;
}

/**
 * One snapshot in one format, read by any number of readers at their own speeds. Pages are encoded once for those who read
 * along, and kept while one of them has yet to read them; who lags behind by more than is kept encodes for himself. So a
 * slow reader costs a page, not a body.
 */
export interface Body {
  reader(): Reader;
}

interface Entry {
  readonly page: Page;
  readonly last: boolean;
  /** Those who read it, and one for being kept. */
  holders: number;
}

/** Makes a body; nothing is encoded before it is read. The snapshot must be held until the last reader is closed. */
export function bodyOf(snapshot: Snapshot, encoding: Encoding): Body {
  const cursors: Cursor[] = [FIRST];
  const kept = new Map<number, Entry>();
  const readers = new Set<{ at: number }>();

  /** Encodes a page, held by the one who asks for it. */
  function encoded(index: number): Entry {
    const { page, next } = encodePage(snapshot, encoding, cursors[index]!);
    const newest = index === cursors.length - 1;
    if (next !== undefined && newest) cursors.push(next);
    const entry = { page, last: next === undefined, holders: 1 };
    // A page that a laggard asks for again is of use to nobody else.
    if (newest && slowest() <= index && !kept.has(index)) keep(index, entry);
    return entry;
  }

  function keep(index: number, entry: Entry): void {
    entry.holders++;
    kept.set(index, entry);
    keptInAll++;
    if (kept.size > KEPT || keptInAll > KEPT_IN_ALL) forget(kept.keys().next().value!);
  }

  function forget(index: number): void {
    const entry = kept.get(index)!;
    kept.delete(index);
    keptInAll--;
    letGo(entry);
  }

  /** The first page that somebody has yet to read. */
  function slowest(): number {
    let at = Infinity;
    for (const reader of readers) if (reader.at < at) at = reader.at;
    return at;
  }

  function forgetRead(): void {
    if (kept.size === 0) return;
    const needed = slowest();
    // They are kept in their order.
    for (const index of kept.keys()) {
      if (index >= needed) return;
      forget(index);
    }
  }

  return {
    reader() {
      const me = { at: 0 };
      readers.add(me);
      return {
        page(index) {
          me.at = index + 1;
          let entry = kept.get(index);
          if (entry === undefined) entry = encoded(index);
          else entry.holders++;
          forgetRead();
          return shared(entry);
        },
        close() {
          readers.delete(me);
          forgetRead();
        },
      };
    },
  };
}

function shared(entry: Entry): SharedPage {
  const { page, last } = entry;
  return { bytes: page.bytes.subarray(0, page.used), last, give: () => letGo(entry) };
}

function letGo(entry: Entry): void {
  if (--entry.holders === 0) givePage(entry.page);
}
