import { expect, it } from 'vitest';
import { type Collector, collector } from '../../collect/collector.ts';
import { countDrops } from '../../collect/store/drops.ts';
import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import { Store } from '../../collect/store/store.ts';
import type { GaugeWriter } from '../../collect/writers.ts';
import { gauge } from '../../metric/declare.ts';
import { familyRecords } from './family-records.ts';

const metrics = { size: gauge({ name: 'test_size', help: 'Size.', labels: ['disk'] }) };

/** A collector of one target, and what its runs write. */
function target(): { origin: Collector; run: (...sizes: number[]) => readonly SnapshotColumn[] } {
  const origin = collector({ name: 'size', metrics, collect() {} });
  const store = new Store({ title: 'test', metrics }, countDrops(true));
  return {
    origin,
    run(...sizes) {
      const { size } = store.begin() as { size: GaugeWriter<[{ disk: string }, number]> };
      for (const [i, one] of sizes.entries()) size.set({ disk: `disk-${i}` }, one);
      return store.snapshot().columns;
    },
  };
}

it('adds up what the targets have now, whatever they had before', () => {
  const records = familyRecords();
  const [a, b, c] = [target(), target(), target()];
  const sum = (): number => records.get('test_size')!.total.points().values.at(-1)!;
  records.replace(a.origin, a.run(1, 2), 0);
  records.replace(b.origin, b.run(1e300), 0);
  expect(sum()).toBe(1e300);
  records.replace(c.origin, c.run(Number.NaN, 0.1), 0);
  records.replace(b.origin, b.run(4), 0);
  // A number that all others were lost in is forgotten with it, once each target has been scraped again.
  for (const one of [a, b, c, a, b, c]) records.replace(one.origin, one.run(0.25, 1), 0);
  expect(sum()).toBe(3.75);
  expect(records.get('test_size')).toMatchObject({ live: 6, columns: { size: 3 } });
  records.remove(b.origin);
  expect(records.get('test_size')).toMatchObject({ live: 4, columns: { size: 2 } });
});

it('charts 5000 series, and of more of them those that were there first', () => {
  const records = familyRecords();
  const targets = Array.from({ length: 2600 }, target);
  for (const one of targets) records.replace(one.origin, one.run(1, 2), 0);
  const charted = targets.filter(({ origin, run }) => {
    const [column] = run(3, 4) as [SnapshotColumn];
    records.replace(origin, [column], 2000);
    return records.ringOf({ column, row: 1 }) !== undefined;
  });
  expect(charted).toHaveLength(2500);
  expect(records.get('test_size')!.total.points().values).toEqual([2600 * 3, 2600 * 7]);
});
