import { CHUNK_ROWS } from '../../cells.ts';
import type { SharedMemory } from './shared-memory.ts';

/**
 * 64 rows of a family in shared memory. A row's id is written last, and read first and last: it announces what belongs to it. It is
 * 0 for a free row, and negative for a row that is exposed only once it is written. With `HANDED_OVER`, the row does not change any
 * more: what reads it adds it to its own numbers, and writes 0.
 *
 * The other numbers are written without atomics, by one thread. Aligned doubles are read and written whole on all 64-bit systems,
 * which JavaScript does not promise, but V8 does.
 */
export class Block {
  readonly ids: Int32Array;
  /** Places of the label values. */
  readonly labels: Int32Array;
  readonly starts: Float64Array;
  readonly cells: Float64Array;
  /** Word with the place of the family's next block. */
  readonly nextWord: number;
  /** Word with the place of the exemplars of `cells`; 0 as long as there is none. */
  readonly exemplarsWord: number;

  constructor({ buffer }: SharedMemory, place: number, perRow: number) {
    this.nextWord = place / 4;
    this.exemplarsWord = place / 4 + 1;
    this.ids = new Int32Array(buffer, place + 8, CHUNK_ROWS);
    this.labels = new Int32Array(buffer, place + 8 + 4 * CHUNK_ROWS, CHUNK_ROWS);
    this.starts = new Float64Array(buffer, place + 8 + 8 * CHUNK_ROWS, CHUNK_ROWS);
    this.cells = new Float64Array(buffer, place + 8 + 16 * CHUNK_ROWS, CHUNK_ROWS * perRow);
  }
}

export const HANDED_OVER: number = 2 ** 30;
export const isHandedOver = (id: number): boolean => id >= HANDED_OVER;
/** The id of a row's series, however it is announced. */
export const seriesOf = (id: number): number => Math.abs(id) & (HANDED_OVER - 1);

export function blockBytes(perRow: number): number {
  return 8 + 16 * CHUNK_ROWS + 8 * CHUNK_ROWS * perRow;
}

/** Follows a family's blocks in a stripe, and adds those that are new to `blocks`. */
export function readBlocks(memory: SharedMemory, firstWord: number, perRow: number, blocks: Block[]): void {
  for (;;) {
    const place = Atomics.load(memory.words, blocks.at(-1)?.nextWord ?? firstWord);
    if (place === 0) return;
    blocks.push(new Block(memory, place, perRow));
  }
}
