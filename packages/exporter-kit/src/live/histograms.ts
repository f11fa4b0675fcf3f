import type { Exemplars } from './exemplars/exemplars.ts';
import type { StartedIn } from './exemplars/span.ts';
import type { LiveFamily } from './family.ts';
import { ignoring } from './ignoring.ts';
import type { ExemplarLabels, Observing } from './instruments.ts';
import { type Ladder, ladderOf } from './ladder.ts';
import type { NativeCells } from './native/cells.ts';
import type { Rows } from './rows/rows.ts';
import type { GivenLabels } from './rows/spellings.ts';
import { andThen, isEmptyObject } from './values.ts';

const WANTED = 'observe takes a finite number';
const SUMMED = 'observe takes a number that leaves the sum finite';

/** Observes into one row: of a histogram without labels, or of one that is bound to its labels. */
export class BoundHistogram implements Observing<[]> {
  readonly #family: LiveFamily;
  readonly #row: number;
  readonly #ladder: Ladder;
  readonly #first: number;
  readonly #sum: number;
  readonly #exemplars: Exemplars;
  #chunk!: Float64Array;
  readonly #native: NativeCells | undefined;

  constructor(family: LiveFamily, row: number) {
    const { perRow } = family.cells;
    this.#family = family;
    this.#row = row;
    this.#ladder = ladderOf(family.metric.buckets);
    this.#first = (row & 63) * perRow;
    this.#sum = this.#first + perRow - 1;
    this.#native = family.native;
    this.#exemplars = family.exemplars;
    this.point();
  }

  /** To be called when the family's cells have moved. */
  point(): void {
    this.#chunk = this.#family.cells.chunks[this.#row >> 6]!;
  }

  observe(value: number, exemplar?: ExemplarLabels | StartedIn, third?: ExemplarLabels): void {
    if (typeof value !== 'number') {
      this.#other(value, exemplar, third);
      return;
    }
    const chunk = this.#chunk;
    const sum = chunk[this.#sum]! + value;
    // Neither value nor sum may be NaN or Infinity: they would never become a number again.
    if (!(sum - sum === 0)) {
      this.#family.refuseValue(this.#row, value, value - value === 0 ? SUMMED : WANTED);
      return;
    }
    const bucket = this.#ladder.find(value);
    chunk[this.#first + bucket]!++;
    chunk[this.#sum] = sum;
    this.#native?.count(this.#row, value);
    if (exemplar !== undefined || this.#exemplars.isLooking)
      this.#exemplars.counted(this.#row, bucket, value, exemplar);
  }

  start(): (...args: readonly [exemplar?: ExemplarLabels]) => number {
    const span = this.#family.exemplars.start();
    const began = performance.now();
    return (...args) => {
      const seconds = (performance.now() - began) / 1000;
      // Labels `{}` may come first, as in `observe`.
      this.observe(seconds, args.length === 1 && isEmptyObject(args[0]) ? span : (args.at(-1) ?? span));
      return seconds;
    };
  }

  time<T>(...args: readonly [work: () => T]): T {
    const span = this.#family.exemplars.start();
    const began = performance.now();
    return andThen(args.at(-1)!, () => this.observe((performance.now() - began) / 1000, span));
  }

  /** Labels `{}`, if a list of labels turns out empty at run time; or a mistake. */
  #other(first: unknown, second: unknown, third: ExemplarLabels | undefined): void {
    if (isEmptyObject(first) && typeof second === 'number') this.observe(second, third);
    else this.#family.refuseValue(this.#row, first, WANTED);
  }

  with(): this {
    return this;
  }
}

/** Observes into the row of the labels that come with each call. */
export class LabelledHistogram {
  readonly #family: LiveFamily;
  readonly #ladder: Ladder;
  readonly #perRow: number;
  // Of the family, so that a call has less to follow.
  readonly #rows: Rows;
  readonly #chunks: readonly Float64Array[];
  readonly #native: NativeCells | undefined;
  readonly #exemplars: Exemplars;

  constructor(family: LiveFamily) {
    this.#family = family;
    this.#rows = family.rows;
    this.#chunks = family.cells.chunks;
    this.#native = family.native;
    this.#exemplars = family.exemplars;
    this.#ladder = ladderOf(family.metric.buckets);
    this.#perRow = family.cells.perRow;
  }

  observe(labels: GivenLabels, value: number, exemplar?: ExemplarLabels | StartedIn): void {
    if (typeof value !== 'number' || !(value - value === 0)) {
      this.#family.refuseGiven(labels, value, WANTED);
      return;
    }
    const row = this.#rows.find(labels);
    if (row < 0) return;
    const chunk = this.#chunks[row >> 6]!;
    const first = (row & 63) * this.#perRow;
    const at = first + this.#perRow - 1;
    const sum = chunk[at]! + value;
    if (!(sum - sum === 0)) {
      this.#family.refuseValue(row, value, SUMMED);
      return;
    }
    const bucket = this.#ladder.find(value);
    chunk[first + bucket]!++;
    chunk[at] = sum;
    this.#native?.count(row, value);
    if (exemplar !== undefined || this.#exemplars.isLooking) this.#exemplars.counted(row, bucket, value, exemplar);
  }

  start(): (labels: GivenLabels, exemplar?: ExemplarLabels) => number {
    const span = this.#family.exemplars.start();
    const began = performance.now();
    return (labels, exemplar) => {
      const seconds = (performance.now() - began) / 1000;
      this.observe(labels, seconds, exemplar ?? span);
      return seconds;
    };
  }

  time<T>(labels: GivenLabels, work: () => T): T {
    const span = this.#family.exemplars.start();
    const began = performance.now();
    return andThen(work, () => this.observe(labels, (performance.now() - began) / 1000, span));
  }

  with(labels: GivenLabels): Observing<[]> {
    return this.#family.bind(labels, BoundHistogram) ?? ignoring;
  }

  remove(labels: GivenLabels): void {
    this.#family.remove(labels);
  }
}
