import type { LabelValue } from '../metric/labels.ts';
import type { Kind } from '../metric/metric.ts';
import type { NativeHistogram } from './native-histogram.ts';
import type { Exemplar } from './store/exemplar.ts';

/** One line of an exposition, parsed; or a native histogram, which is one sample. */
export interface Sample {
  /** The full name, with `_bucket`, `_total` and so on. */
  readonly name: string;
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
  /** Milliseconds since the epoch, if the line has a timestamp. */
  readonly timestampMs?: number;
  /** Of a counter, or of a histogram's bucket. */
  readonly exemplar?: Exemplar;
  /** For a counter or histogram, when it began to count, in milliseconds since the epoch. */
  readonly startMs?: number;
  /** A native histogram; `value` is then its count, and `name` that of the family. */
  readonly native?: NativeHistogram;
}

/** One family whose samples are read while iterating. */
export interface LazyFamily {
  /** As in the format's TYPE line. */
  readonly name: string;
  readonly kind: Kind;
  readonly help: string;
  readonly unit: string;
  readonly samples: Iterable<Sample>;
}

/** One family of an exposition, parsed. */
export interface Family extends LazyFamily {
  readonly samples: readonly Sample[];
}

/** Labels as a record, for reading. */
export type LabelRecord = { readonly [label: string]: LabelValue };
