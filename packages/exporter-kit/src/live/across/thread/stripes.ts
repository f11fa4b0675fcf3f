import type { Exemplar } from '../../../collect/store/exemplar.ts';
import type { FreezeOptions, FrozenFamily } from '../../../collect/store/frozen.ts';
import { slices } from '../../../time/wait.ts';
import { CHUNK_ROWS } from '../../cells.ts';
import type { LiveFamily } from '../../family.ts';
import { idleOf } from '../../idle.ts';
import type { Across } from '../across.ts';
import type { Others, Part } from '../part.ts';
import { type Block, isHandedOver, readBlocks, seriesOf } from './block.ts';
import { ExemplarReader, exemplarBytes } from './exemplar-cells.ts';
import { readLabels } from './label-records.ts';
import { NativeReader } from './native-blocks.ts';
import { CLAIMED, ENDED, type SharedMemory, STRIPES } from './shared-memory.ts';

// So few new series take no time.
const MANY = 200;

/** The stripes of all threads, as the thread reads them that shares the memory. */
export class Stripes implements Others {
  readonly #across: Across;
  readonly #memory: SharedMemory;
  readonly #read: (readonly StripeReader[] | undefined)[] = [];
  // How often each stripe was claimed when its readers were made.
  readonly #claims: number[] = [];

  constructor(across: Across, memory: SharedMemory) {
    this.#across = across;
    this.#memory = memory;
  }

  /** Only while threads have many new series: a scrape that waits for nothing costs less. */
  get refresh(): (() => Promise<void>) | undefined {
    const fresh = this.#claimed().reduce((sum, readers) => sum + readers.reduce((n, one) => n + one.fresh(), 0), 0);
    return fresh > MANY ? () => this.#learn() : undefined;
  }

  parts(options?: FreezeOptions): readonly (readonly Part[])[] {
    this.sweep();
    return this.#claimed().map((readers) => readers.map((reader) => reader.part(options)));
  }

  /** Reads the labels of new series, and gives them rows: a few at a time. */
  async #learn(): Promise<void> {
    const turn = slices();
    for (const readers of this.#claimed()) {
      for (const reader of readers) {
        if (reader.fresh() === 0) continue;
        for (const _ of reader.learn()) await turn();
        const parts = readers.map((one) => (one === reader ? one.part() : undefined));
        for (const _ of this.#across.all.placing(parts)) await turn();
      }
    }
  }

  #claimed(): (readonly StripeReader[])[] {
    const claimed: (readonly StripeReader[])[] = [];
    for (let stripe = 0; stripe < STRIPES; stripe++)
      if (this.#memory.stateOf(stripe) === CLAIMED) claimed.push(this.#readersOf(stripe));
    return claimed;
  }

  /** Adds what threads have handed over, and all of those that have ended, to the counts of this thread. Frees the latter's stripes. */
  sweep(): void {
    for (let stripe = 0; stripe < STRIPES; stripe++) {
      const state = this.#memory.stateOf(stripe);
      if (state === CLAIMED) for (const reader of this.#readersOf(stripe)) reader.takeHandedOver();
      if (state !== ENDED) continue;
      for (const reader of this.#readersOf(stripe)) reader.inherit();
      this.#memory.free(stripe);
    }
  }

  #readersOf(stripe: number): readonly StripeReader[] {
    const claims = this.#memory.claimsOf(stripe);
    let readers = this.#read[stripe];
    if (readers === undefined || this.#claims[stripe] !== claims) {
      const make = (family: LiveFamily, i: number): StripeReader => new StripeReader(this.#memory, stripe, i, family);
      readers = this.#across.families.map(make);
      this.#read[stripe] = readers;
      this.#claims[stripe] = claims;
    }
    return readers;
  }
}

/** One family's rows in another thread's stripe. */
class StripeReader {
  readonly #memory: SharedMemory;
  readonly #family: LiveFamily;
  readonly #firstWord: number;
  readonly #touchedWord: number;
  readonly #blocks: Block[] = [];
  readonly #natives: NativeReader | undefined;
  readonly #exemplars: ExemplarReader;
  // For each row the series whose labels are known.
  readonly #ids: number[] = [];
  readonly #texts: (readonly string[])[] = [];

  constructor(memory: SharedMemory, stripe: number, i: number, family: LiveFamily) {
    this.#memory = memory;
    this.#family = family;
    this.#firstWord = memory.blocksWord(stripe, i);
    this.#touchedWord = memory.touchedWord(stripe, i);
    this.#exemplars = new ExemplarReader(memory);
    const { native } = family;
    this.#natives = native && new NativeReader(memory, memory.nativeWords(stripe, i), native.shape);
  }

  /** How many series have labels that were not read so far. */
  fresh(): number {
    let fresh = 0;
    readBlocks(this.#memory, this.#firstWord, this.#family.cells.perRow, this.#blocks);
    for (const [i, { ids }] of this.#blocks.entries()) {
      for (let at = 0; at < CHUNK_ROWS; at++) {
        const id = Atomics.load(ids, at);
        if (id > 0 && this.#ids[i * CHUNK_ROWS + at] !== seriesOf(id)) fresh++;
      }
    }
    return fresh;
  }

  /** Reads the labels of new series; stops after some, to be continued when other work was done. */
  *learn(): Generator<void, void, void> {
    for (const [i, block] of this.#blocks.entries()) {
      for (let at = 0; at < CHUNK_ROWS; at++) {
        const id = Atomics.load(block.ids, at);
        if (id > 0) this.#knowLabels(block, at, i * CHUNK_ROWS + at, seriesOf(id));
      }
      yield;
    }
  }

  part(options?: FreezeOptions): Part {
    return { frozen: this.#freeze(options), key: this };
  }

  /** Adds the counts of a thread that has ended to those of this thread, and clears them. */
  inherit(): void {
    const { kind } = this.#family.metric;
    const frozen = this.#freeze({ natives: true });
    if (kind === 'counter' || kind === 'histogram') {
      frozen.ids.forEach((id, row) => {
        if (id !== 0) this.#family.add(frozen, row);
      });
    }
    for (const { ids } of this.#blocks) ids.fill(0);
  }

  /** Adds the counts of rows that the thread has done with to those of this thread. */
  takeHandedOver(): void {
    if (this.#family.idleAfterMs === Infinity) return;
    readBlocks(this.#memory, this.#firstWord, this.#family.cells.perRow, this.#blocks);
    let frozen: FrozenFamily | undefined;
    this.#blocks.forEach(({ ids }, i) => {
      for (let at = 0; at < CHUNK_ROWS; at++) {
        if (!isHandedOver(Atomics.load(ids, at))) continue;
        frozen ??= this.#freeze({ natives: true });
        this.#family.add(frozen, i * CHUNK_ROWS + at);
        Atomics.store(ids, at, 0);
      }
    });
  }

  #freeze({ natives = false }: FreezeOptions = {}): FrozenFamily {
    const { metric, cells } = this.#family;
    const { perRow } = cells;
    readBlocks(this.#memory, this.#firstWord, perRow, this.#blocks);
    const rows = this.#blocks.length * CHUNK_ROWS;
    const ids = new Uint32Array(rows);
    const vals = new Float64Array(rows * perRow);
    const starts = new Float64Array(rows);
    const texts = this.#texts;
    const touched = this.#touched();
    const exemplars: (Exemplar | undefined)[] = [];
    this.#blocks.forEach((block, i) => {
      const from = i * CHUNK_ROWS;
      const before = Int32Array.from(block.ids.keys(), (at) => Atomics.load(block.ids, at));
      if (before.every((id) => id === 0)) return;
      vals.set(block.cells, from * perRow);
      starts.set(block.starts, from);
      for (let at = 0; at < CHUNK_ROWS; at++) {
        const id = before[at]!;
        const row = from + at;
        const isWritten = id > 0 || (touched?.[row] ?? 0) !== 0 || !isZero(vals, row, perRow);
        if (id === 0 || !isWritten) continue;
        if (!this.#knowLabels(block, at, row, seriesOf(id))) continue;
        this.#readExemplars(block, at, row, exemplars);
        // Otherwise the row was given to another series meanwhile.
        if (seriesOf(Atomics.load(block.ids, at)) === seriesOf(id)) ids[row] = seriesOf(id);
      }
    });
    const nativeOf = natives ? this.#natives?.freeze() : undefined;
    return {
      metric,
      ids,
      vals,
      cells: perRow,
      starts,
      exemplars: exemplars.length === 0 ? undefined : exemplars,
      idle: touched && idleOf(touched),
      labelsOf: (row) => texts[row]!,
      ...(nativeOf && { nativeOf }),
    };
  }

  #readExemplars(block: Block, at: number, row: number, exemplars: (Exemplar | undefined)[]): void {
    const place = Atomics.load(this.#memory.words, block.exemplarsWord);
    if (place === 0) return;
    const { perRow } = this.#family.cells;
    while (exemplars.length < row * perRow) exemplars.push(undefined);
    for (let cell = 0; cell < perRow; cell++)
      exemplars[row * perRow + cell] = this.#exemplars.read(place + exemplarBytes(at * perRow + cell));
  }

  #knowLabels(block: Block, at: number, row: number, id: number): boolean {
    if (this.#ids[row] === id) return true;
    const text = readLabels(this.#memory, block.labels[at]!);
    if (seriesOf(Atomics.load(block.ids, at)) !== id) return false;
    this.#texts[row] = JSON.parse(text);
    this.#ids[row] = id;
    return true;
  }

  #touched(): Uint8Array | undefined {
    const place = Atomics.load(this.#memory.words, this.#touchedWord);
    return place === 0 ? undefined : new Uint8Array(this.#memory.buffer, place, this.#family.maxSeries);
  }
}

function isZero(vals: Float64Array, row: number, perRow: number): boolean {
  for (let at = row * perRow; at < (row + 1) * perRow; at++) if (vals[at] !== 0) return false;
  return true;
}
