/**
 * Which characters of label values make up prints: small numbers that tell spellings apart. Equal values have equal prints.
 * One of each label costs least; more are for families of many series.
 */
export interface Recipe {
  /** For each label, the distance of a character from the end of its value. */
  readonly chars: readonly number[];
  /** The first four of them, in bytes: the first label's is the lowest. */
  readonly packed: number;
  /** More characters, two numbers for each: the label's distance from the last label, and the character's from the end. */
  readonly more: Uint8Array;
}

// So mixed, the upper bits of a print depend on all that was added.
const MIX = 0x9e3779b1;
/** What a print begins with: random, so that collisions can't be provoked by choosing label values. */
export const newSeed = (): number => Math.floor(Math.random() * 2 ** 31);

// For a choice of characters: those tried from the end of values, and most that are chosen.
const REACH = 32;
const MOST_CHARS = 12;
// Share of the sample that prints have to tell apart.
const ENOUGH = 0.97;

const none = new Uint8Array(0);

/** The recipe to begin with: the last character of each value. */
export const lastChars = (labels: number): Recipe => recipe(new Array<number>(labels).fill(1), none);

function recipe(chars: readonly number[], more: Uint8Array): Recipe {
  const [a = 0, b = 0, c = 0, d = 0] = chars;
  return { chars, packed: a | (b << 8) | (c << 16) | (d << 24), more };
}

/** Adds the value of a label to a print: its length and one character, or its number. What can't be a value has a print too. */
export function printOf(print: number, value: unknown, char: number): number {
  if (typeof value === 'string') {
    const { length } = value;
    const code = length >= char ? value.charCodeAt(length - char) : 0;
    return Math.imul(print ^ (length + (code << 8)), MIX);
  }
  if (typeof value === 'number') return Math.imul(print ^ value ^ ((value * 4096) << 7), MIX);
  return Math.imul(print ^ (value === true ? 2 : 3), MIX);
}

/** Adds one more character of a value. */
export function printOfChar(print: number, value: unknown, char: number): number {
  if (typeof value !== 'string' || value.length < char) return print;
  return Math.imul(print ^ value.charCodeAt(value.length - char), MIX);
}

/** The print of one spelling, whose values begin at `from`. */
export function printOfAll(seed: number, values: readonly unknown[], from: number, { chars, more }: Recipe): number {
  let print = seed;
  for (let i = 0; i < chars.length; i++) print = printOf(print, values[from + i], chars[i]!);
  const last = from + chars.length - 1;
  for (let i = 0; i < more.length; i += 2) print = printOfChar(print, values[last - more[i]!], more[i + 1]!);
  return print;
}

/** The same of every character, for values that a few do not tell apart. */
export function wholePrintOfAll(seed: number, values: readonly unknown[], from: number, labels: number): number {
  let print = seed;
  for (let i = from; i < from + labels; i++) {
    const value = values[i];
    print = printOf(print, value, 1);
    if (typeof value !== 'string') continue;
    for (let at = 0; at < value.length; at++) print = Math.imul(print ^ value.charCodeAt(at), MIX);
  }
  return print;
}

/** How many spellings {@link learned} looks at. */
export const SAMPLE = 256;

/**
 * A recipe for spellings of which this is a sample: `known` if it tells them apart, otherwise as few characters as do. They are
 * added one at a time, each time the one that tells most apart. `undefined` if no few do.
 */
export function learned(sample: readonly (readonly unknown[])[], known: Recipe): Recipe | undefined {
  const labels = known.chars.length;
  const enough = Math.ceil(sample.length * ENOUGH);
  if (distinct(sample.map((spelling) => printOfAll(0, spelling, 0, known))) >= enough) return known;
  const candidates = differing(sample, labels);
  const chosen: number[][] = Array.from({ length: labels }, () => []);
  let prints: readonly number[] = sample.map(lengthsOf);
  let most = distinct(prints);
  for (let chars = 0; chars < MOST_CHARS && most < enough; chars++) {
    let best: Candidate | undefined;
    const before = prints;
    for (const candidate of candidates) {
      const next = before.map((print, i) => Math.imul(print ^ candidate.codes[i]!, MIX));
      const told = distinct(next);
      if (told > most) [most, best, prints] = [told, candidate, next];
      if (most >= enough) break;
    }
    if (best === undefined) return undefined;
    chosen[best.label]!.push(best.char);
  }
  if (most < enough) return undefined;
  const more = chosen.flatMap(([, ...others], label) => others.flatMap((char) => [labels - 1 - label, char]));
  return recipe(
    chosen.map(([first = 1]) => first),
    Uint8Array.from(more),
  );
}

const lengthsOf = (spelling: readonly unknown[]): number =>
  spelling.reduce((print: number, value) => printOf(print, value, Infinity), 0);

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
