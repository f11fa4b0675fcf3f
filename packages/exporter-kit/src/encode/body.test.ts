import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { collector } from '../collect/collector.ts';
import { silent } from '../collect/context.ts';
import { runner } from '../collect/scrape/runner.ts';
import { joinParts, type Snapshot, snapshotOf } from '../collect/scrape/snapshot.ts';
import { gauge } from '../metric/declare.ts';
import { bodyOf, type PageReader, type SharedPage } from './body.ts';
import { encode, type Page, releasePage } from './encode.ts';
import { openMetrics } from './openmetrics.ts';

// Pages that are in somebody's hands.
const out = vi.hoisted(() => new Set<unknown>());
vi.mock(import('./encode.ts'), async (original) => {
  const kit = await original();
  function handOut(page: Page): void {
    if (out.has(page)) throw new Error('a page was handed out while it was in use');
    out.add(page);
  }
  return {
    ...kit,
    encodePage(...args) {
      const encoded = kit.encodePage(...args);
      handOut(encoded.page);
      return encoded;
    },
    *encode(...args) {
      for (const page of kit.encode(...args)) {
        handOut(page);
        yield page;
      }
    },
    releasePage(page) {
      if (!out.delete(page)) throw new Error('a page was released twice');
      kit.releasePage(page);
    },
  };
});
afterEach(() => out.clear());

/** Some 64 KiB for each page. */
async function snapshotOfPages(count: number): Promise<Snapshot> {
  const filler = 'x'.repeat(1000);
  const made = collector({
    name: 'test',
    metrics: { v: gauge({ name: 'v', help: 'x', labels: ['l'] }) },
    collect({ v }) {
      for (let i = 0; i < count * 62; i++) v.set({ l: filler + i }, i);
    },
  });
  const { samples } = await runner(made, undefined, { log: silent, strict: true }).join(Infinity).done;
  return snapshotOf(joinParts([{ title: 'test', columns: samples!.columns, conflict() {} }]));
}

/** A copy of each page as it should be. */
function pagesOf(snapshot: Snapshot): Buffer[] {
  const pages: Buffer[] = [];
  for (const page of encode(snapshot, openMetrics)) {
    pages.push(Buffer.from(page.bytes.subarray(0, page.used)));
    releasePage(page);
  }
  return pages;
}

const small = await snapshotOfPages(20);
const smallPages = pagesOf(small);

it('gives every reader the same bytes, however they come and go, and releases every page', () => {
  const step = fc.record({
    who: fc.nat(5),
    what: fc.constantFrom('read', 'read', 'read', 'release', 'release', 'close', 'open'),
  });
  const property = fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
    const body = bodyOf(small, openMetrics);
    const readers = new Map<number, { reader: PageReader; at: number }>();
    const held: { page: SharedPage; index: number }[] = [];
    const release = (which: number): void => {
      const [one] = held.splice(which % held.length, 1);
      // It is still what it was, whatever has been encoded since.
      expect(smallPages[one!.index]!.equals(one!.page.bytes)).toBe(true);
      expect(one!.page.last).toBe(one!.index === smallPages.length - 1);
      one!.page.release();
    };
    for (const { who, what } of steps) {
      const known = readers.get(who);
      if (what === 'release') {
        if (held.length > 0) release(who);
      } else if (known === undefined) readers.set(who, { reader: body.reader(), at: 0 });
      else if (what === 'close') {
        known.reader.close();
        readers.delete(who);
      } else if (what === 'read' && known.at < smallPages.length) {
        held.push({ page: known.reader.page(known.at), index: known.at });
        known.at++;
      }
    }
    for (const { reader } of readers.values()) reader.close();
    while (held.length > 0) release(0);
    expect(out.size).toBe(0);
  });
  fc.assert(property, { numRuns: 200 });
});

/** Reads and releases pages; says how many it has read. */
function read(reader: PageReader, pages: readonly Buffer[], from = 0, to = pages.length): void {
  for (let index = from; index < to; index++) {
    const { bytes, last, release } = reader.page(index);
    if (!pages[index]!.equals(bytes) || last !== (index === pages.length - 1)) throw new Error(`page ${index} differs`);
    release();
  }
}

it('costs one reader a page, not a body', () => {
  const reader = bodyOf(small, openMetrics).reader();
  for (let index = 0; index < smallPages.length; index++) {
    read(reader, smallPages, index, index + 1);
    expect(out.size).toBe(0);
  }
  reader.close();
});

it('encodes once for those who read along', () => {
  const body = bodyOf(small, openMetrics);
  const readers = [body.reader(), body.reader(), body.reader()];
  const first = readers[0]!.page(0);
  for (const reader of readers.slice(1)) {
    const same = reader.page(0);
    expect(same.bytes.buffer).toBe(first.bytes.buffer);
    same.release();
  }
  first.release();
  expect(out.size).toBe(0);
  for (const reader of readers) reader.close();
});

it('keeps so much and no more for those who lag behind, and lets them read all the same', async () => {
  const big = await snapshotOfPages(180);
  const pages = pagesOf(big);
  expect(pages.length).toBeGreaterThan(170);
  const bodies = Array.from({ length: 6 }, () => {
    const body = bodyOf(big, openMetrics);
    return { fast: body.reader(), slow: body.reader() };
  });
  for (const [i, { fast, slow }] of bodies.entries()) {
    read(slow, pages, 0, 3);
    read(fast, pages);
    fast.close();
    expect(out.size).toBe(Math.min(128 * (i + 1), 512));
  }
  for (const { slow } of bodies) {
    read(slow, pages, 3);
    slow.close();
  }
  expect(out.size).toBe(0);
});

it('lets somebody come late', () => {
  const body = bodyOf(small, openMetrics);
  const first = body.reader();
  read(first, smallPages, 0, 10);
  const second = body.reader();
  read(second, smallPages);
  read(first, smallPages, 10);
  first.close();
  second.close();
  expect(out.size).toBe(0);
});

it('forgets nothing of a page before it is released, though its reader has left', () => {
  const reader = bodyOf(small, openMetrics).reader();
  const page = reader.page(0);
  reader.close();
  const pages: Page[] = [];
  for (const one of encode(small, openMetrics)) pages.push(one);
  expect(smallPages[0]!.equals(page.bytes)).toBe(true);
  page.release();
  for (const one of pages) releasePage(one);
  expect(out.size).toBe(0);
});
