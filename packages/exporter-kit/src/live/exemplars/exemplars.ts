import { type Exemplar, type ExemplarLabels, exemplarLabels } from '../../collect/store/exemplar.ts';
import { messageOf } from '../../errors/thrown.ts';
import { CHUNK_ROWS } from '../cells.ts';
import { openTelemetry, type SpanContext, type SpanSource, StartedIn, spanLabels } from './span.ts';

// Looks for a span between two freezes: of one number, and of a family.
const LOOKS = 32;
const MOST_LOOKS = 1000;

/** What an {@link Exemplars} needs of its family. */
export interface ExemplarsOptions {
  /** Numbers per row. */
  readonly perRow: number;
  /** Replaces OpenTelemetry's active span; `false`: exemplars are only those that come with a count. */
  readonly span: SpanSource | false | undefined;
  /** Counts an exemplar that is refused. */
  refuse(row: number | undefined, why: string): void;
}

/** Is given each exemplar, and `undefined` for one that is forgotten: for memory that another thread reads. */
export type ExemplarOutlet = (row: number, cell: number, exemplar: Exemplar | undefined) => void;

/**
 * The last exemplar of each number. It comes with a count, or from the active span: looking for that costs more than to count,
 * so each number is looked at until a sampled span is found, once after each freeze.
 */
export class Exemplars {
  /** For each number of a chunk of rows, as in `Cells`: how often counts may still look for a span. */
  readonly looks: Uint8Array[] = [];
  readonly #options: ExemplarsOptions;
  /** Whether there is where to look for spans; if not, all `looks` are 0. */
  isLooking: boolean;
  #source: SpanSource | undefined;
  #left = MOST_LOOKS;
  // By number; made at the first exemplar.
  #kept: (Exemplar | undefined)[] | undefined;
  #outlet: ExemplarOutlet | undefined;

  constructor(options: ExemplarsOptions) {
    this.#options = options;
    this.#source = this.#findSource();
    this.isLooking = this.#source !== undefined;
  }

  /** Makes room for rows below `rows`. */
  reach(rows: number): void {
    const size = CHUNK_ROWS * this.#options.perRow;
    while (this.looks.length * CHUNK_ROWS < rows) this.looks.push(new Uint8Array(size).fill(this.#looksEach));
  }

  /**
   * To be called after a number was counted, if an exemplar was given, or it `isLooking` and `looks` are left.
   *
   * @param value what was added or observed.
   */
  counted(row: number, cell: number, value: number, given: unknown): void {
    try {
      if (given === undefined || given instanceof StartedIn) {
        const labels = this.#spanFor(row, cell, given);
        if (labels !== undefined) this.#keep(row, cell, { labels, value, timestampMs: Date.now() });
        return;
      }
      const labels = exemplarLabels(given);
      if (labels === undefined) {
        this.#options.refuse(row, 'an exemplar is an object of strings under legacy names, 128 characters in all');
      } else this.#keep(row, cell, { labels, value, timestampMs: Date.now() });
    } catch (error) {
      this.#options.refuse(row, `no exemplar: ${messageOf(error)}`);
    }
  }

  /** The active span, for a count that is made later, when another may be active. */
  start(): StartedIn | undefined {
    if (this.#source === undefined) return undefined;
    try {
      const span = this.#source();
      return span === undefined || span === null ? undefined : new StartedIn(span);
    } catch (error) {
      this.#options.refuse(undefined, `no exemplar: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Forgets the exemplars of a row. */
  clear(row: number): void {
    const { perRow } = this.#options;
    const at = (row & (CHUNK_ROWS - 1)) * perRow;
    this.looks[row >> 6]!.fill(this.#looksEach, at, at + perRow);
    if (this.#kept === undefined) return;
    for (let cell = 0; cell < perRow; cell++) {
      if (this.#kept[row * perRow + cell] === undefined) continue;
      this.#kept[row * perRow + cell] = undefined;
      this.#outlet?.(row, cell, undefined);
    }
  }

  /** A copy of the exemplars of the first `rows` rows, if there are any; from now on, each number may have a new one. */
  freeze(rows: number): readonly (Exemplar | undefined)[] | undefined {
    const wasLooking = this.isLooking;
    this.#source = this.#findSource();
    this.isLooking = this.#source !== undefined;
    this.#left = MOST_LOOKS;
    if (wasLooking || this.isLooking) for (const chunk of this.looks) chunk.fill(this.#looksEach);
    return this.#kept?.slice(0, rows * this.#options.perRow);
  }

  /** Gives all exemplars to an outlet, now and from now on. */
  move(outlet: ExemplarOutlet): void {
    this.#outlet = outlet;
    const { perRow } = this.#options;
    this.#kept?.forEach((exemplar, at) => {
      if (exemplar !== undefined) outlet(Math.floor(at / perRow), at % perRow, exemplar);
    });
  }

  get #looksEach(): number {
    return this.#source === undefined ? 0 : LOOKS;
  }

  #findSource(): SpanSource | undefined {
    const { span, perRow } = this.#options;
    return span === false || perRow === 0 ? undefined : (span ?? openTelemetry());
  }

  /** Labels of a sampled span, if the number has no exemplar since the last freeze. */
  #spanFor(row: number, cell: number, started: StartedIn | undefined): ExemplarLabels | undefined {
    const looks = this.looks[row >> 6]!;
    const at = (row & (CHUNK_ROWS - 1)) * this.#options.perRow + cell;
    if (looks[at] === 0) return undefined;
    if (started === undefined) {
      looks[at]!--;
      if (--this.#left < 0) return undefined;
    }
    const span: SpanContext | undefined = started === undefined ? this.#source?.() : started.span;
    return span !== undefined && span !== null && (span.traceFlags & 1) === 1 ? spanLabels(span) : undefined;
  }

  /** Keeps the exemplar of another thread or process, unless there is a newer one. */
  inherit(row: number, cell: number, exemplar: Exemplar): void {
    const known = this.#kept?.[row * this.#options.perRow + cell];
    if (known === undefined || exemplar.timestampMs > known.timestampMs) this.#put(row, cell, exemplar);
  }

  #keep(row: number, cell: number, exemplar: Exemplar): void {
    this.#put(row, cell, exemplar);
    this.looks[row >> 6]![(row & (CHUNK_ROWS - 1)) * this.#options.perRow + cell] = 0;
  }

  #put(row: number, cell: number, exemplar: Exemplar): void {
    const { perRow } = this.#options;
    this.#kept ??= [];
    while (this.#kept.length < (row + 1) * perRow) this.#kept.push(undefined);
    this.#kept[row * perRow + cell] = exemplar;
    this.#outlet?.(row, cell, exemplar);
  }
}
