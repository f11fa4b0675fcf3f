import type { FreezeOptions, FrozenFamily } from '../../collect/store/frozen.ts';

/** The rows that one thread or process has of a family. */
export interface Part {
  /** Its `ids` are another array when it has other series. */
  readonly frozen: FrozenFamily;
  /** Stands for it: the same object at every merge. */
  readonly key: object;
}

/** Threads or processes that count in the same families. */
export interface Others {
  /** For each of them one part per family, in the order of their declaration; `undefined` where it has none. */
  parts(options?: FreezeOptions): readonly (readonly (Part | undefined)[])[];
  /** Whether each of them serves the sums of all, so that all must serve the same numbers. */
  readonly areServedByEach?: boolean;
  /** Reads what has to be waited for. Never throws. */
  readonly refresh?: (() => Promise<void>) | undefined;
}

/** Which row of a merged family each series of its parts has; holds as long as the parts have the same series. */
export interface Layout extends Pick<FrozenFamily, 'ids' | 'starts' | 'labelsOf'> {
  readonly parts: readonly (Pick<Part, 'key'> & Pick<FrozenFamily, 'ids'>)[];
  /** For each part and row. */
  readonly places: readonly Int32Array[];
}

/** Where a part's rows were put when it was last merged, so that labels are only compared for new ones. */
export class Places {
  /** Ids of the part's rows. */
  ids: Uint32Array = new Uint32Array(0);
  /** Rows that they were merged into, and the ids of those then. */
  rows: Int32Array = new Int32Array(0);
  rowIds: Uint32Array = new Uint32Array(0);

  reach(count: number): void {
    if (count <= this.ids.length) return;
    const length = Math.max(count, Math.min(2 * this.ids.length, count + 4096));
    const { ids, rows, rowIds } = this;
    this.ids = new Uint32Array(length);
    this.rows = new Int32Array(length);
    this.rowIds = new Uint32Array(length);
    this.ids.set(ids);
    this.rows.set(rows);
    this.rowIds.set(rowIds);
  }
}
