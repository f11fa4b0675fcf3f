import { Buffer } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Reader } from './body.ts';
import { gzipPages } from './gzip.ts';

/** So many pages of 64 KiB; `read` and `given` count them. */
function pages(count: number, onPage = (_index: number): void => {}) {
  const seen = { read: 0, given: 0 };
  const bytes = Buffer.alloc(64 * 1024, 'some text that repeats itself\n');
  const reader: Reader = {
    page(index) {
      onPage(index);
      seen.read++;
      return { bytes, last: index === count - 1, give: () => void seen.given++ };
    },
    close() {},
  };
  return { seen, reader, whole: Buffer.concat(Array.from({ length: count }, () => bytes)) };
}

it('zips all pages and gives them back', async () => {
  for (const count of [1, 3, 4, 5, 30]) {
    const { seen, reader, whole } = pages(count);
    const zipped = Buffer.concat(await gzipPages(reader, 1, new AbortController().signal));
    expect(gunzipSync(zipped).equals(whole)).toBe(true);
    expect(seen).toEqual({ read: count, given: count });
  }
});

it('stops when nobody wants it any more', async () => {
  const left = new AbortController();
  const { seen, reader } = pages(10_000, (index) => {
    if (index === 20) left.abort(new Error('left'));
  });
  await expect(gzipPages(reader, 1, left.signal)).rejects.toThrow('left');
  expect(seen.read).toBeLessThan(30);
  expect(seen.given).toBe(seen.read);
});
