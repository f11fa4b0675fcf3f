import type { MessagePort } from 'node:worker_threads';
import type { Metric } from '../../metric/metric.ts';
import type { Logger } from '../context.ts';
import type { Packed } from './errors.ts';

/** What the main thread posts to a collector's thread. */
export type ToThread =
  | { readonly type: 'run'; readonly run: number; readonly config: unknown; readonly samples: MessagePort }
  | { readonly type: 'abort'; readonly run: number; readonly reason: Packed };

/** What comes back beside the samples. */
export type FromThread =
  | { readonly type: 'ended'; readonly run: number; readonly error?: Packed }
  | {
      readonly type: 'log';
      readonly run: number;
      readonly level: keyof Logger;
      readonly facts: readonly (readonly [string, Packed])[];
      readonly message: string;
    };

/** Samples go through a port of their own, so that the main thread takes them at its own pace: a few to a message. */
export type SampleMessage = readonly (NewFamily | Batch)[];

/** A family known only at run time; batches name it by its place among the others. */
export interface NewFamily {
  readonly family: Metric;
}

/** Samples of one metric, in the order they were written. */
export interface Batch {
  /** The key of a declared metric, or the place of a dynamic family. */
  readonly metric: string | number;
  readonly rows: number;
  /** The label values, each once; `places` points into it, one place for each declared label, row by row. */
  readonly texts: readonly string[];
  readonly places: Uint32Array;
  /** The values as numbers; see `cells.ts`. */
  readonly cells: Float64Array;
  /** Before all that: arguments that are not what was declared, as they came. The store says what is wrong with them. */
  readonly odd: readonly (readonly unknown[])[];
}
