const PAGE_BITS = 9;
/** Counts in a page. */
export const PAGE: number = 1 << PAGE_BITS;
// At most 32 to a page, so that their use fits into the bits of a number.
const SMALLEST = 16;
/** Buckets that may have a window together, however many of them are empty. */
export const MOST_TOGETHER = 160;

/**
 * Windows for counts of buckets, or their indices, cut from pages that never move. The windows of a page have one size; once all are
 * given back, the page serves any size, so that memory is what was needed at once, and little more.
 */
export class NativeWindows {
  /** Count `place` is in page `place >> 9`, at `place & 511`. */
  readonly pages: readonly Uint32Array[];
  readonly #makePage: (i: number) => void;
  // For each page, a bit for each window in use.
  readonly #used: number[] = [];
  // Pages with room, by the size of their windows; and those of no size, without a window in use.
  readonly #open: Map<number, Set<number>> = new Map();
  readonly #spare: number[] = [];

  /** @param makePage makes a page of zeros, and adds it to `pages`. */
  constructor(pages: readonly Uint32Array[], makePage: (i: number) => void) {
    this.pages = pages;
    this.#makePage = makePage;
  }

  /** The place of a window of zeros, of a size from {@link windowSize}. */
  take(size: number): number {
    const open = this.#openOf(size);
    const page = first(open) ?? this.#newPage(open);
    const window = 31 - Math.clz32(~this.#used[page]! & -~this.#used[page]!);
    this.#used[page]! |= 1 << window;
    if (this.#used[page] === allUsed(size)) open.delete(page);
    return page * PAGE + window * size;
  }

  /** Takes a window back, and clears it. */
  giveBack(place: number, size: number): void {
    const page = place >> PAGE_BITS;
    const at = place & (PAGE - 1);
    this.pages[page]!.fill(0, at, at + size);
    this.#used[page]! &= ~(1 << (at / size));
    const open = this.#openOf(size);
    if (this.#used[page] !== 0) open.add(page);
    else {
      open.delete(page);
      this.#spare.push(page);
    }
  }

  #openOf(size: number): Set<number> {
    const known = this.#open.get(size);
    const open = known ?? new Set();
    if (known === undefined) this.#open.set(size, open);
    return open;
  }

  #newPage(open: Set<number>): number {
    const page = this.#spare.pop() ?? this.pages.length;
    if (page === this.pages.length) this.#makePage(page);
    this.#used[page] = 0;
    open.add(page);
    return page;
  }
}

/** The size of a window for so many numbers: 512 at most, whatever more they are. */
export function windowSize(counts: number): number {
  const step = counts > 4 * SMALLEST ? 2 * SMALLEST : SMALLEST;
  return Math.min(Math.ceil(counts / step) * step, PAGE);
}

const allUsed = (size: number): number => (-1 >>> (32 - Math.floor(PAGE / size))) | 0;

function first(pages: Set<number>): number | undefined {
  for (const page of pages) return page;
  return undefined;
}
