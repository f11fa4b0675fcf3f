import { shapeDifference } from '../../metric/family.ts';
import type { Metric } from '../../metric/metric.ts';
import { beginsWithLabels } from '../store/kind-writers.ts';
import type { Metrics } from '../writers.ts';
import { pushCells } from './cells.ts';
import type { Batch, SampleMessage } from './protocol.ts';

/** Records what a collector writes in its thread. */
export interface Recording {
  /** Writers like the store's, with `family` among them. */
  readonly writers: { readonly [key: string]: unknown };
  /** Closes the writers: later writes are ignored. */
  end(): void;
  /** What was written, in messages that each take about a millisecond to write to the store. */
  messages(): Iterable<SampleMessage>;
}

interface Tape {
  live: boolean;
  readonly items: SampleMessage[number][];
}

/** Starts recording one run of a collector with these metrics. */
export function record(metrics: Metrics): Recording {
  const tape: Tape = { live: true, items: [] };
  const recorders: Recorder[] = [];
  const recorder = (metric: Metric, key: string | number): Recorder => {
    const made = new Recorder(metric, key, tape);
    recorders.push(made);
    return made;
  };
  const families: { readonly metric: Metric; readonly writer: Recorder }[] = [];
  const byName = new Map<string, (typeof families)[number]>();
  const family = (metric: Metric): Recorder => {
    const known = byName.get(metric.name);
    if (known !== undefined && shapeDifference(known.metric, metric) === undefined) return known.writer;
    // A family declared again differently is sent too: the store rejects it.
    const made = { metric, writer: recorder(metric, families.length) };
    families.push(made);
    if (known === undefined) byName.set(metric.name, made);
    if (tape.live) tape.items.push({ family: structuredClone(metric) });
    return made.writer;
  };
  const writers: Record<string, unknown> = { family };
  for (const [key, metric] of Object.entries(metrics)) writers[key] = recorder(metric, key);
  return {
    writers,
    end() {
      tape.live = false;
    },
    *messages() {
      for (const one of recorders) one.flush();
      let message: SampleMessage[number][] = [];
      let size = 0;
      for (const item of tape.items) {
        message.push(item);
        size += 'family' in item ? FAMILY_SIZE : item.places.length + item.cells.length + item.odd.length * ODD_SIZE;
        if (size < BATCH_SIZE) continue;
        yield message;
        [message, size] = [[], 0];
      }
      if (message.length > 0) yield message;
    },
  };
}

// Numbers per message: 1024 samples with three labels, or 64 new families.
const BATCH_SIZE = 4096;
const FAMILY_SIZE = 64;
const ODD_SIZE = 16;

const none: { readonly [label: string]: unknown } = Object.freeze({});

/** Records the samples of one metric. */
class Recorder {
  readonly #metric: Metric;
  readonly #key: string | number;
  readonly #tape: Tape;
  readonly #names: readonly string[];
  #rows = 0;
  #places: number[] = [];
  #cells: number[] = [];
  #texts: Map<string, number> = new Map();
  #odd: unknown[][] = [];

  constructor(metric: Metric, key: string | number, tape: Tape) {
    this.#metric = metric;
    this.#key = key;
    this.#tape = tape;
    this.#names = metric.labels.map((label) => label.name);
  }

  set(...args: unknown[]): void {
    if (!this.#tape.live) return;
    const labelled = beginsWithLabels(this.#metric, args);
    const [places, cells] = [this.#places.length, this.#cells.length];
    const at = labelled ? 1 : 0;
    // What else comes with a number, such as an exemplar, is sent as it is.
    const isBare = args.length <= at + 1 || args.every((arg, i) => i <= at || arg === undefined);
    if (isBare && this.#fits(labelled ? args[0] : none, args[at])) {
      this.#rows++;
      if (this.#places.length + this.#cells.length >= BATCH_SIZE) this.flush();
      return;
    }
    this.#places.length = places;
    this.#cells.length = cells;
    // A batch has odd samples first, then the others.
    if (this.#rows > 0) this.flush();
    this.#odd.push(args.map((arg, i) => kept(arg, labelled && i === 0 ? 0n : {})));
    if (this.#odd.length * ODD_SIZE >= BATCH_SIZE) this.flush();
  }

  setToCurrentTime(labels?: unknown): void {
    const now = Date.now() / 1000;
    if (labels === undefined && this.#names.length === 0) this.set(now);
    else this.set(labels, now);
  }

  #fits(labels: unknown, value: unknown): boolean {
    try {
      return this.#pushPlaces(labels) && pushCells(this.#metric, value, this.#cells);
    } catch {
      // A getter threw.
      return false;
    }
  }

  /** Ends the current batch. */
  flush(): void {
    if (this.#rows === 0 && this.#odd.length === 0) return;
    const batch: Batch = {
      metric: this.#key,
      rows: this.#rows,
      texts: [...this.#texts.keys()],
      places: Uint32Array.from(this.#places),
      cells: Float64Array.from(this.#cells),
      odd: this.#odd,
    };
    this.#tape.items.push(batch);
    this.#rows = 0;
    this.#places = [];
    this.#cells = [];
    this.#texts = new Map();
    this.#odd = [];
  }

  /** Appends the indexes of the label values; `false`, perhaps after some of them, if they are not as declared. */
  #pushPlaces(labels: unknown): boolean {
    if (typeof labels !== 'object' || labels === null) return false;
    for (const name of this.#names) {
      const value: unknown = Object.hasOwn(labels, name) ? (labels as Record<string, unknown>)[name] : undefined;
      const type = typeof value;
      if (type !== 'string' && type !== 'number' && type !== 'boolean') return false;
      const text = type === 'string' ? (value as string) : String(value);
      let place = this.#texts.get(text);
      if (place === undefined) {
        place = this.#texts.size;
        this.#texts.set(text, place);
      }
      this.#places.push(place);
    }
    let count = 0;
    for (const _ in labels) count++;
    return count === this.#names.length;
  }
}

/** A copy of an argument, which the caller may change later. One that can't be cloned becomes `wrong`, as invalid. */
function kept(arg: unknown, wrong: unknown): unknown {
  try {
    return structuredClone(arg);
  } catch {
    if (typeof arg !== 'object' || arg === null) return wrong;
  }
  try {
    const simple = (part: unknown): unknown => (typeof part === 'object' && part !== null ? {} : kept(part, {}));
    return Object.fromEntries(Object.entries(arg).map(([key, part]) => [key, simple(part)]));
  } catch {
    return wrong;
  }
}
