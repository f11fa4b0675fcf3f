import type { Logger } from '../collect/context.ts';
import type { Snapshot } from '../collect/snapshot.ts';

/** Labels that tell the runs of one job apart, such as `{ instance: 'db1' }`. */
export type Grouping = { readonly [label: string]: string };

/** What a job's run hands to a sink. */
export interface Delivery {
  readonly job: string;
  readonly grouping: Grouping;
  /** `replace`: the group is this and nothing else. `add`: families of these names are replaced, the others stay. */
  readonly mode: 'replace' | 'add';
  readonly snapshot: Snapshot;
}

/** Somewhere a job's result can go. */
export interface Sink {
  /** Names it in logs, without secrets. */
  readonly name: string;
  /** Resolves when the result is there; rejects saying what went wrong and what to do. */
  deliver(delivery: Delivery, context: { readonly log: Logger }): Promise<void>;
}
