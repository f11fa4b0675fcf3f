import { deepStrictEqual } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { silent } from '../collect/context.ts';
import { systemResolve } from '../collect/resolve.ts';
import { type Answer, type Down, type LiveTarget, liveTarget } from '../collect/source/live-target.ts';
import type { Source } from '../collect/source/source.ts';
import { targetsOf } from '../collect/source/targets.ts';
import type { CollectorRule } from './collector-conformance.ts';

/** A source with settings of a target. Each rule makes its own; `onTestFinished` works in these functions. */
export interface SourceUnderTest {
  /** A target that answers. */
  good(): SourceTarget | Promise<SourceTarget>;
  /** A target that refuses connections or credentials. */
  failing(): SourceTarget | Promise<SourceTarget>;
  /** A target that accepts connections and never responds. */
  hanging(): SourceTarget | Promise<SourceTarget>;
}

export interface SourceTarget {
  readonly source: Source;
  /** Passed to the source's `config.parse()`; default `{}`. */
  readonly target?: unknown;
  /** Number of connections that the target has now. */
  readonly connections?: () => number;
}

/**
 * The rules for a source that is shared with others: `up` is 0 in time, a hanging target is opened once, and all that is
 * opened is closed.
 *
 * @example
 * it.each(sourceConformance({
 *   good: () => ({ source: redis, target: { addr: server.addr }, connections: server.connections }),
 *   failing: () => ({ source: redis, target: { addr: 'redis://127.0.0.1:1' } }),
 *   hanging: () => ({ source: redis, target: { addr: mute.addr }, connections: mute.connections }),
 * }))('$title', ({ check }) => check());
 */
export function sourceConformance(subject: SourceUnderTest): readonly CollectorRule[] {
  return Object.entries(rules).map(([title, rule]) => ({ title, check: () => rule(subject) }));
}

type Rule = (subject: SourceUnderTest) => Promise<void>;

/** Deadline for a target that answers, and for one that does not. */
const PATIENT_MS = 5000;
const SHORT_MS = 200;
/** How late an answer may be, and how long closing may take. */
const SLACK_MS = 1000;
const RELEASE_MS = 3000;

const rules: { readonly [title: string]: Rule } = {
  async 'answers, and opens once for several scrapes'(subject) {
    const watched = watch(await subject.good());
    for (let i = 0; i < 3; i++) isUp(await watched.ask(PATIENT_MS));
    await watched.closed();
    if (watched.opens() > 1) throw new Error(`it was opened ${watched.opens()} times for 3 scrapes.`);
  },

  async 'answers several scrapes at once'(subject) {
    const watched = watch(await subject.good());
    for (const answer of await Promise.all([1, 2, 3].map(() => watched.ask(PATIENT_MS)))) isUp(answer);
    await watched.closed();
  },

  async 'is opened again after it was closed'(subject) {
    const given = await subject.good();
    for (const watched of [watch(given), watch(given)]) {
      isUp(await watched.ask(PATIENT_MS));
      await watched.closed();
    }
  },

  async 'is down when its target fails, and says why'(subject) {
    const watched = watch(await subject.failing());
    const { error, reason } = isDown(await watched.ask(PATIENT_MS));
    await watched.closed();
    if (error === undefined || reason.trim() === '') throw new Error('it threw no Error with a message.');
  },

  async 'is down at the deadline when its target hangs'(subject) {
    const watched = watch(await subject.hanging());
    const started = performance.now();
    isDown(await watched.ask(SHORT_MS));
    const late = performance.now() - started - SHORT_MS;
    await watched.closed();
    if (late > SLACK_MS) throw new Error(`it was ${Math.round(late)} ms late; do not block the event loop.`);
  },

  async 'opens a hanging target once at a time, and lets it go'(subject) {
    const watched = watch(await subject.hanging());
    for (const answer of await Promise.all([1, 2, 3, 4].map(() => watched.ask(SHORT_MS)))) isDown(answer);
    if (watched.opens() > 1) throw new Error(`it was opened ${watched.opens()} times at once.`);
    await watched.closed();
  },
};

function isUp(answer: Answer): void {
  if (!answer.up) throw new Error(`it was down (${answer.stage}): ${answer.reason}`, { cause: answer.error });
}

function isDown(answer: Answer): Down {
  if (answer.up) throw new Error('it was up; `read` must ask the target, and throw if that fails.');
  return answer;
}

/** A target whose calls of `open` and `close` are counted. */
function watch({ source, target = {}, connections }: SourceTarget): {
  ask(ms: number): Promise<Answer>;
  opens(): number;
  /** Closes the target. @throws Error if something is left open. */
  closed(): Promise<void>;
} {
  let opens = 0;
  const open = new Set<unknown>();
  const pending = new Set<Promise<unknown>>();
  const track = <T>(call: Promise<T>): Promise<T> => {
    const settled = call.catch(() => undefined).finally(() => pending.delete(settled));
    pending.add(settled);
    return call;
  };
  const watched: Source = {
    ...source,
    read: (context) => track((async () => source.read(context))()),
  };
  if (source.open !== undefined) {
    Object.assign(watched, {
      open: (context: Parameters<NonNullable<Source['open']>>[0]) => {
        opens++;
        return track(
          (async () => {
            const client = await source.open!(context);
            open.add(client);
            return client;
          })(),
        );
      },
      close: async (client: unknown) => {
        await source.close!(client);
        open.delete(client);
      },
    });
  }
  const live: LiveTarget = liveTarget(watched, targetsOf(source, target)[0]!, { log: silent, resolve: systemResolve });
  return {
    opens: () => opens,
    async ask(ms) {
      const answer = await live.join(performance.now() + ms).done;
      if (answer.up) answer.release();
      return answer;
    },
    async closed() {
      await live.retire();
      await until(
        () => pending.size === 0,
        'a call of `open` or `read` is still running; pass `signal` to what it awaits',
      );
      deepStrictEqual(open.size, 0, '`close` did not end, or failed');
      await until(() => (connections?.() ?? 0) === 0, 'the target still has connections');
    },
  };
}

async function until(isSo: () => boolean, otherwise: string): Promise<void> {
  const end = performance.now() + RELEASE_MS;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`${RELEASE_MS / 1000} s after it was closed, ${otherwise}.`);
    await sleep(5);
  }
}
