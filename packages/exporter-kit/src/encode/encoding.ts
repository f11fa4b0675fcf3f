import { Buffer } from 'node:buffer';
import type { SnapshotFamily } from '../collect/scrape/snapshot.ts';
import { type Escaping, escapings } from '../metric/escape.ts';
import type { Metric } from '../metric/metric.ts';

/** What tells the formats apart: how a family begins and how the whole ends. The lines between are the same. */
export interface Encoding {
  /** How names outside the legacy syntax are written. */
  readonly escaping: Escaping;
  /** The families as the format can have them; always the same for the same ones. */
  families(families: readonly SnapshotFamily[]): readonly SnapshotFamily[];
  /** In UTF-8. */
  head(metric: Metric): Uint8Array;
  readonly foot: string;
  /** Whether sums and quantiles that are negative or no number are left out, because the format forbids them. */
  readonly noNegatives: boolean;
}

/** One format under each escaping. */
export type Encodings = { readonly [E in Escaping]: Encoding };

/** An encoding whose heads are text. */
type Written = Omit<Encoding, 'head'> & { head(metric: Metric): string };

/** Makes them. A metric's head is the same at each scrape, so it is made once. */
export function encodings(make: (escaping: Escaping) => Written): Encodings {
  return Object.fromEntries(escapings.map((escaping) => [escaping, remembering(make(escaping))])) as Encodings;
}

function remembering(encoding: Written): Encoding {
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
