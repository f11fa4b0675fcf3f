import type { Snapshot } from '../collect/snapshot.ts';
import { type Cursor, encodePage, FIRST } from './encode.ts';
import type { Encoding } from './encoding.ts';
import { givePage, type Page } from './page.ts';

// Pages kept for those who read the same body a little later: 8 MiB at the most, however long the body is.
const KEPT = 128;

/** A page of a shared body. Whoever takes it gives it back once. */
export interface SharedPage {
  readonly bytes: Uint8Array;
  readonly last: boolean;
  give(): void;
}

/**
 * One snapshot in one format, read by any number of readers at their own speeds. Pages are encoded once for those who read
 * along; who lags behind by more than is kept encodes for himself. So a slow reader costs a page, not a body.
 */
export interface Body {
  /** Page number `index`, from 0; somebody must have asked for each page before the one after it. */
  page(index: number): SharedPage;
  /** No more pages will be asked for. */
  close(): void;
}

interface Entry {
  readonly page: Page;
  readonly last: boolean;
  /** Those who read it, and one for being kept. */
  holders: number;
}

/** Makes a body; nothing is encoded before it is read. The snapshot must be held until the body is closed. */
export function bodyOf(snapshot: Snapshot, encoding: Encoding): Body {
  const cursors: Cursor[] = [FIRST];
  const kept = new Map<number, Entry>();

  function encoded(index: number): Entry {
    const { page, next } = encodePage(snapshot, encoding, cursors[index]!);
    const newest = index === cursors.length - 1;
    if (next !== undefined && newest) cursors.push(next);
    const entry = { page, last: next === undefined, holders: 0 };
    // A page that a laggard asks for again is of use to nobody else.
    if (newest && !kept.has(index)) keep(index, entry);
    return entry;
  }

  function keep(index: number, entry: Entry): void {
    entry.holders++;
    kept.set(index, entry);
    if (kept.size <= KEPT) return;
    const [oldest, gone] = kept.entries().next().value!;
    kept.delete(oldest);
    letGo(gone);
  }

  return {
    page(index) {
      const entry = kept.get(index) ?? encoded(index);
      entry.holders++;
      return { bytes: entry.page.bytes.subarray(0, entry.page.used), last: entry.last, give: () => letGo(entry) };
    },
    close() {
      for (const entry of kept.values()) letGo(entry);
      kept.clear();
    },
  };
}

function letGo(entry: Entry): void {
  if (--entry.holders === 0) givePage(entry.page);
}
