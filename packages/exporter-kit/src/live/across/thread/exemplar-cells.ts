import type { Exemplar } from '../../../collect/store/exemplar.ts';
import type { SharedMemory } from './shared-memory.ts';

// Of each number, in words: a version, which is odd while the rest is written; which ids there are; a value and a time, both
// doubles; and the ids of a trace and a span.
const WORDS = 12;
const VERSION = 0;
const HAS = 1;
const TRACE = 6;
const SPAN = 10;
const HAS_TRACE = 1;
const HAS_SPAN = 2;

const copied = new Int32Array(WORDS);
const doubles = new Float64Array(copied.buffer);
const VALUE = 1;
const TIME = 2;

/** Bytes for the exemplars of so many numbers. */
export const exemplarBytes = (numbers: number): number => 4 * WORDS * numbers;

/**
 * Writes the exemplar of a number, by the thread that counts it: the ids of its trace and span, as other labels have no place.
 * An exemplar without them, or `undefined`, takes away the one that was there.
 *
 * @param at the place of the number's exemplar, in bytes.
 */
export function writeExemplar({ words }: SharedMemory, at: number, exemplar: Exemplar | undefined): void {
  const { trace_id: trace = '', span_id: span = '' } = exemplar?.labels ?? {};
  const hasTrace = /^[0-9a-f]{32}$/.test(trace);
  const hasSpan = /^[0-9a-f]{16}$/.test(span);
  copied[HAS] = (hasTrace ? HAS_TRACE : 0) | (hasSpan ? HAS_SPAN : 0);
  doubles[VALUE] = exemplar?.value ?? 0;
  doubles[TIME] = exemplar?.timestampMs ?? 0;
  for (let i = 0; i < 4; i++) copied[TRACE + i] = hasTrace ? wordAt(trace, i) : 0;
  for (let i = 0; i < 2; i++) copied[SPAN + i] = hasSpan ? wordAt(span, i) : 0;
  const first = at / 4;
  Atomics.add(words, first + VERSION, 1);
  for (let i = HAS; i < WORDS; i++) Atomics.store(words, first + i, copied[i]!);
  Atomics.add(words, first + VERSION, 1);
}

/** The exemplars of a row's numbers as another thread has written them. */
export class ExemplarReader {
  readonly #memory: SharedMemory;
  // By place: the version that was read, and what it was.
  readonly #read: Map<number, readonly [version: number, exemplar: Exemplar | undefined]> = new Map();

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** The same object until there is another exemplar; the one before while it is being written. */
  read(at: number): Exemplar | undefined {
    const { words } = this.#memory;
    const first = at / 4;
    const version = Atomics.load(words, first + VERSION);
    const known = this.#read.get(at);
    if (version === (known?.[0] ?? 0) || version % 2 !== 0) return known?.[1];
    for (let i = HAS; i < WORDS; i++) copied[i] = Atomics.load(words, first + i);
    if (Atomics.load(words, first + VERSION) !== version) return known?.[1];
    const exemplar = parse();
    this.#read.set(at, [version, exemplar]);
    return exemplar;
  }
}

function parse(): Exemplar | undefined {
  const has = copied[HAS]!;
  if (has === 0) return undefined;
  const labels = {
    ...((has & HAS_TRACE) !== 0 && { trace_id: hex(TRACE, 4) }),
    ...((has & HAS_SPAN) !== 0 && { span_id: hex(SPAN, 2) }),
  };
  return { labels, value: doubles[VALUE]!, timestampMs: doubles[TIME]! };
}

const wordAt = (digits: string, i: number): number => Number.parseInt(digits.slice(8 * i, 8 * i + 8), 16) | 0;

function hex(from: number, count: number): string {
  let digits = '';
  for (let i = from; i < from + count; i++) digits += (copied[i]! >>> 0).toString(16).padStart(8, '0');
  return digits;
}
