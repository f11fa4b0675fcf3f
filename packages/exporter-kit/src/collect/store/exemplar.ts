import { isLegacyLabel } from '../../metric/escape.ts';

/** Labels of an exemplar, such as `trace_id`: names of letters, digits and `_`, 128 characters in all names and values. */
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

/** A copy of an exemplar's labels; `undefined` if they are not such. Throws only what a getter among them throws. */
export function exemplarLabels(given: unknown): ExemplarLabels | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const labels: { [label: string]: string } = Object.create(null);
  let left = MOST_CHARACTERS;
  for (const name in given) {
    const value: unknown = (given as ExemplarLabels)[name];
    if (typeof value !== 'string' || !isLegacyLabel(name) || !value.isWellFormed()) return undefined;
    left -= lengthOf(name, left) + lengthOf(value, left);
    if (left < 0) return undefined;
    labels[name] = value;
  }
  return labels;
}

/** Number of code points; more than `most` if there are more. A text is not read beyond twice that. */
function lengthOf(text: string, most: number): number {
  if (text.length > 2 * most) return most + 1;
  let length = 0;
  for (const _ of text) length++;
  return length;
}
