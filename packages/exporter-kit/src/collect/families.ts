import type { LabelValue } from '../metric/labels.ts';
import type { Kind } from '../metric/metric.ts';

/** One line of an exposition, taken apart. Exemplars, start times and native histograms will be optional fields of it. */
export interface Sample {
  /** As written, with `_bucket`, `_total` and the like. */
  readonly name: string;
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
  /** Milliseconds since the epoch, where the line had a timestamp. */
  readonly timestampMs?: number;
}

/** One family, its samples read as they are iterated over. */
export interface LazyFamily {
  /** As the format's TYPE line names it. */
  readonly name: string;
  readonly kind: Kind;
  readonly help: string;
  readonly unit: string;
  readonly samples: Iterable<Sample>;
}

/** One family of an exposition, taken apart. */
export interface Family extends LazyFamily {
  readonly samples: readonly Sample[];
}

/** Labels as a record, for reading. */
export type LabelRecord = { readonly [label: string]: LabelValue };
