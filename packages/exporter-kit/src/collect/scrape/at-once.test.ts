import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { encodeToString, text } from '../../encode/encode.ts';
import { gauge } from '../../metric/declare.ts';
import { collector } from '../collector.ts';
import { type Context, type LevelledLogger, type Logger, silent } from '../context.ts';
import { exporter } from '../exporter.ts';
import { type Gathered, type Gatherer, gatherer, type Scrape } from './gather.ts';
import { type Outcome, type Runner, runner } from './runner.ts';

// What a run that has nothing to wait for must not change: it ends in the turn in which it starts.

const value = gauge({ name: 'value', help: 'x' });
type Collect = (set: (v: number) => void, context: Context<unknown>) => unknown;

const made = (collect: Collect, name = 'test') =>
  collector({
    name,
    metrics: { value: { ...value, name: `${name}_value` } },
    collect: (w, context) => collect((v) => w.value.set(v), context) as undefined,
  });
const running = (collect: Collect): Runner => runner(made(collect), undefined, { log: silent, strict: false });
const soon = (ms = 10_000): number => performance.now() + ms;
const ask = (live: Runner, deadline = soon()): Promise<Outcome> => live.join(deadline).done;
const written = ({ samples }: Outcome): number | undefined => samples?.columns[0]?.vals[0];

describe('a writer that is kept', () => {
  it('writes nothing after the run', async () => {
    let kept = (_: number): void => {};
    const live = running((set) => {
      kept = set;
      set(1);
    });
    const outcome = await ask(live);
    kept(99);
    expect([written(outcome), live.drops.counts.get('late')]).toEqual([1, 1]);
  });

  it('writes nothing into the next run, even while that is open', async () => {
    const all: ((v: number) => void)[] = [];
    let wait: Promise<void> | undefined;
    let go = (): void => {};
    const live = running((set) => {
      all.push(set);
      if (all.length === 2) all[0]!(99);
      if (all.length < 3) return set(all.length);
      wait = new Promise((resolve) => {
        go = resolve;
      });
      return wait.then(() => set(3));
    });
    const first = await ask(live);
    first.samples?.release();
    const second = await ask(live);
    expect(written(second)).toBe(2);
    second.samples?.release();
    const third = ask(live);
    all[1]!(98);
    go();
    expect(written(await third)).toBe(3);
    expect(live.drops.counts.get('late')).toBe(2);
  });
});

describe('the signal', () => {
  it('is that of the run when it is first read after an await', async () => {
    let read = (_: AbortSignal): void => {};
    const first = new Promise<AbortSignal>((resolve) => {
      read = resolve;
    });
    const live = running(async (_set, context) => {
      await sleep(0);
      read(context.signal);
      await new Promise(() => {});
    });
    const run = live.join(soon());
    const signal = await first;
    expect(signal.aborted).toBe(false);
    run.leave();
    expect(signal.reason).toMatchObject({ message: 'no scrape is waiting for it any more' });
  });

  it('is aborted already when it is first read after the deadline', async () => {
    let go = (): void => {};
    const wait = new Promise<void>((resolve) => {
      go = resolve;
    });
    let signal: AbortSignal | undefined;
    const live = running(async (_set, context) => {
      await wait;
      signal = context.signal;
    });
    expect(await ask(live, soon(5))).toMatchObject({ status: 'timeout' });
    go();
    await sleep(0);
    expect(signal).toMatchObject({ aborted: true, reason: { message: expect.stringContaining('deadline') } });
  });

  it('is the same at each reading, and in copies of the context', async () => {
    let seen: readonly unknown[] = [];
    const live = running((_set, context) => {
      const { signal, ...rest } = { ...context };
      seen = [signal === context.signal, signal instanceof AbortSignal, 'signal' in context, Object.keys(rest)];
    });
    expect(await ask(live)).toMatchObject({ status: 'ok' });
    expect(seen).toEqual([true, true, true, ['log', 'config']]);
  });

  it('of a run that ended in its turn is never aborted, nor is it that of the next run', async () => {
    const contexts: Context<unknown>[] = [];
    const live = running((_set, context) => {
      contexts.push(context);
      return contexts.length === 1 ? context.signal.aborted : new Promise<void>(() => {});
    });
    expect(await ask(live, soon(5))).toMatchObject({ status: 'ok' });
    expect(await ask(live, soon(5))).toMatchObject({ status: 'timeout' });
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([false, true]);
  });
});

describe('what collect returns', () => {
  const failing = new Error('no broker');
  it.each<[string, () => unknown, Partial<Outcome>]>([
    ['nothing', () => undefined, { status: 'ok' }],
    ['a number', () => 3, { status: 'ok' }],
    ['text', () => 'then', { status: 'ok' }],
    ['null', () => null, { status: 'ok' }],
    ['an object', () => ({}), { status: 'ok' }],
    ['a thenable that fulfils later', () => thenable((ok: () => void) => setTimeout(ok, 1)), { status: 'ok' }],
    [
      'a thenable function',
      () =>
        thenable(
          (ok: () => void) => ok(),
          () => {},
        ),
      { status: 'ok' },
    ],
    [
      'a thenable that rejects',
      () => thenable((_ok: unknown, no: (e: Error) => void) => no(failing)),
      { status: 'failed', reason: 'no broker' },
    ],
    ['a thenable that throws', () => thenable(() => thrown(failing)), { status: 'failed', reason: 'no broker' }],
    [
      'an object whose then cannot be read',
      () => Object.defineProperty({}, 'then', { get: () => thrown(failing) }),
      { status: 'failed', reason: 'no broker' },
    ],
    [
      'a promise of another making',
      () => Object.defineProperty(Promise.resolve(), 'constructor', { get: () => thrown(failing) }),
      { status: 'failed', reason: 'no broker' },
    ],
    ['a revoked proxy', () => revoked(), { status: 'failed' }],
  ])('%s', async (_what, returned, expected) => {
    const live = running((set) => {
      set(1);
      return returned();
    });
    for (const _run of [1, 2]) {
      const outcome = await ask(live);
      expect(outcome).toMatchObject(expected);
      expect(written(outcome)).toBe(expected.status === 'ok' ? 1 : undefined);
      outcome.samples?.release();
    }
  });

  it('a thenable is waited for until the deadline, and keeps the run open until then', async () => {
    let late = (_: number): void => {};
    const live = running((set) => {
      set(1);
      late = set;
      return thenable(() => {});
    });
    const outcome = ask(live, soon(20));
    expect(live.isOverdue()).toBe(false);
    expect(await outcome).toMatchObject({ status: 'timeout' });
    expect(live.isOverdue()).toBe(true);
    late(2);
    expect(live.drops.counts.get('late')).toBe(1);
    expect(await ask(live)).toMatchObject({ status: 'busy' });
  });
});

const thenable = (then: unknown, on: object = {}): object => Object.assign(on, Object.fromEntries([['then', then]]));

function thrown(error: Error): never {
  throw error;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

it('throws in its turn: half a list is left out, and the next run is whole', async () => {
  let calls = 0;
  const live = running((set) => {
    set(++calls);
    if (calls === 1) throw new Error('no broker');
  });
  expect(await ask(live)).toMatchObject({ status: 'failed', reason: 'no broker' });
  expect(written(await ask(live))).toBe(2);
});

describe('scrapes of one burst', () => {
  function counted() {
    const calls = { count: 0 };
    const [one, other] = ['one', 'other'].map((name) =>
      made((set) => {
        calls.count++;
        set(calls.count);
      }, name),
    );
    const all = [one!, other!];
    return { calls, live: gatherer(exporter({ name: 'x_exporter', collectors: all }), all) };
  }

  async function lines(live: Gatherer, scrape: Partial<Scrape> = {}): Promise<string[]> {
    const { snapshot } = await live.gather({ deadline: soon(), ...scrape });
    // Others of the burst may release theirs first.
    await sleep(0);
    const all = encodeToString(snapshot, text);
    snapshot.release();
    return all.split('\n').filter((line) => /^(one|other)_value/.test(line));
  }

  it('share its run, whatever they select', async () => {
    const { calls, live } = counted();
    const only = (name: string): Partial<Scrape> => ({ only: new Set([name]) });
    for (const scrape of [1, 2, 3]) {
      const answers = await Promise.all([
        lines(live),
        lines(live, only('one')),
        lines(live, only('other')),
        lines(live, { natives: true }),
        lines(live),
      ]);
      const [one, other] = [`one_value ${2 * scrape - 1}`, `other_value ${2 * scrape}`];
      expect(answers).toEqual([[one, other], [one], [other], [one, other], [one, other]]);
      expect(calls.count).toBe(2 * scrape);
    }
  });

  it('and keep its numbers until each has read them', async () => {
    const { live } = counted();
    const scrapes = [{}, {}, { only: new Set(['one']) }].map((one) => live.gather({ deadline: soon(), ...one }));
    const [first, same, part] = (await Promise.all(scrapes)) as [Gathered, Gathered, Gathered];
    expect(same).toBe(first);
    first.snapshot.release();
    same.snapshot.release();
    expect(await lines(live)).toEqual(['one_value 3', 'other_value 4']);
    expect(encodeToString(part.snapshot, text)).toContain('one_value 1\n');
    part.snapshot.release();
  });
});

describe('the log of a scrape', () => {
  function logging(isLevelEnabled?: LevelledLogger['isLevelEnabled']) {
    const said: string[] = [];
    const say = (_facts: object, message: string): void => void said.push(message);
    return { said, log: { debug: say, info: say, warn: say, error: say, ...(isLevelEnabled && { isLevelEnabled }) } };
  }

  async function scraped(log: Logger, fails: readonly boolean[]): Promise<void> {
    let run = 0;
    const one = made(() => {
      if (fails[run++]) throw new Error('no broker');
    });
    const live = gatherer(exporter({ name: 'x_exporter', collectors: [one] }), [one], { log });
    for (const _run of fails) (await live.gather({ deadline: soon() })).snapshot.release();
  }

  it('has a line for each success if its logger writes debug, or does not say', async () => {
    const throwing = (): boolean => {
      throw new Error('no level');
    };
    for (const isLevelEnabled of [undefined, () => true, throwing]) {
      const { said, log } = logging(isLevelEnabled);
      await scraped(log, [false, false]);
      expect(said).toEqual(['collector succeeded', 'collector succeeded']);
    }
  });

  it('has failures and the recovery, whatever its level', async () => {
    const { said, log } = logging((level) => level !== 'debug');
    await scraped({ ...log, debug() {} }, [false, true, false, false]);
    expect(said).toEqual(['collector failed', 'collector recovered']);
  });
});
