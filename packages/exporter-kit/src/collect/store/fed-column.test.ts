import { describe, expect, it } from 'vitest';
import { gauge } from '../../metric/declare.ts';
import { countDrops } from './drops.ts';
import { FedColumn } from './fed-column.ts';
import type { SnapshotColumn } from './snapshot-column.ts';

const metric = gauge({ name: 'jobs', help: 'Jobs.', labels: ['queue'] });

/** Label values of the rows, and the heads that go with them. */
const rowsOf = ({ rows, gens, gen, labelKeys, bytes, ends }: SnapshotColumn): unknown[] =>
  Array.from({ length: rows }, (_, row) => [
    gens[row] === gen,
    labelKeys()[row],
    new TextDecoder().decode(bytes.subarray(row === 0 ? 0 : ends[row - 1], ends[row])),
  ]);

describe('FedColumn', () => {
  it('reads label values from the feed: of series that are exposed, and of hidden ones, which may come back', () => {
    const column = new FedColumn(metric, {}, countDrops(false));
    const frozen = (ids: readonly number[], queues: readonly string[]): SnapshotColumn =>
      column.snapshot({
        metric,
        ids: Uint32Array.from(ids),
        vals: new Float64Array(ids.length),
        cells: 1,
        labelsOf: (row) => [queues[row]!],
      });
    const first = frozen([1, 2], ['mail', 'sms']);
    const second = frozen([0, 3], ['mail', 'push']);
    const third = frozen([1, 3], ['mail', 'push']);
    const [mail, sms, push] = ['mail', 'sms', 'push'].map((queue) => [queue, `jobs{queue="${queue}"} `]);
    // Read after the others were made, as by a slow scraper.
    expect(rowsOf(first)).toEqual([
      [true, ...mail!],
      [true, ...sms!],
    ]);
    expect(rowsOf(second)).toEqual([
      [false, ...mail!],
      [false, '', sms![1]],
      [true, ...push!],
    ]);
    expect(rowsOf(third)).toEqual([
      [true, ...mail!],
      [false, '', sms![1]],
      [true, ...push!],
    ]);
  });
});
