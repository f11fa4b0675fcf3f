import type { NativeCounts } from '../../collect/store/frozen.ts';
import { NO_BUCKETS, sideOfPairs } from '../../collect/store/native-buckets.ts';
import type { NativeShape } from '../../metric/native.ts';
import { nativeIndex, prepareNativeIndex } from './bucket-index.ts';
import { freezeNatives, HALVINGS, readNative, WIDE, wideOf, zeroThresholdOf } from './frozen.ts';
import type { NativeIncrease } from './increase.ts';
import {
  addNativePart,
  NATIVE_PARTS,
  type NativeMemory,
  type NativePart,
  type NativeParts,
  ownMemory,
} from './memory.ts';
import { mergedNatives } from './merged.ts';
import { NativeSides, RECORD } from './sides.ts';
import { NativeWindows } from './windows.ts';

/** The native histograms of a family's rows. Takes no memory before the first value. */
export class NativeCells {
  readonly shape: NativeShape;
  readonly #parts: NativeParts = { positive: [], negative: [], zeros: [], pages: [] };
  readonly #positive = this.#parts.positive;
  readonly #sides = new NativeSides(new NativeWindows(this.#parts.pages, (i) => this.#make('pages', i)));
  #memory: NativeMemory = ownMemory;
  // Larger values are not within any row's zero bucket.
  readonly #widest: number;

  constructor(shape: NativeShape) {
    this.shape = shape;
    this.#widest = Math.max(shape.zeroThreshold, shape.maxZeroThreshold);
  }

  /** Counts a finite value. */
  count(row: number, value: number): void {
    const records = this.#positive[row >> 6];
    if (records !== undefined && value > this.#widest) {
      const at = (row & 63) * RECORD;
      if (this.#sides.add(records, at, nativeIndex(value, this.shape.schema - records[at + HALVINGS]!))) return;
    }
    this.#countSlowly(row, value);
  }

  #countSlowly(row: number, value: number): void {
    const zeroThreshold = this.#thresholdOf(row);
    const distance = Math.abs(value);
    if (distance <= zeroThreshold) {
      this.#zerosOf(row)[row & 63]!++;
      return;
    }
    const at = (row & 63) * RECORD;
    const schema = this.shape.schema - this.#recordsOf('positive', row)[at + HALVINGS]!;
    const index = nativeIndex(distance, schema);
    if (this.#sides.add(this.#recordsOf(value > 0 ? 'positive' : 'negative', row), at, index)) return;
    // Outside the window, which becomes wider, or coarser.
    const one = { first: index, counts: [1] };
    const [positive, negative] = value > 0 ? [one, NO_BUCKETS] : [NO_BUCKETS, one];
    this.add(row, { schema, zeroThreshold, zeroCount: 0, positive, negative });
  }

  /** Adds what was counted elsewhere, with the same shape. */
  add(row: number, counts: NativeCounts): void {
    const { schema, maxBuckets, zeroThreshold } = this.shape;
    const sum = mergedNatives([readNative(this.shape, this.#parts, row), counts], this.shape);
    const isWide = sum.zeroThreshold > zeroThreshold;
    const at = (row & 63) * RECORD;
    const records = this.#recordsOf('positive', row);
    this.#memory.change(() => {
      records[at + HALVINGS] = schema - sum.schema;
      this.#sides.write(records, at, sum.positive, maxBuckets);
      if (isWide || sum.negative.counts.length > 0) {
        const below = this.#recordsOf('negative', row);
        this.#sides.write(below, at, sum.negative, maxBuckets);
        if (isWide) below[at + WIDE] = wideOf(sum.zeroThreshold);
      }
      if (sum.zeroCount > 0) this.#zerosOf(row)[row & 63] = sum.zeroCount;
    });
  }

  /** Adds an increase of what was counted elsewhere. */
  addIncrease(row: number, { schema, zeroThreshold, zeroCount, positive, negative }: NativeIncrease): void {
    this.#widen(row, schema, zeroThreshold);
    if (zeroCount > 0) this.#zerosOf(row)[row & 63]! += zeroCount;
    this.#addPairs(row, schema, 'positive', positive);
    this.#addPairs(row, schema, 'negative', negative);
  }

  #widen(row: number, schema: number, zeroThreshold: number): void {
    if (zeroThreshold <= this.#thresholdOf(row)) return;
    this.add(row, { schema, zeroThreshold, zeroCount: 0, positive: NO_BUCKETS, negative: NO_BUCKETS });
  }

  #thresholdOf(row: number): number {
    return zeroThresholdOf(this.shape, this.#parts.negative[row >> 6], (row & 63) * RECORD);
  }

  #addPairs(row: number, schema: number, side: 'positive' | 'negative', pairs: readonly number[]): void {
    if (pairs.length === 0) return;
    const at = (row & 63) * RECORD;
    let added = 0;
    if (schema === this.shape.schema - this.#recordsOf('positive', row)[at + HALVINGS]!) {
      const records = this.#recordsOf(side, row);
      while (added < pairs.length && this.#sides.addMany(records, at, pairs[added]!, pairs[added + 1]!)) added += 2;
    }
    if (added === pairs.length) return;
    const rest = sideOfPairs(pairs.slice(added));
    const none = { zeroThreshold: this.#thresholdOf(row), zeroCount: 0, positive: NO_BUCKETS, negative: NO_BUCKETS };
    this.add(row, { ...none, schema, [side]: rest });
  }

  /** Forgets a row's counts, also how often its resolution was halved. */
  clear(row: number): void {
    const { positive, negative, zeros } = this.#parts;
    const at = (row & 63) * RECORD;
    this.#memory.change(() => {
      zeros[row >> 6]?.fill(0, row & 63, (row & 63) + 1);
      for (const records of [positive[row >> 6], negative[row >> 6]]) {
        if (records === undefined) continue;
        this.#sides.clear(records, at);
        records.fill(0, at, at + RECORD);
      }
    });
  }

  /** The counts of each row as they are now. */
  freeze(): (row: number) => NativeCounts {
    return freezeNatives(this.shape, this.#parts);
  }

  /** Moves all counts to other memory, and keeps them there from now on. */
  move(memory: NativeMemory): void {
    this.#memory = memory;
    memory.change(() => {
      for (const part of NATIVE_PARTS) {
        for (const [i, before] of this.#parts[part].entries())
          if (before !== undefined) this.#make(part, i).set(before);
      }
    });
  }

  #recordsOf(side: 'positive' | 'negative', row: number): Int32Array {
    return this.#parts[side][row >> 6] ?? this.#make(side, row >> 6);
  }

  #zerosOf(row: number): Float64Array {
    return this.#parts.zeros[row >> 6] ?? this.#make('zeros', row >> 6);
  }

  #make<P extends NativePart>(part: P, i: number): NonNullable<NativeParts[P][number]> {
    prepareNativeIndex();
    return addNativePart(this.#parts, part, i, this.#memory.make(part, i));
  }
}
