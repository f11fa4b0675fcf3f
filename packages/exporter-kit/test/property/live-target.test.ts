import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silent } from '../../src/collect/context.ts';
import { systemResolve } from '../../src/collect/resolve.ts';
import { type LiveTarget, liveTarget } from '../../src/collect/source/live-target.ts';
import { denied, gauge, source } from '../../src/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** What a call does: after `ms`, or, if it heeds its signal, when that aborts. */
interface Act {
  readonly ends: 'well' | 'badly' | 'denied' | 'never';
  readonly ms: number;
  readonly heeds: boolean;
}
interface Step {
  readonly afterMs: number;
  readonly deadlineMs: number;
  readonly useMs: number;
  /** Leaves before its deadline. */
  readonly leavesAfterMs: number | undefined;
}

/** Often at once, so that scrapes meet. */
const soon = (most: number): fc.Arbitrary<number> => fc.oneof(fc.constant(0), fc.nat(20), fc.nat(most));

const act = fc.record<Act>({
  ends: fc.constantFrom('well', 'well', 'well', 'badly', 'denied', 'never'),
  ms: soon(3000),
  heeds: fc.boolean(),
});
const step = fc.record<Step>({
  afterMs: soon(4000),
  deadlineMs: fc.integer({ min: 1, max: 5000 }),
  useMs: fc.nat(6000),
  leavesAfterMs: fc.option(fc.nat(1000), { nil: undefined }),
});

function play({ ends, ms, heeds }: Act, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (ends === 'well') setTimeout(resolve, ms);
    if (ends === 'badly') setTimeout(reject, ms, new Error('refused'));
    if (ends === 'denied') {
      setTimeout(() => {
        try {
          denied('no');
        } catch (error) {
          reject(error);
        }
      }, ms);
    }
    if (heeds) signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** A target over a server that follows a script, and what it has seen. */
function scripted(opens: readonly Act[], reads: readonly Act[], closes: readonly Act[]) {
  const seen = { open: new Set<object>(), opening: 0, reading: 0, problems: [] as string[] };
  const inUse = new Map<object, number>();
  const late = new Set<object>();
  let [opened, read, closed] = [0, 0, 0];
  const one = (list: readonly Act[], i: number): Act => list[i % list.length]!;
  const thing = source({
    name: 'thing',
    up: gauge({ name: 'thing_up', help: 'Whether it answered.' }),
    openTimeoutMs: 4000,
    async open({ signal }) {
      if (++seen.opening > 1) seen.problems.push('two opens at once');
      try {
        await play(one(opens, opened++), signal);
      } finally {
        seen.opening--;
      }
      const client = {};
      seen.open.add(client);
      return client;
    },
    async read({ client, signal }) {
      if (++seen.reading > 1) seen.problems.push('two reads at once');
      if (!seen.open.has(client)) seen.problems.push('read over a closed client');
      if (late.has(client)) seen.problems.push('read again after it was late');
      signal.addEventListener('abort', () => late.add(client));
      try {
        await play(one(reads, read++), signal);
      } finally {
        seen.reading--;
      }
    },
    async close(client) {
      if ((inUse.get(client) ?? 0) > 0) seen.problems.push('closed while in use');
      if (!seen.open.delete(client)) seen.problems.push('closed twice');
      await play(one(closes, closed++), new AbortController().signal);
    },
  });
  const target = liveTarget(thing, { settings: {}, config: undefined }, { log: silent, resolve: systemResolve });
  return { target, seen, inUse };
}

/** One scrape: its answer is in time, and its client stays open while it is used. */
async function scrape(target: LiveTarget, inUse: Map<object, number>, problems: string[], one: Step): Promise<void> {
  const deadline = performance.now() + one.deadlineMs;
  const waiter = target.join(deadline);
  if (one.leavesAfterMs !== undefined) setTimeout(waiter.leave, one.leavesAfterMs);
  const answer = await waiter.done;
  if (performance.now() > deadline + 3) problems.push(`an answer ${performance.now() - deadline} ms late`);
  if (!answer.up) return;
  const client = answer.client as object;
  inUse.set(client, (inUse.get(client) ?? 0) + 1);
  await new Promise((used) => setTimeout(used, one.useMs));
  inUse.set(client, inUse.get(client)! - 1);
  answer.release();
}

it('answers in time, calls nothing twice at once, and leaves nothing open, whatever the target does', async () => {
  const acts = fc.array(act, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      acts,
      acts,
      acts,
      soon(3000),
      fc.array(step, { minLength: 1, maxLength: 8 }),
      async (opens, reads, closes, endMs, steps) => {
        const { target, seen, inUse } = scripted(opens, reads, closes);
        const scrapes: Promise<void>[] = [];
        for (const one of steps) {
          await vi.advanceTimersByTimeAsync(one.afterMs);
          scrapes.push(scrape(target, inUse, seen.problems, one));
        }
        await vi.advanceTimersByTimeAsync(endMs);
        const retired = target.retire();
        await vi.advanceTimersByTimeAsync(60_000);
        await Promise.all([...scrapes, retired]);
        expect(seen.problems).toEqual([]);
        expect(seen.open.size).toBe(0);
        expect(vi.getTimerCount()).toBe(0);
      },
    ),
    { numRuns: 500 },
  );
});
