import type { Exemplar } from '../../../collect/store/exemplar.ts';
import type { LiveFamily } from '../../family.ts';
import type { Outlet } from '../../outlet.ts';
import { Block, blockBytes, HANDED_OVER, readBlocks, seriesOf } from './block.ts';
import { exemplarBytes, writeExemplar } from './exemplar-cells.ts';
import { LabelRecords } from './label-records.ts';
import { NativeBlocks } from './native-blocks.ts';
import type { SharedMemory } from './shared-memory.ts';

/** Moves what this thread counts to its stripe. */
export function moveTo(memory: SharedMemory, stripe: number, families: readonly LiveFamily[]): void {
  const labels = new LabelRecords(memory);
  const outlets = families.map((family, i) => new StripeFamily(memory, stripe, i, family, labels));
  for (const [i, family] of families.entries()) family.move(outlets[i]!);
}

/** One family's rows in a stripe, written by the thread that has claimed it. */
class StripeFamily implements Outlet {
  readonly touched: Uint8Array | undefined;
  readonly natives: NativeBlocks | undefined;
  readonly #memory: SharedMemory;
  readonly #firstWord: number;
  readonly #perRow: number;
  readonly #labels: LabelRecords;
  readonly #blocks: Block[] = [];

  constructor(memory: SharedMemory, stripe: number, i: number, family: LiveFamily, labels: LabelRecords) {
    this.#memory = memory;
    this.#firstWord = memory.blocksWord(stripe, i);
    this.#perRow = family.cells.perRow;
    this.#labels = labels;
    this.touched = this.#makeTouched(family, memory.touchedWord(stripe, i));
    this.natives = family.native && new NativeBlocks(memory, memory.nativeWords(stripe, i));
    // Those of the thread before.
    readBlocks(memory, this.#firstWord, this.#perRow, this.#blocks);
    for (const block of this.#blocks) {
      for (const place of block.labels) if (place !== 0) labels.giveBack(place);
      block.labels.fill(0);
      block.cells.fill(0);
      const exemplars = memory.words[block.exemplarsWord]!;
      if (exemplars !== 0) memory.words.fill(0, exemplars / 4, (exemplars + exemplarBytes(block.cells.length)) / 4);
    }
  }

  admits(row: number, values: readonly string[], isOverflow: boolean): boolean {
    const block = this.#blockOf(row >> 6, isOverflow);
    if (block === undefined) return false;
    const place = this.#labels.write(values, isOverflow);
    if (place === 0) return false;
    const before = block.labels[row & 63]!;
    if (before !== 0) this.#labels.giveBack(before);
    block.labels[row & 63] = place;
    return true;
  }

  chunk(i: number): Float64Array {
    const block = this.#blockOf(i, true);
    if (block === undefined) throw new RangeError('join: no room in the shared memory; raise maxBytes of share().');
    return block.cells;
  }

  keepExemplar(row: number, cell: number, exemplar: Exemplar | undefined): void {
    const { words } = this.#memory;
    const { cells, exemplarsWord } = this.#blocks[row >> 6]!;
    let place = words[exemplarsWord]!;
    if (place === 0 && exemplar !== undefined) {
      place = this.#memory.allocate(exemplarBytes(cells.length), false);
      Atomics.store(words, exemplarsWord, place);
    }
    const at = (row & 63) * this.#perRow + cell;
    // Without room for it, the exemplar is this thread's alone.
    if (place !== 0) writeExemplar(this.#memory, place + exemplarBytes(at), exemplar);
  }

  show(row: number, id: number, start: number): void {
    const block = this.#blocks[row >> 6]!;
    block.starts[row & 63] = start;
    Atomics.store(block.ids, row & 63, idOf(id));
  }

  hide(row: number, id: number): void {
    const block = this.#blocks[row >> 6]!;
    block.starts[row & 63] = Date.now();
    Atomics.store(block.ids, row & 63, -idOf(id));
  }

  handOver(row: number): void {
    const { ids } = this.#blocks[row >> 6]!;
    Atomics.or(ids, row & 63, HANDED_OVER);
  }

  isTaken(row: number): boolean {
    return Atomics.load(this.#blocks[row >> 6]!.ids, row & 63) === 0;
  }

  free(row: number): void {
    const block = this.#blocks[row >> 6]!;
    Atomics.store(block.ids, row & 63, 0);
    this.#labels.giveBack(block.labels[row & 63]!);
    block.labels[row & 63] = 0;
  }

  #blockOf(i: number, fromReserve: boolean): Block | undefined {
    while (this.#blocks.length <= i) {
      const place = this.#memory.allocate(blockBytes(this.#perRow), fromReserve);
      if (place === 0) return undefined;
      const block = new Block(this.#memory, place, this.#perRow);
      Atomics.store(this.#memory.words, this.#blocks.at(-1)?.nextWord ?? this.#firstWord, place);
      this.#blocks.push(block);
    }
    return this.#blocks[i];
  }

  /** Only gauges, infos and statesets are written without a trace in their numbers, and have no more rows than `maxSeries`. */
  #makeTouched({ metric: { kind }, maxSeries }: LiveFamily, word: number): Uint8Array | undefined {
    if (kind === 'counter' || kind === 'histogram') return undefined;
    const { words, buffer } = this.#memory;
    const place = words[word]! || this.#memory.allocate(maxSeries, true);
    if (place === 0) throw new RangeError('join: no room in the shared memory; raise maxBytes of share().');
    Atomics.store(words, word, place);
    return new Uint8Array(buffer, place, maxSeries).fill(0);
  }
}

// A sign and a bit are needed here. That ids begin again after 2^30 series of a family can't be noticed.
const idOf = (id: number): number => seriesOf(id) || 1;
