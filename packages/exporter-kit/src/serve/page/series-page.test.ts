import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countDrops } from '../../collect/store/drops.ts';
import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import { Store } from '../../collect/store/store.ts';
import type { GaugeWriter } from '../../collect/writers.ts';
import { gauge } from '../../metric/declare.ts';
import { labelsOf, numberOf } from './series.ts';
import { findSeries, PER_PAGE, type SeriesPage } from './series-page.ts';

const metrics = { size: gauge({ name: 'test_size', help: 'Size.', labels: ['disk'] }) };
const never = new AbortController().signal;
const MOST = 1000;

/** A family of one collector, with a series for each number: `disk-0`, `disk-1` … */
function column(sizes: readonly number[]): SnapshotColumn {
  const store = new Store({ title: 'test', metrics }, countDrops(true));
  const { size } = store.begin() as { size: GaugeWriter<[{ disk: string }, number]> };
  for (const [i, one] of sizes.entries()) size.set({ disk: `disk-${i}` }, one);
  return store.snapshot().columns[0]!;
}

const shown = ({ series }: SeriesPage): [disk: string, value: number][] =>
  series.map((one) => [labelsOf(one)[0]![1], numberOf(one.column, one.row)]);

describe('a page of series', () => {
  it('has fifty in the order of the exposition, from all collectors of the family', async () => {
    const columns = new Set([column(Array.from({ length: 70 }, (_, i) => i)), column([7, 8])]);
    const page = await findSeries(columns, { filter: '', page: 2, byValue: false }, never);
    expect(page).toMatchObject({ count: 72, all: 72, isCut: false, reachable: 72 });
    expect(shown(page)).toEqual([
      ...Array.from({ length: 20 }, (_, i) => [`disk-${i + PER_PAGE}`, i + PER_PAGE]),
      ['disk-0', 7],
      ['disk-1', 8],
    ]);
  });

  it('has those with a text in a label, whatever its case', async () => {
    const columns = new Set([column([1, 2, 3])]);
    const page = await findSeries(columns, { filter: 'DISK-1', page: 1, byValue: false }, never);
    expect(page).toMatchObject({ count: 1, all: 3 });
    expect(shown(page)).toEqual([['disk-1', 2]]);
  });

  it('beyond the last is empty', async () => {
    const page = await findSeries(new Set([column([1])]), { filter: '', page: 9, byValue: true }, never);
    expect(page).toMatchObject({ series: [], count: 1, reachable: 1 });
  });

  it('by value has the highest first, a NaN last, and ends after a thousand', async () => {
    const numbers = fc.array(fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(numbers, fc.integer({ min: 1, max: 7 }), async (values, page) => {
        const found = await findSeries(new Set([column(values)]), { filter: '', page, byValue: true }, never);
        const rank = (value: number): number => (Number.isNaN(value) ? -Infinity : value);
        const sorted = values.map(rank).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
        expect(shown(found).map(([, value]) => rank(value))).toEqual(
          sorted.slice((page - 1) * PER_PAGE, page * PER_PAGE),
        );
      }),
    );
    const many = column(Array.from({ length: 3000 }, (_, i) => (i * 7) % 3000));
    const last = { filter: '', page: MOST / PER_PAGE, byValue: true };
    const page = await findSeries(new Set([many]), last, never);
    expect(page).toMatchObject({ count: 3000, isCut: true, reachable: MOST });
    expect(shown(page).at(-1)![1]).toBe(2000);
    expect((await findSeries(new Set([many]), { ...last, page: last.page + 1 }, never)).series).toEqual([]);
  });
});

it('does not go on for somebody who has left', async () => {
  const gone = AbortSignal.abort(new Error('left'));
  await expect(findSeries(new Set([column([1])]), { filter: '', page: 1, byValue: false }, gone)).rejects.toThrow(
    'left',
  );
});
