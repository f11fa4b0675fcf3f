// Longer ones are rarely the same, and V8 cuts texts of 13 letters or more out of another without a copy.
const LONGEST = 64;
const SHORTEST_SLICE = 13;
const MOST = 10_000;

const texts = new Map<string, string>();

/**
 * A label's value to keep: not a slice of a long text, such as a whole reply, which would live as long; and the same for all
 * targets that have it.
 */
export function keptText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.length > LONGEST) return copied(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const own = value.length < SHORTEST_SLICE ? value : copied(value);
  // Forgets what is not seen any more, too.
  if (texts.size >= MOST) texts.clear();
  texts.set(own, own);
  return own;
}

const copied = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
