import { Buffer } from 'node:buffer';

/** A buffer from the pool, filled up to `used`. It has one owner between `takePage` and `releasePage`. */
export interface Page {
  readonly bytes: Buffer;
  readonly view: DataView;
  used: number;
}

const SIZE = 64 * 1024;
const KEPT = 32;
const free: Page[] = [];

/** A page with room for at least `least` bytes. */
export function takePage(least: number): Page {
  if (least <= SIZE) {
    const kept = free.pop();
    if (kept !== undefined) {
      kept.used = 0;
      return kept;
    }
  }
  const bytes = Buffer.allocUnsafeSlow(Math.max(SIZE, least));
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), used: 0 };
}

/** Returns a page to the pool. Its bytes must no longer be in use: for a socket, wait for the callback of the write. */
export function releasePage(page: Page): void {
  if (page.bytes.length === SIZE && free.length < KEPT) free.push(page);
}
