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

/** Makes them. A metric's head is the same at each scrape, so it is made once. */
export function encodings(make: (escaping: Escaping) => Encoding): Encodings {
  return Object.fromEntries(escapings.map((escaping) => [escaping, remembering(make(escaping))])) as Encodings;
}

function remembering(encoding: Encoding): Encoding {
  const heads = new WeakMap<Metric, string>();
  return {
    ...encoding,
    head(metric) {
      let head = heads.get(metric);
      if (head === undefined) {
        head = encoding.head(metric);
        heads.set(metric, head);
      }
      return head;
    },
  };
}
