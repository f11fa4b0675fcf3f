/**
 * Which characters of label values make up prints: small numbers that tell spellings apart. Equal values have equal prints.
 */
export interface Recipe {
  /** Distances of characters from the end of a value: those of the first label, then those of the next. */
  readonly chars: Uint8Array;
  /** For each label, where its characters end in `chars`. */
  readonly ends: Uint8Array;
}

const PRIME = 0x01000193;
// So that collisions can't be provoked by choosing label values.
export const SEED: number = Math.floor(Math.random() * 2 ** 31);

// For a choice of characters: spellings looked at, characters tried from the end of values, and most that are chosen.
const SAMPLE = 256;
const REACH = 32;
const MOST_CHARS = 12;
// Share of the sample that prints have to tell apart.
const ENOUGH = 0.97;

const none = new Uint8Array(0);

/** The recipe to begin with: lengths and numbers only. */
export const noChars = (labels: number): Recipe => ({ chars: none, ends: new Uint8Array(labels) });

/** Adds the value of a label to a print, whose characters are from `from` to `to` in `chars`. What can't be a value has a print too. */
export function printOf(print: number, value: unknown, chars: Uint8Array, from: number, to: number): number {
  if (typeof value === 'string') {
    const { length } = value;
    let next = Math.imul(print ^ length, PRIME);
    for (let i = from; i < to; i++) {
      const at = length - chars[i]!;
      if (at >= 0) next = Math.imul(next ^ value.charCodeAt(at), PRIME);
    }
    return next;
  }
  if (typeof value === 'number') return Math.imul(print ^ value ^ ((value * 4096) << 7), PRIME);
  return Math.imul(print ^ (value === true ? 2 : 3), PRIME);
}

/** The print of one spelling, whose values begin at `from`. */
export function printOfAll(values: readonly unknown[], from: number, { chars, ends }: Recipe): number {
  let print = SEED;
  for (let i = 0, at = 0; i < ends.length; i++) {
    print = printOf(print, values[from + i], chars, at, ends[i]!);
    at = ends[i]!;
  }
  return print;
}

/** The same of every character, for values that a few do not tell apart. */
export function wholePrintOfAll(values: readonly unknown[], from: number, labels: number): number {
  let print = SEED;
  for (let i = from; i < from + labels; i++) {
    const value = values[i];
    print = printOf(print, value, none, 0, 0);
    if (typeof value !== 'string') continue;
    for (let at = 0; at < value.length; at++) print = Math.imul(print ^ value.charCodeAt(at), PRIME);
  }
  return print;
}

/**
 * A recipe for these spellings: `known` if it tells a sample of them apart, otherwise as few characters as do. They are
 * added one at a time, each time the one that tells most apart. `undefined` if no few do.
 */
export function learned(values: readonly unknown[], count: number, known: Recipe): Recipe | undefined {
  const labels = known.ends.length;
  const sample = Array.from({ length: Math.min(count, SAMPLE) }, (_, i) => {
    const spelling = count <= SAMPLE ? i : Math.floor(((i * 0.618034) % 1) * count);
    return values.slice(spelling * labels, (spelling + 1) * labels);
  });
  const enough = Math.ceil(sample.length * ENOUGH);
  if (distinct(sample.map((spelling) => printOfAll(spelling, 0, known))) >= enough) return known;
  const candidates = differing(sample, labels);
  const chosen: number[][] = Array.from({ length: labels }, () => []);
  let prints: readonly number[] = sample.map((spelling) => printOfAll(spelling, 0, noChars(labels)));
  let most = distinct(prints);
  for (let chars = 0; chars < MOST_CHARS && most < enough; chars++) {
    let best: Candidate | undefined;
    const before = prints;
    for (const candidate of candidates) {
      const next = before.map((print, i) => Math.imul(print ^ candidate.codes[i]!, PRIME));
      const told = distinct(next);
      if (told > most) [most, best, prints] = [told, candidate, next];
      if (most >= enough) break;
    }
    if (best === undefined) return undefined;
    chosen[best.label]!.push(best.char);
  }
  if (most < enough) return undefined;
  let end = 0;
  return {
    chars: Uint8Array.from(chosen.flat()),
    ends: Uint8Array.from(chosen, ({ length }) => {
      end += length;
      return end;
    }),
  };
}

/** A character that is not the same in all values of its label. */
interface Candidate {
  readonly label: number;
  /** Its distance from the end. */
  readonly char: number;
  /** It in each spelling of the sample; -1 where the value is too short or no string. */
  readonly codes: readonly number[];
}

function differing(sample: readonly (readonly unknown[])[], labels: number): readonly Candidate[] {
  const found: Candidate[] = [];
  for (let label = 0; label < labels; label++) {
    for (let char = 1; char <= REACH; char++) {
      const codes = sample.map((spelling) => {
        const value = spelling[label];
        return typeof value === 'string' && value.length >= char ? value.charCodeAt(value.length - char) : -1;
      });
      if (codes.some((code) => code !== codes[0])) found.push({ label, char, codes });
    }
  }
  return found;
}

function distinct(prints: readonly number[]): number {
  const sorted = Int32Array.from(prints).sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) count++;
  return count;
}
