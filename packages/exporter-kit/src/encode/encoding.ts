import { type Escaping, escapings } from '../metric/escape.ts';
import type { Metric } from '../metric/metric.ts';

/** What tells the formats apart: how a family begins and how the whole ends. The lines between are the same. */
export interface Encoding {
  /** How names outside the legacy syntax are written. */
  readonly escaping: Escaping;
  head(metric: Metric): string;
  readonly foot: string;
  /** Whether sums and quantiles that are negative or no number are left out, because the format forbids them. */
  readonly noNegatives: boolean;
}

/** One format under each escaping. */
export type Encodings = { readonly [E in Escaping]: Encoding };

/** Makes them. */
export function encodings(make: (escaping: Escaping) => Encoding): Encodings {
  return Object.fromEntries(escapings.map((escaping) => [escaping, make(escaping)])) as Encodings;
}
