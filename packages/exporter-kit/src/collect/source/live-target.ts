import { kindOf } from '../../errors/thrown.ts';
import { within } from '../../time/wait.ts';
import { CLOSE_MS, type KeptClient, keptClient } from './kept-client.ts';
import { opener, type SourceOptions } from './opener.ts';
import { LATE, type Reading, startReading } from './reader.ts';
import { isDenied, retryPause } from './retry-pause.ts';
import type { Source } from './source.ts';
import { stuckCalls } from './stuck-calls.ts';
import type { Target } from './targets.ts';

/** Where asking a target failed. */
export type Stage = 'open' | 'read';

/** A target's answer to one waiter. */
export type Answer =
  | {
      readonly up: true;
      readonly durationMs: number;
      readonly client: unknown;
      readonly reading: unknown;
      /** To be called once; the client is closed only after that. */
      release(): void;
    }
  | Down;

/** Why a target is down. */
export interface Down {
  readonly up: false;
  readonly durationMs: number;
  readonly stage: Stage;
  readonly reason: string;
  readonly error?: unknown;
  /** When it is tried again at the latest, where it waits after a failure or for a stuck call. */
  readonly nextTryMs?: number;
  /** Earlier calls ignore their signal, or do not close, and are still running, so none was started. */
  readonly isStuck?: true;
}

/** One scrape's wait for a target's answer. */
export interface Waiter {
  /** Never rejects; a target that does not answer by the deadline is down for this waiter. */
  readonly done: Promise<Answer>;
  /** Waits until `deadline`, if that is later than before; on the clock of `performance.now()`. */
  extend(deadline: number): void;
  /** Stops waiting. */
  leave(): void;
}

/** How a target fares, for status pages: no settings, and of errors only the code. */
export interface TargetState {
  readonly status: 'open' | 'opening' | 'waiting' | 'closed';
  /** In milliseconds since the epoch. */
  readonly since: number;
  readonly opens: number;
  /** Code or class of the last error; absent after an answer. */
  readonly error?: string;
}

/** One target of a source, with its client. */
export interface LiveTarget {
  readonly source: Source;
  readonly target: Target;
  /** The target's own label; empty for one without a name. */
  readonly labels: { readonly [label: string]: string };
  readonly counts: { opens: number; readonly failures: { [S in Stage]: number } };
  /** Opens the target if needed and reads it, or joins a call in progress. */
  join(deadline: number): Waiter;
  /** What to tell someone who leaves before `done`. */
  late(): Down;
  state(): TargetState;
  /**
   * Closes the client after its last use; a scrape that still asks opens another, which is closed after it.
   * Resolves when nothing is open, or 5 s after the last user has gone.
   */
  retire(): Promise<void>;
}

/** One call of `open` and `read`, shared by all its waiters. */
interface Visit {
  readonly started: number;
  readonly done: Promise<Answer>;
  stage: Stage;
  reading: Reading | undefined;
  waiters: number;
  /** The latest of the waiters'. */
  deadline: number;
  over: boolean;
}

/** Makes a target; nothing is opened before it is asked. */
export function liveTarget(source: Source, target: Target, options: SourceOptions): LiveTarget {
  const { log, resolve } = options;
  const labels: LiveTarget['labels'] = target.name === undefined ? {} : { [source.label]: target.name };
  const facts = { source: source.name, ...labels };
  const clients = opener(source, target, facts, options);
  const pause = retryPause();
  const counts = { opens: 0, failures: { open: 0, read: 0 } };
  // A source without `open` has nothing to keep: its client is undefined, and new each time.
  const noClient = source.open === undefined ? keptClient(undefined, () => {}, log, facts) : undefined;
  let kept: KeptClient | undefined;
  let visit: Visit | undefined;
  const stuckReads = stuckCalls();
  let retired = false;
  const closings = new Set<Promise<void>>();
  let last: Down | undefined;
  let since = Date.now();

  function discard(client: KeptClient): void {
    if (client === noClient) return;
    if (kept === client) kept = undefined;
    since = Date.now();
    const closing = client.close().finally(() => closings.delete(closing));
    closings.add(closing);
  }

  const down = (started: number, stage: Stage, reason: string, error?: unknown, stuckMs = 0): Down => {
    const nextTryMs = Math.max(pause.leftMs(), stuckMs);
    return {
      up: false,
      durationMs: performance.now() - started,
      stage,
      reason,
      ...(error === undefined ? {} : { error }),
      ...(nextTryMs > 0 ? { nextTryMs } : {}),
      ...(stuckMs > 0 ? { isStuck: true } : {}),
    };
  };

  /** A client to ask, held; or why there isn't one. */
  async function acquire(started: number): Promise<KeptClient | Down> {
    const ready = kept ?? noClient;
    if (ready !== undefined) {
      ready.hold();
      return ready;
    }
    since = Date.now();
    const opened = await clients.open();
    since = Date.now();
    if ('client' in opened) {
      counts.opens++;
      pause.succeeded();
      kept = opened.client;
      kept.hold();
      return kept;
    }
    counts.failures.open++;
    pause.failed(opened.error);
    return down(started, 'open', opened.reason, opened.error);
  }

  async function ask(one: Visit): Promise<Answer> {
    const { started } = one;
    for (;;) {
      const isNew = kept === undefined;
      one.stage = 'open';
      const client = await acquire(started);
      if ('up' in client) return client;
      if (one.waiters === 0) {
        client.release();
        return down(started, 'open', LATE);
      }
      one.stage = 'read';
      const reading = startReading(source, client.value, { config: target.config, log, resolve }, one.deadline);
      one.reading = reading;
      const result = await reading.done;
      one.reading = undefined;
      if (result.status === 'ok') {
        finish(one);
        // One hold for each waiter.
        for (let i = 1; i < one.waiters; i++) client.hold();
        if (one.waiters === 0) client.release();
        const release = (): void => client.release();
        const durationMs = performance.now() - started;
        return { up: true, durationMs, client: client.value, reading: result.reading, release };
      }
      counts.failures.read++;
      client.release();
      discard(client);
      if (result.status === 'late') stuckReads.add(reading.ended);
      if (isDenied(result.error)) pause.failed(result.error);
      if (isNew || result.status === 'late' || pause.leftMs() > 0 || clients.stuckMs() > 0) {
        return down(started, 'read', result.reason, result.error);
      }
      // The client was kept from an earlier scrape, and its connection may have died since: another one is asked.
    }
  }

  /** From here on it can't be joined, and those who leave have their answer. */
  function finish(one: Visit): void {
    one.over = true;
    if (visit === one) visit = undefined;
  }

  function start(deadline: number): Visit {
    const started = performance.now();
    let begin = (_: Promise<Answer>): void => {};
    const done = new Promise<Answer>((resolve) => {
      begin = resolve;
    });
    const one: Visit = { started, done, stage: 'open', reading: undefined, waiters: 0, deadline, over: false };
    begin(
      ask(one).then((answer) => {
        finish(one);
        // Without an error, it had no waiters at its end.
        if (answer.up) last = undefined;
        else if (answer.error !== undefined) last = answer;
        if (retired) closeKept();
        return answer;
      }),
    );
    return one;
  }

  /** Why nothing may be started now. */
  function obstacle(now: number): Down | undefined {
    const stuckMs = Math.max(stuckReads.waitMs(), kept === undefined ? clients.stuckMs() : 0);
    if (stuckMs === 0 && (kept !== undefined || pause.leftMs() === 0)) return undefined;
    // The reason is the same as before: the note on what it waits for is not part of it.
    return down(now, last?.stage ?? 'open', last?.reason ?? LATE, last?.error, stuckMs);
  }

  function join(deadline: number): Waiter {
    const blocked = visit === undefined ? obstacle(performance.now()) : undefined;
    if (blocked !== undefined) return { done: Promise.resolve(blocked), extend() {}, leave() {} };
    visit ??= start(deadline);
    const one = visit;
    one.waiters++;
    let until = deadline;
    let timer: NodeJS.Timeout | undefined;
    let gone = false;
    let giveUp = (_: Down): void => {};
    const early = new Promise<Answer>((resolve) => {
      giveUp = resolve;
    });
    function leave(): void {
      if (gone || one.over) return;
      gone = true;
      clearTimeout(timer);
      one.waiters--;
      giveUp(down(one.started, one.stage, LATE));
      if (retired && one.waiters === 0) clients.abort(new Error(RETIRED));
    }
    function wait(): void {
      if (until > one.deadline) one.deadline = until;
      one.reading?.extend(until);
      clearTimeout(timer);
      // After the reading's own timer, which says more.
      if (until !== Infinity) timer = setTimeout(leave, Math.max(0, until - performance.now()) + 2);
    }
    wait();
    return {
      done: Promise.race([one.done, early]).finally(() => clearTimeout(timer)),
      extend(later) {
        if (later <= until) return;
        until = later;
        if (!gone && !one.over) wait();
      },
      leave,
    };
  }

  function closeKept(): void {
    if (kept !== undefined) discard(kept);
  }

  return {
    source,
    target,
    labels,
    counts,
    join,
    late: () => down(visit?.started ?? performance.now(), visit?.stage ?? 'open', LATE),
    state() {
      const status = kept !== undefined ? 'open' : clients.isOpening() ? 'opening' : undefined;
      return {
        status:
          status ?? (pause.leftMs() > 0 || clients.stuckMs() > 0 || stuckReads.waitMs() > 0 ? 'waiting' : 'closed'),
        since,
        opens: counts.opens,
        ...(last === undefined ? {} : { error: kindOf(last.error) ?? last.stage }),
      };
    },
    async retire() {
      retired = true;
      if (visit === undefined) closeKept();
      else if (visit.waiters === 0) clients.abort(new Error(RETIRED));
      await visit?.done;
      await Promise.all([within(clients.idle(), CLOSE_MS, undefined), ...closings]);
    },
  };
}

const RETIRED = 'the target is closed';
