import { CHUNK_ROWS } from '../cells.ts';
import { RECORD } from './sides.ts';
import { PAGE } from './windows.ts';

/** Native counts of a family, in parts that stay where they are; made when they are first needed. */
export interface NativeParts {
  /** Records of the rows of one chunk of `Cells`: of the windows for positive values, and for negative ones. */
  readonly positive: (Int32Array | undefined)[];
  readonly negative: (Int32Array | undefined)[];
  /** Of the same rows: how many values were within the zero threshold. */
  readonly zeros: (Float64Array | undefined)[];
  /** Pages of `NativeWindows`. */
  readonly pages: Uint32Array[];
}

export type NativePart = keyof NativeParts;
export const NATIVE_PARTS: readonly NativePart[] = ['positive', 'negative', 'zeros', 'pages'];

const views = { positive: Int32Array, negative: Int32Array, zeros: Float64Array, pages: Uint32Array };
const lengths = { positive: RECORD * CHUNK_ROWS, negative: RECORD * CHUNK_ROWS, zeros: CHUNK_ROWS, pages: PAGE };

/** Bytes of a part. */
export const nativeBytes = (part: NativePart): number => lengths[part] * views[part].BYTES_PER_ELEMENT;

/** Part `i` in the memory at a place, put among the others. */
export function addNativePart<P extends NativePart>(
  parts: NativeParts,
  part: P,
  i: number,
  { buffer, byteOffset }: NativePlace,
): NonNullable<NativeParts[P][number]> {
  const view = new views[part](buffer as ArrayBuffer, byteOffset, lengths[part]);
  (parts[part] as ArrayBufferView[])[i] = view;
  return view as never;
}

type NativePlace = Pick<Uint8Array, 'buffer' | 'byteOffset'>;

/** Where native counts are kept. */
export interface NativeMemory {
  /** Zeros for part `i` of a kind. */
  make(part: NativePart, i: number): NativePlace;
  /** Runs what changes several numbers, of which another thread must not read some before and some after. */
  change(work: () => void): void;
}

/** Memory of this thread. */
export const ownMemory: NativeMemory = {
  make: (part) => new Uint8Array(nativeBytes(part)),
  change: (work) => work(),
};
