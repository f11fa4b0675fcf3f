import type { Logger } from '../collect/context.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';

/** Labels that tell the runs of one job apart, such as `{ instance: 'db1' }`. */
export type Grouping = { readonly [label: string]: string };

/** What a sink keeps together: the result of one job under one grouping. */
export interface Group {
  readonly job: string;
  readonly grouping: Grouping;
}

/** `replace`: the group is this and nothing else. `add`: families of these names are replaced, the others stay. */
export type Mode = 'replace' | 'add';

/** What a job's run hands to a sink. */
export interface Delivery extends Group {
  readonly mode: Mode;
  readonly snapshot: Snapshot;
}

/** What a sink works with. */
export interface SinkContext {
  readonly log: Logger;
  /** Aborts when there is no more time; a sink then rejects at once. */
  readonly signal: AbortSignal;
}

/** Somewhere a job's result can go. */
export interface Sink {
  /** Names it in logs, without secrets. */
  readonly name: string;
  /** The modes it tells apart; both unless it says otherwise. A sink that keeps no groups has none. */
  readonly modes?: readonly Mode[];
  /** `false`: what it did not take is of no use to it later, so no spool keeps it. */
  readonly keep?: false;
  /** Rejects when nothing can be delivered whatever is done, as something is missing here; asked before a job runs. */
  check?(): Promise<void>;
  /**
   * Resolves when the result is there; rejects saying what went wrong and what to do: with a {@link permanentFailure} where the
   * same result would be refused again.
   */
  deliver(delivery: Delivery, context: SinkContext): Promise<void>;
  /** Takes a group away; resolves as well when there is none. Absent where it can't be done. */
  remove?(group: Group, context: SinkContext): Promise<void>;
}
