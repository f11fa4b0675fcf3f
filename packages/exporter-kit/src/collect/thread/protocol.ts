import type { MessagePort } from 'node:worker_threads';
import type { Metric } from '../../metric/metric.ts';
import type { Logger } from '../context.ts';
import type { Packed } from './errors.ts';

/** Messages to a collector's thread. */
export type ToThread =
  | { readonly type: 'run'; readonly run: number; readonly config: unknown; readonly samples: MessagePort }
  | { readonly type: 'abort'; readonly run: number; readonly reason: Packed };

/** Messages from it, other than samples. */
export type FromThread =
  | { readonly type: 'ended'; readonly run: number; readonly error?: Packed }
  | {
      readonly type: 'log';
      readonly run: number;
      readonly level: keyof Logger;
      readonly facts: readonly (readonly [string, Packed])[];
      readonly message: string;
    };

/** Samples have a port of their own, so that the main thread reads them at its own pace, a few per message. */
export type SampleMessage = readonly (NewFamily | Batch)[];

/** A dynamic family; batches refer to it by its index. */
export interface NewFamily {
  readonly family: Metric;
}

/** Samples of one metric, in the order they were written. */
export interface Batch {
  /** The key of a declared metric, or the index of a dynamic family. */
  readonly metric: string | number;
  readonly rows: number;
  /** The distinct label values; `places` has their indexes, one for each declared label, row by row. */
  readonly texts: readonly string[];
  readonly places: Uint32Array;
  /** The values as numbers; see `cells.ts`. */
  readonly cells: Float64Array;
  /** Written before the others: invalid arguments, unchanged, for which the store has the messages. */
  readonly odd: readonly (readonly unknown[])[];
}
