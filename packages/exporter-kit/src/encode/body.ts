import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { type Cursor, type Encoding, encodePage, FIRST, type Page, type PageEncoding, releasePage } from './encode.ts';

// Pages kept for slower readers, of one body and of all bodies: at most 8 and 32 MiB.
const KEPT = 128;
const KEPT_IN_ALL = 512;
let keptInAll = 0;

/** A page of a body that may have several readers. Release it once. */
export interface SharedPage {
  /** None, if the next page takes a turn of the event loop to prepare. */
  readonly bytes: Uint8Array;
  readonly last: boolean;
  release(): void;
}

/** Reads the pages of a body. */
export interface PageReader {
  /** Page number `index`; call it in order, from 0. */
  page(index: number): SharedPage;
  /** Stops reading. Call it once. */
  close(): void;
}

/**
 * One snapshot in one format, for any number of readers at their own speeds. Readers share pages: each is encoded once and
 * kept until the slowest reader has it. A reader that lags behind what is kept has its pages encoded again, so it costs one
 * page of memory, not a whole body.
 */
export interface Body {
  reader(): PageReader;
}

interface KeptPage {
  readonly page: Page;
  readonly last: boolean;
  /** Readers that have it, plus one while it is in `kept`. */
  holders: number;
}

/** The body of a snapshot, encoded as it is read. Hold the snapshot until the last reader is closed. */
export function bodyOf(snapshot: Snapshot, encoding: Encoding | PageEncoding): Body {
  const cursors: Cursor[] = [FIRST];
  const kept = new Map<number, KeptPage>();
  const readers = new Set<{ at: number }>();

  /** Encodes a page, with the caller as its holder. */
  function encodeNew(index: number): KeptPage {
    const { page, next } = encodePage(snapshot, encoding, cursors[index]!);
    const newest = index === cursors.length - 1;
    if (next !== undefined && newest) cursors.push(next);
    const fresh = { page, last: next === undefined, holders: 1 };
    // A page encoded again for a slow reader is of no use to others.
    if (newest && slowest() <= index && !kept.has(index)) keep(index, fresh);
    return fresh;
  }

  function keep(index: number, fresh: KeptPage): void {
    fresh.holders++;
    kept.set(index, fresh);
    keptInAll++;
    if (kept.size > KEPT || keptInAll > KEPT_IN_ALL) forget(kept.keys().next().value!);
  }

  function forget(index: number): void {
    const old = kept.get(index)!;
    kept.delete(index);
    keptInAll--;
    release(old);
  }

  /** The first page that a reader has yet to read. */
  function slowest(): number {
    let at = Infinity;
    for (const reader of readers) if (reader.at < at) at = reader.at;
    return at;
  }

  function forgetRead(): void {
    if (kept.size === 0) return;
    const needed = slowest();
    // In ascending order.
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
          let page = kept.get(index);
          if (page === undefined) page = encodeNew(index);
          else page.holders++;
          forgetRead();
          return shared(page);
        },
        close() {
          readers.delete(me);
          forgetRead();
        },
      };
    },
  };
}

function shared(kept: KeptPage): SharedPage {
  const { page, last } = kept;
  return { bytes: page.bytes.subarray(0, page.used), last, release: () => release(kept) };
}

function release(kept: KeptPage): void {
  if (--kept.holders === 0) releasePage(kept.page);
}
