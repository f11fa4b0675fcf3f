import type { NativeCounts } from '../collect/store/frozen.ts';
import { coarser, halvingsToFit, summed } from '../collect/store/native-buckets.ts';
import type { NativeShape } from '../metric/native.ts';
import { CHUNK_ROWS } from './cells.ts';
import { nativeIndex, prepareNativeIndex } from './native-index.ts';
import { joined, NativeSides, OWN, RECORD } from './native-sides.ts';

// In a row's record for positive values, beside their window: how often the resolution was halved.
const HALVINGS = OWN;

/** The native histograms of a family's rows. Takes no memory before the first value. */
export class NativeCells {
  readonly #shape: NativeShape;
  // Records of the rows of one chunk of `Cells`, made when the first of them needs one.
  readonly #positive: (Int32Array | undefined)[] = [];
  readonly #negative: (Int32Array | undefined)[] = [];
  // Observations within the zero threshold.
  readonly #zeros: (Float64Array | undefined)[] = [];
  readonly #sides = new NativeSides();

  constructor(shape: NativeShape) {
    this.#shape = shape;
  }

  /** Counts a finite value. */
  count(row: number, value: number): void {
    const { schema, zeroThreshold } = this.#shape;
    const records = this.#positive[row >> 6];
    if (records !== undefined && value > zeroThreshold) {
      const at = (row & 63) * RECORD;
      if (this.#sides.add(records, at, nativeIndex(value, schema - records[at + HALVINGS]!))) return;
    }
    this.#countSlowly(row, value);
  }

  #countSlowly(row: number, value: number): void {
    const distance = Math.abs(value);
    if (distance <= this.#shape.zeroThreshold) {
      this.#zeros[row >> 6] ??= new Float64Array(CHUNK_ROWS);
      this.#zeros[row >> 6]![row & 63]!++;
      return;
    }
    const records = recordsOf(this.#positive, row);
    const at = (row & 63) * RECORD;
    const side = value > 0 ? records : recordsOf(this.#negative, row);
    const index = nativeIndex(distance, this.#shape.schema - records[at + HALVINGS]!);
    if (!this.#sides.add(side, at, index)) this.#widen(row, side, index);
  }

  /** Counts a bucket that is outside the window of `side`: in a wider window, or a coarser resolution. */
  #widen(row: number, side: Int32Array, index: number): void {
    const { schema, maxBuckets } = this.#shape;
    const sides = this.#sides;
    const at = (row & 63) * RECORD;
    const records = this.#positive[row >> 6]!;
    const parts = [sides.read(side, at), { first: index, counts: [1] }];
    const halvings = halvingsToFit(parts, maxBuckets, schema - records[at + HALVINGS]!);
    if (halvings > 0) {
      records[at + HALVINGS]! += halvings;
      const other = side === records ? this.#negative[row >> 6] : records;
      if (other !== undefined) sides.write(other, at, coarser(sides.read(other, at), halvings), maxBuckets);
    }
    sides.write(side, at, summed(parts.map((part) => coarser(part, halvings))), maxBuckets);
  }

  /** Forgets a row's counts, also how often its resolution was halved. */
  clear(row: number): void {
    this.#zeros[row >> 6]?.fill(0, row & 63, (row & 63) + 1);
    const at = (row & 63) * RECORD;
    for (const records of [this.#positive[row >> 6], this.#negative[row >> 6]]) {
      if (records === undefined) continue;
      this.#sides.clear(records, at);
      records.fill(0, at, at + RECORD);
    }
  }

  /** The counts of each row as they are now. */
  freeze(): (row: number) => NativeCounts {
    const { schema, zeroThreshold } = this.#shape;
    const positive = joined(this.#positive, Int32Array);
    const negative = joined(this.#negative, Int32Array);
    const zeros = joined(this.#zeros, Float64Array);
    const read = this.#sides.freeze();
    return (row) => {
      const at = row * RECORD;
      return {
        schema: schema - (positive[at + HALVINGS] ?? 0),
        zeroThreshold,
        zeroCount: zeros[row] ?? 0,
        positive: read(positive, at),
        negative: read(negative, at),
      };
    };
  }
}

function recordsOf(chunks: (Int32Array | undefined)[], row: number): Int32Array {
  const known = chunks[row >> 6];
  if (known !== undefined) return known;
  prepareNativeIndex();
  const made = new Int32Array(CHUNK_ROWS * RECORD);
  chunks[row >> 6] = made;
  return made;
}
