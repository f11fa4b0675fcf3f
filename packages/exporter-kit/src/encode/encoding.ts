import { Buffer } from 'node:buffer';
import type { SnapshotFamily } from '../collect/scrape/snapshot.ts';
import { type Escaping, escapings } from '../metric/escape.ts';
import type { Metric } from '../metric/metric.ts';

/** The differences between formats: the head of a family and the end of the exposition. Sample lines are the same in all. */
export interface Encoding {
  /** For names outside the legacy syntax. */
  readonly escaping: Escaping;
  /** The families as the format allows them; the same result for the same input. */
  families(families: readonly SnapshotFamily[]): readonly SnapshotFamily[];
  /** The HELP and TYPE lines of a family, in UTF-8. */
  head(metric: Metric): Uint8Array;
  readonly foot: string;
  /** Whether the format forbids negative or NaN sums and negative quantiles; their lines are left out. */
  readonly noNegatives: boolean;
}

/** One format under each escaping. */
export type Encodings = { readonly [E in Escaping]: Encoding };

/** An encoding whose heads are strings. */
type StringEncoding = Omit<Encoding, 'head'> & { head(metric: Metric): string };

/** One encoding for each escaping. Heads are encoded once per metric. */
export function encodings(make: (escaping: Escaping) => StringEncoding): Encodings {
  return Object.fromEntries(escapings.map((escaping) => [escaping, withCachedHeads(make(escaping))])) as Encodings;
}

function withCachedHeads(encoding: StringEncoding): Encoding {
  const heads = new WeakMap<Metric, Uint8Array>();
  return {
    ...encoding,
    head(metric) {
      let head = heads.get(metric);
      if (head === undefined) {
        head = Buffer.from(encoding.head(metric));
        heads.set(metric, head);
      }
      return head;
    },
  };
}
