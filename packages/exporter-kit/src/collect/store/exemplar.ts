import { isLegacyLabel } from '../../metric/escape.ts';

/**
 * Labels of an exemplar, such as `trace_id`: names of letters, digits and `_` that do not begin with `__`, and at most 128
 * characters in all names and values.
 */
export type ExemplarLabels = { readonly [label: string]: string };

/** One of the events that a number counts, with labels of its own. */
export interface Exemplar {
  readonly labels: ExemplarLabels;
  /** What was observed, or added to a counter. */
  readonly value: number;
  /** When, in milliseconds since the epoch. */
  readonly timestampMs: number;
  /** As an encoder has written it, so that it is not made again at each scrape. */
  text?: string;
}

// OpenMetrics 1.0: names and values of an exemplar's labels, in code points.
const MOST_CHARACTERS = 128;

/** Why an exemplar is left out. */
export const INVALID_EXEMPLAR =
  'an exemplar has strings under legacy names, 128 characters in all; written without it.';

/** A copy of an exemplar; `undefined` if its labels are not allowed. */
export function copyOf({ labels, value, timestampMs }: Exemplar): Exemplar | undefined {
  const own = exemplarLabels(labels);
  return own && { labels: own, value, timestampMs };
}

/** A copy of an exemplar's labels; `undefined` if they are not such. Throws only what a getter among them throws. */
export function exemplarLabels(given: unknown): ExemplarLabels | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const labels: { [label: string]: string } = {};
  let all = 0;
  let points = 0;
  for (const name in given) {
    const value: unknown = (given as ExemplarLabels)[name];
    if (typeof value !== 'string') return undefined;
    all += name.length + value.length;
    // A character takes at most two units.
    if (all > 2 * MOST_CHARACTERS) return undefined;
    // Names that begin with "__" are Prometheus's own, and `__proto__` would not become one.
    if (!isLegacyLabel(name) || name.startsWith('__') || !value.isWellFormed()) return undefined;
    points += name.length + lengthOf(value);
    labels[name] = value;
  }
  return points > MOST_CHARACTERS ? undefined : labels;
}

/** Number of characters of a text, which can be one for two units. */
function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) length--;
  return length;
}
