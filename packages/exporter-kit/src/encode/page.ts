import { Buffer } from 'node:buffer';

/** Bytes of an answer, written up to `used`. Belongs to one answer from `takePage` to `givePage`. */
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

/** Gives a page back once nobody reads it any more: for a socket, that is when its write has been called back. */
export function givePage(page: Page): void {
  if (page.bytes.length === SIZE && free.length < KEPT) free.push(page);
}
