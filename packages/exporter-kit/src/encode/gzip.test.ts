import { Buffer } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import type { PageReader } from './body.ts';
import { gzipPages } from './gzip.ts';

/** So many pages of 64 KiB; `read` and `released` count them. */
function pages(count: number, onPage = (_index: number): void => {}) {
  const seen = { read: 0, released: 0 };
  const bytes = Buffer.alloc(64 * 1024, 'some text that repeats itself\n');
  const reader: PageReader = {
    page(index) {
      onPage(index);
      seen.read++;
      return { bytes, last: index === count - 1, release: () => void seen.released++ };
    },
    close() {},
  };
  return { seen, reader, whole: Buffer.concat(Array.from({ length: count }, () => bytes)) };
}

it('zips all pages and releases them', async () => {
  for (const count of [1, 3, 4, 5, 30]) {
    const { seen, reader, whole } = pages(count);
    const zipped = Buffer.concat(await gzipPages(reader, 1, new AbortController().signal));
    expect(gunzipSync(zipped).equals(whole)).toBe(true);
    expect(seen).toEqual({ read: count, released: count });
  }
});

it.each([0, 1, 100, 128 * 1024, 128 * 1024 + 1])('zips an answer of %d bytes', async (length) => {
  const whole = Buffer.alloc(length, 'some text that repeats itself\n');
  const release = vi.fn<() => void>();
  const reader: PageReader = { page: () => ({ bytes: whole, last: true, release }), close() {} };
  const zipped = Buffer.concat(await gzipPages(reader, 1, new AbortController().signal));
  expect(gunzipSync(zipped).equals(whole)).toBe(true);
  expect(release).toHaveBeenCalledOnce();
});

it('stops when nobody wants it any more', async () => {
  const left = new AbortController();
  const { seen, reader } = pages(10_000, (index) => {
    if (index === 20) left.abort(new Error('left'));
  });
  await expect(gzipPages(reader, 1, left.signal)).rejects.toThrow('left');
  expect(seen.read).toBeLessThan(30);
  expect(seen.released).toBe(seen.read);
});
