import type { Exemplar } from '../../collect/store/exemplar.ts';
import type { FrozenFamily } from '../../collect/store/frozen.ts';
import type { Metric } from '../../metric/metric.ts';
import { NATIVE } from '../../metric/native.ts';
import { CHUNK_ROWS } from '../cells.ts';
import type { LiveFamily } from '../family.ts';
import { mergedNatives } from '../native/merged.ts';
import { REFUSED, Rows } from '../rows/rows.ts';
import { finiteSum, ROUNDING } from '../values.ts';
import { HiddenSeries, type Hiding } from './hidden-series.ts';
import { type Layout, type Part, Places } from './part.ts';

// Above the ids of any family's own rows, which an exporter may have seen before the family was shared.
const IDS_FROM = 2 ** 31;

/** One family's series of several threads and processes: rows with equal labels become one. */
export class MergedFamily {
  readonly #family: LiveFamily;
  readonly #rows: Rows;
  readonly #places: WeakMap<object, Places> = new WeakMap();
  readonly #hidden: HiddenSeries | undefined;
  readonly #counts: boolean;
  #layout: Layout | undefined;
  // Of the merge before.
  #lastIds: Uint32Array = new Uint32Array(0);
  #lastVals: Float64Array = new Float64Array(0);
  // When each row's series began; 0 until it is merged for the first time.
  #starts: Float64Array = new Float64Array(8);
  #mergedAt: number = Date.now();
  // Changes when rows are freed, so that series which found no place are tried again.
  #freed = 0;

  constructor(family: LiveFamily) {
    const { metric, refused, maxSeries } = family;
    const counts = metric.kind === 'counter' || metric.kind === 'histogram';
    this.#counts = counts;
    this.#family = family;
    this.#hidden = family.idleAfterMs === Infinity ? undefined : new HiddenSeries(family);
    this.#rows = new Rows({
      metric,
      refused,
      maxSeries,
      folds: counts,
      idsFrom: IDS_FROM,
      began: (row) => this.#begin(row),
    });
  }

  /**
   * @param parts the first one is what is counted here.
   * @param hiding if series that are idle are to be hidden.
   */
  merge(parts: readonly Part[], hiding?: Hiding): FrozenFamily {
    const layout = this.#layoutOf(parts);
    const merged = this.#merge(parts, layout);
    if (hiding === undefined || this.#hidden === undefined) return merged;
    const seen = this.#hidden.read(merged, hiding);
    if (hiding.restarts) this.#endHidden(layout.places);
    return seen;
  }

  /** Ends hidden series that are counted only here: if they come back, they begin at 0 in any case. */
  #endHidden([own, ...others]: readonly Int32Array[]): void {
    const hidden = [...own!.keys()].filter((row) => own![row] !== REFUSED && this.#hidden!.isHidden(own![row]!));
    if (hidden.length === 0) return;
    const elsewhere = new Uint8Array(this.#rows.count);
    for (const places of others) for (const place of places) if (place !== REFUSED) elsewhere[place] = 1;
    const ended = hidden.filter((row) => elsewhere[own![row]!] === 0);
    for (const row of ended) this.#begin(own![row]!);
    this.#family.end(ended);
  }

  #merge(parts: readonly Part[], { ids, starts, places, labelsOf }: Layout): FrozenFamily {
    const { metric, cells } = this.#family;
    const vals = this.#combine(parts, places, ids.length);
    if (this.#counts) this.#keepFromFalling(ids, vals);
    this.#mergedAt = Date.now();
    return {
      metric,
      ids,
      vals,
      cells: cells.perRow,
      starts,
      exemplars: exemplarsOf(parts, places, ids.length, cells.perRow),
      idle: this.#counts ? undefined : idleIn(parts, places, ids.length),
      ...nativesOf(metric, parts, places),
      labelsOf,
    };
  }

  /** The same one while the parts have the same series, as at most scrapes. */
  #layoutOf(parts: readonly Part[]): Layout {
    const known = this.#layout;
    if (known !== undefined && isOf(known, parts)) return known;
    const rows = this.#rows;
    const freed = this.#freed;
    const places = parts.map((part) => this.place(part));
    const began = new Float64Array(rows.count).fill(this.#mergedAt);
    const seen = new Uint8Array(rows.count);
    parts.forEach(({ frozen: { starts } }, i) => {
      const to = places[i]!;
      for (let row = 0; row < to.length; row++) {
        const place = to[row]!;
        if (place === REFUSED) continue;
        seen[place] = 1;
        began[place] = Math.min(began[place]!, starts?.[row] ?? Infinity);
      }
    });
    this.#freeUnseen(seen);
    const layout = {
      parts: parts.map(({ key, frozen: { ids } }) => ({ key, ids })),
      places,
      ids: rows.ids.slice(0, rows.count),
      starts: this.#counts ? this.#keepStarts(began) : undefined,
      labelsOf: rows.frozenTexts(),
    };
    // Series that were refused may have a row that has just been freed.
    this.#layout = freed === this.#freed ? layout : undefined;
    return layout;
  }

  #combine(parts: readonly Part[], places: readonly Int32Array[], rows: number): Float64Array {
    const { metric, cells } = this.#family;
    const { perRow } = cells;
    const combine = combinations[metric.kind === 'gauge' ? (metric.across ?? 'sum') : (kinds[metric.kind] ?? 'sum')];
    const vals = new Float64Array(rows * perRow);
    const seen = new Uint8Array(rows);
    for (let part = 0; part < parts.length; part++) {
      const theirs = parts[part]!.frozen.vals;
      const to = places[part]!;
      for (let row = 0; row < to.length; row++) {
        const place = to[row]!;
        if (place === REFUSED) continue;
        const isFirst = seen[place] === 0;
        seen[place] = 1;
        for (let cell = 0; cell < perRow; cell++) {
          const value = theirs[row * perRow + cell]!;
          const at = place * perRow + cell;
          vals[at] = isFirst ? value : combine(vals[at]!, value);
        }
      }
    }
    return vals;
  }

  #begin(row: number): void {
    if (row >= this.#starts.length) {
      const longer = new Float64Array(2 * row);
      longer.set(this.#starts);
      this.#starts = longer;
    }
    this.#starts[row] = 0;
    this.#hidden?.forget(row);
  }

  /**
   * When each series began: as one of its parts says, or after the merge before, which did not have it. It stays so, whatever
   * parts come and go: to a reader, a later start is a reset.
   */
  #keepStarts(found: Float64Array): Float64Array {
    for (let row = 0; row < found.length; row++) if (this.#starts[row] === 0) this.#starts[row] = found[row]!;
    return this.#starts.slice(0, found.length);
  }

  /** For each row of a part the row here with the same labels; REFUSED if there is none. */
  place({ frozen, key }: Part): Int32Array {
    const { ids } = frozen;
    const places = this.#placesOf(key, ids.length);
    const found = new Int32Array(ids.length).fill(REFUSED);
    for (let row = 0; row < ids.length; row++) if (ids[row] !== 0) found[row] = this.#placeRow(frozen, row, places);
    return found;
  }

  /** Places the rows of a part ahead of the next reading; stops after some, to be continued when other work was done. */
  *placing({ frozen, key }: Part): Generator<void, void, void> {
    const places = this.#placesOf(key, frozen.ids.length);
    for (let row = 0; row < frozen.ids.length; row++) {
      if (frozen.ids[row] !== 0) this.#placeRow(frozen, row, places);
      if (row % CHUNK_ROWS === CHUNK_ROWS - 1) yield;
    }
  }

  #placesOf(key: object, count: number): Places {
    const places = this.#places.get(key) ?? new Places();
    this.#places.set(key, places);
    places.reach(count);
    return places;
  }

  #placeRow({ ids, labelsOf }: FrozenFamily, row: number, places: Places): number {
    const id = ids[row]!;
    const known = places.rows[row]!;
    const isPlaced =
      known === REFUSED ? places.rowIds[row] === this.#freed : places.rowIds[row] === this.#rows.ids[known];
    if (places.ids[row] === id && isPlaced) return known;
    const place = this.#rows.take(labelsOf(row));
    places.ids[row] = id;
    places.rows[row] = place;
    places.rowIds[row] = place === REFUSED ? this.#freed : this.#rows.ids[place]!;
    return place;
  }

  /**
   * Added up in another order, as when a process has ended, fractions may give a sum that is less in its last digits. To a reader
   * that would be a reset.
   */
  #keepFromFalling(ids: Uint32Array, vals: Float64Array): void {
    const [lastIds, lastVals, perRow] = [this.#lastIds, this.#lastVals, this.#family.cells.perRow];
    for (let row = 0; row < lastIds.length; row++) {
      if (ids[row] !== lastIds[row]) continue;
      for (let at = row * perRow; at < (row + 1) * perRow; at++) {
        const last = lastVals[at]!;
        if (vals[at]! < last && last - vals[at]! <= ROUNDING * Math.abs(last)) vals[at] = last;
      }
    }
    this.#lastIds = ids;
    this.#lastVals = vals;
  }

  #freeUnseen(seen: Uint8Array): void {
    const unseen: number[] = [];
    for (let row = 0; row < seen.length; row++) if (seen[row] === 0 && this.#rows.ids[row] !== 0) unseen.push(row);
    if (unseen.length > 0) this.#freed++;
    this.#rows.free(unseen);
  }
}

/** Whether a layout was made of these parts, with the series that they have now. */
function isOf(layout: Layout, parts: readonly Part[]): boolean {
  if (layout.parts.length !== parts.length) return false;
  return layout.parts.every(({ key, ids }, i) => parts[i]!.key === key && parts[i]!.frozen.ids === ids);
}

// An info is 1 everywhere; of a stateset, the first part's state is shown, which is this thread's own if it has one.
const kinds: { readonly [kind: string]: 'first' } = { info: 'first', stateset: 'first' };

const combinations = {
  sum: (a: number, b: number): number => finiteSum(a, b),
  min: (a: number, b: number): number => Math.min(a, b),
  max: (a: number, b: number): number => Math.max(a, b),
  first: (a: number): number => a,
};

/** 1 for rows that are idle in each part. */
function idleIn(parts: readonly Part[], placed: readonly Int32Array[], rows: number): Uint8Array {
  const idle = new Uint8Array(rows).fill(1);
  parts.forEach(({ frozen }, i) => {
    for (let row = 0; row < frozen.ids.length; row++) {
      const place = placed[i]![row]!;
      if (place !== REFUSED && frozen.idle?.[row] !== 1) idle[place] = 0;
    }
  });
  return idle;
}

/** The newest exemplar of each number. */
function exemplarsOf(
  parts: readonly Part[],
  placed: readonly Int32Array[],
  rows: number,
  perRow: number,
): (Exemplar | undefined)[] | undefined {
  if (parts.every(({ frozen }) => frozen.exemplars === undefined)) return undefined;
  const merged = new Array<Exemplar | undefined>(rows * perRow).fill(undefined);
  parts.forEach(({ frozen: { exemplars } }, i) => {
    exemplars?.forEach((exemplar, from) => {
      const row = Math.floor(from / perRow);
      const place = placed[i]![row]!;
      if (exemplar === undefined || place === REFUSED) return;
      const to = place * perRow + (from % perRow);
      if (exemplar.timestampMs >= (merged[to]?.timestampMs ?? -Infinity)) merged[to] = exemplar;
    });
  });
  return merged;
}

/** The sums of native histograms; none if a part has none. Added up only for rows that are asked for. */
function nativesOf(
  { native = NATIVE }: Metric,
  parts: readonly Part[],
  placed: readonly Int32Array[],
): Pick<FrozenFamily, 'nativeOf'> {
  if (native === false || !parts.every(({ frozen }) => frozen.nativeOf !== undefined)) return {};
  const sources = new Map<number, [part: number, row: number][]>();
  parts.forEach(({ frozen: { ids } }, part) => {
    for (let row = 0; row < ids.length; row++) {
      const place = placed[part]![row]!;
      if (place === REFUSED) continue;
      const known = sources.get(place);
      if (known === undefined) sources.set(place, [[part, row]]);
      else known.push([part, row]);
    }
  });
  return {
    nativeOf(place) {
      const all = sources.get(place)!.map(([part, row]) => parts[part]!.frozen.nativeOf!(row));
      return mergedNatives(all, native);
    },
  };
}
