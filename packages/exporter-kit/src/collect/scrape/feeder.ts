import { setImmediate } from 'node:timers/promises';
import type { Collector } from '../collector.ts';
import { countDropped, type DropReason, type Drops, drop } from '../store/drops.ts';
import { FedColumn } from '../store/fed-column.ts';
import type { Frozen, FrozenFamily } from '../store/frozen.ts';
import { type SnapshotColumn, withoutSeriesOf } from '../store/snapshot-column.ts';
import { asWritten } from '../store/store.ts';

/** Reads the feed of one collector for one exporter. */
export interface Feeder {
  /** Reads the numbers for {@link columns}, which is to be called next; `false` if there are too many new series for one turn. */
  isReady(natives: boolean): boolean;
  /** Reads them, however many new series there are: these do not block the event loop. */
  prepare(natives: boolean): Promise<void>;
  /**
   * The feed's columns as they are now, in place of a run's with the same series. Refused calls are counted as the collector's
   * drops.
   *
   * @param natives whether native histograms are asked for.
   * @throws TypeError for the first refused call since the last run, if drops are strict.
   */
  columns(written: readonly SnapshotColumn[], natives: boolean): readonly SnapshotColumn[];
}

// So few new series take no time.
const MANY = 200;
const TURN_MS = 2;
// Of all collectors, as all run at once: one of them at a time places many series.
let placing: Promise<void> | undefined;

/** `undefined` for a collector without a feed, or with one of a version that is not known here. */
export function feeder(collector: Collector, drops: Drops): Feeder | undefined {
  const { feed, constLabels } = collector;
  if (feed?.version !== 1) return undefined;
  const columns = new Map<string, FedColumn>();
  const counted = new Map<DropReason, number>();

  function columnOf({ metric }: FrozenFamily): FedColumn {
    const known = columns.get(metric.name);
    const column = known ?? new FedColumn(asWritten(collector, metric), constLabels, drops);
    if (known === undefined) columns.set(metric.name, column);
    return column;
  }

  let prepared: { readonly frozen: Frozen; readonly natives: boolean } | undefined;

  function read(natives: boolean): Frozen {
    const frozen = feed!.freeze({ natives });
    prepared = { frozen, natives };
    return frozen;
  }

  function hasMany({ families }: Frozen): boolean {
    let fresh = 0;
    for (const family of families) fresh += columnOf(family).fresh(family);
    return fresh > MANY;
  }

  return {
    isReady: (natives) => !hasMany(read(natives)),
    async prepare(natives) {
      while (placing !== undefined) await placing.then(() => setImmediate());
      const frozen = read(natives);
      if (!hasMany(frozen)) return;
      placing = place(frozen).finally(() => {
        placing = undefined;
      });
      await placing;
      read(natives);
    },
    columns(written, natives) {
      const known = prepared;
      prepared = undefined;
      const frozen = known === undefined || (natives && !known.natives) ? feed.freeze({ natives }) : known.frozen;
      const refused = drops.strict ? frozen.takeRefused() : undefined;
      if (refused !== undefined) throw new TypeError(refused);
      for (const [reason, count] of frozen.drops.counts) {
        const more = count - (counted.get(reason) ?? 0);
        counted.set(reason, count);
        if (more > 0) countDropped(drops, reason, more, () => frozen.drops.first.get(reason)!);
      }
      const fed = frozen.families.map((family) => columnOf(family).snapshot(family)).filter(({ live }) => live > 0);
      return [...fed, ...written.map((column) => withoutFed(column, fed))].filter(({ live }) => live > 0);
    },
  };

  async function place({ families }: Frozen): Promise<void> {
    let until = 0;
    for (const family of families) {
      const placed = columnOf(family).place(family);
      for (;;) {
        if (performance.now() > until) {
          await setImmediate();
          until = performance.now() + TURN_MS;
        }
        if (placed.next().done === true) break;
      }
    }
    await setImmediate();
  }

  /** What `collect` wrote, without series that the feed has too. */
  function withoutFed(column: SnapshotColumn, fed: readonly SnapshotColumn[]): SnapshotColumn {
    const same = fed.filter(({ metric }) => metric.name === column.metric.name);
    if (same.length === 0) return column;
    const own = withoutSeriesOf(same, column);
    for (let more = own.live; more < column.live; more++) {
      drop(drops, 'duplicate', () => `${column.metric.name}: collect writes a series that is counted as well.`);
    }
    return own;
  }
}
