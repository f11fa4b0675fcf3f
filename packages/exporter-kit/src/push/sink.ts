import type { Logger } from '../collect/context.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';

/** Labels that tell the runs of one job apart, such as `{ instance: 'db1' }`. */
export type Grouping = { readonly [label: string]: string };

/** One job under one grouping: what a sink replaces, adds to or removes as a unit. */
export interface Group {
  readonly job: string;
  readonly grouping: Grouping;
}

/** `replace`: the group becomes exactly this result. `add`: families with these names are replaced, others stay. */
export type Mode = 'replace' | 'add';

/** The result of a run, as a sink gets it. */
export interface Delivery extends Group {
  readonly mode: Mode;
  readonly snapshot: Snapshot;
}

/** What a sink gets beside the delivery. */
export interface SinkContext {
  readonly log: Logger;
  /** Aborts when the push timeout is over; a sink then rejects at once. */
  readonly signal: AbortSignal;
}

/** A destination for results of jobs. */
export interface Sink {
  /** Identifies the sink in logs and errors; must not contain secrets. */
  readonly name: string;
  /** Modes that the sink distinguishes; default: both. `[]` for a sink that keeps no groups. */
  readonly modes?: readonly Mode[];
  /** `false` if undelivered results are of no use later, so that they are not spooled. */
  readonly keep?: false;
  /** Called before a job runs; rejects if delivery is impossible, as when a dependency is missing. */
  check?(): Promise<void>;
  /**
   * Resolves when the result is there; rejects saying what went wrong and what to do: with a `permanentFailure` of
   * `exporter-kit/sink` where the same result would be refused again.
   */
  deliver(delivery: Delivery, context: SinkContext): Promise<void>;
  /** Removes a group; resolves too if there is none. Absent if the receiver can't remove. */
  remove?(group: Group, context: SinkContext): Promise<void>;
}
