import type { NativeCounts, NativeSide } from '../../collect/store/frozen.ts';
import { NO_BUCKETS } from '../../collect/store/native/buckets.ts';
import { MIN_SCHEMA, type NativeShape } from '../../metric/native.ts';
import { nativeIndex, prepareNativeIndex } from './bucket-index.ts';
import { freezeNatives, HALVINGS, readNative, WIDE, wideOf, zeroThresholdOf } from './frozen.ts';
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

/**
 * Called when a value needs one bucket more than there may be. Returns whether the row was started over, and has counted the value;
 * if not, the row's zero bucket is widened, or its resolution halved.
 */
export type OnFull = (row: number, value: number) => boolean;

/** The native histograms of a family's rows. Takes no memory before the first value. */
export class NativeCells {
  readonly shape: NativeShape;
  readonly #parts: NativeParts = { positive: [], negative: [], zeros: [], pages: [] };
  readonly #positive = this.#parts.positive;
  readonly #sides = new NativeSides(new NativeWindows(this.#parts.pages, (i) => this.#make('pages', i)));
  #memory: NativeMemory = ownMemory;
  // Larger values are not within any row's zero bucket.
  readonly #widest: number;
  readonly #onFull: OnFull;

  constructor(shape: NativeShape, onFull: OnFull = () => false) {
    this.shape = shape;
    this.#onFull = onFull;
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
    const records = this.#recordsOf(value > 0 ? 'positive' : 'negative', row);
    const slot = this.#sides.slotOf(records, at, index);
    if (slot < 0 || this.#sides.isEmpty(records, at, slot)) {
      const isFull = this.#filled(row) >= this.shape.maxBuckets;
      if (isFull && this.#onFull(row, value)) return;
      if (isFull || slot < 0) {
        const [positive, negative] = value > 0 ? [[index, 1], NO_BUCKETS] : [NO_BUCKETS, [index, 1]];
        this.add(row, { schema, zeroThreshold, zeroCount: 0, positive, negative });
        return;
      }
    }
    this.#sides.addAt(records, at, slot, 1);
  }

  /** How many of a row's buckets have counts. */
  #filled(row: number): number {
    const at = (row & 63) * RECORD;
    const { positive, negative } = this.#parts;
    return this.#sides.filled(positive[row >> 6], at) + this.#sides.filled(negative[row >> 6], at);
  }

  /** Whether the limit of buckets has cost a row some of its resolution, or is exceeded since it has none left. */
  isLimited(row: number): boolean {
    const at = (row & 63) * RECORD;
    const halvings = this.#parts.positive[row >> 6]?.[at + HALVINGS] ?? 0;
    const wide = this.#parts.negative[row >> 6]?.[at + WIDE] ?? 0;
    return (
      halvings > 0 || wide !== 0 || (this.shape.schema === MIN_SCHEMA && this.#filled(row) > this.shape.maxBuckets)
    );
  }

  /** Adds what was counted elsewhere, with the same shape. */
  add(row: number, counts: NativeCounts): void {
    const { schema, zeroThreshold } = this.shape;
    const sum = mergedNatives([readNative(this.shape, this.#parts, row), counts], this.shape);
    const isWide = sum.zeroThreshold > zeroThreshold;
    const at = (row & 63) * RECORD;
    const records = this.#recordsOf('positive', row);
    this.#memory.change(() => {
      records[at + HALVINGS] = schema - sum.schema;
      this.#sides.write(records, at, sum.positive);
      if (isWide || sum.negative.length > 0) {
        const below = this.#recordsOf('negative', row);
        this.#sides.write(below, at, sum.negative);
        if (isWide) below[at + WIDE] = wideOf(sum.zeroThreshold);
      }
      if (sum.zeroCount > 0) this.#zerosOf(row)[row & 63] = sum.zeroCount;
    });
  }

  /** Adds an increase of what was counted elsewhere: mostly of buckets that are known here. */
  addIncrease(row: number, more: NativeCounts): void {
    const { schema, zeroThreshold, zeroCount } = more;
    const at = (row & 63) * RECORD;
    const isAlike =
      schema === this.shape.schema - this.#recordsOf('positive', row)[at + HALVINGS]! &&
      zeroThreshold === this.#thresholdOf(row);
    if (!isAlike || !this.#areKnown(row, more)) {
      this.add(row, more);
      return;
    }
    if (zeroCount > 0) this.#zerosOf(row)[row & 63]! += zeroCount;
    this.#addKnown('positive', row, more.positive);
    this.#addKnown('negative', row, more.negative);
  }

  #areKnown(row: number, { positive, negative }: NativeCounts): boolean {
    const at = (row & 63) * RECORD;
    const areOn = (records: Int32Array | undefined, side: NativeSide): boolean => {
      for (let i = 0; i < side.length; i += 2) {
        const slot = records === undefined ? -1 : this.#sides.slotOf(records, at, side[i]!);
        if (slot < 0 || this.#sides.isEmpty(records!, at, slot)) return false;
      }
      return true;
    };
    return areOn(this.#parts.positive[row >> 6], positive) && areOn(this.#parts.negative[row >> 6], negative);
  }

  #addKnown(part: 'positive' | 'negative', row: number, side: NativeSide): void {
    if (side.length === 0) return;
    const records = this.#recordsOf(part, row);
    const at = (row & 63) * RECORD;
    for (let i = 0; i < side.length; i += 2)
      this.#sides.addAt(records, at, this.#sides.slotOf(records, at, side[i]!), side[i + 1]!);
  }

  #thresholdOf(row: number): number {
    return zeroThresholdOf(this.shape, this.#parts.negative[row >> 6], (row & 63) * RECORD);
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
