import { setTimeout as after } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { gauge } from '../../metric/declare.ts';
import type { Logger } from '../context.ts';
import { silent } from '../context.ts';
import { systemResolve } from '../resolve.ts';
import { type Answer, type LiveTarget, liveTarget } from './live-target.ts';
import { denied } from './retry-pause.ts';
import { type Source, source } from './source.ts';

const up = gauge({ name: 'thing_up', help: 'Whether it answered.' });

/** A server that can refuse, hang and die; it counts its clients. */
class Thing {
  opens = 0;
  reads = 0;
  readonly open = new Set<Client>();
  onOpen: (signal: AbortSignal) => Promise<void> | void = () => {};
  onRead: (client: Client, signal: AbortSignal) => Promise<string> | string = () => 'fine';
  onClose: (client: Client) => unknown = () => {};

  source(options: { openTimeoutMs?: number } = {}): Source<Client, string> {
    return source({
      name: 'thing',
      up,
      ...options,
      open: async ({ signal }) => {
        this.opens++;
        await this.onOpen(signal);
        const client: Client = { id: this.opens, dead: false };
        this.open.add(client);
        return client;
      },
      read: ({ client, signal }) => {
        this.reads++;
        if (client.dead) throw new Error('connection reset');
        return this.onRead(client, signal);
      },
      close: async (client) => {
        await this.onClose(client);
        this.open.delete(client);
      },
    });
  }
}
interface Client {
  readonly id: number;
  dead: boolean;
}

const live = (made: Source, log: Logger = silent): LiveTarget =>
  liveTarget(made, { name: 'a', settings: {}, config: undefined }, { log, resolve: systemResolve });

const answerOf = (target: LiveTarget, ms = 1000): Promise<Answer> => target.join(performance.now() + ms).done;

/** Asks, and uses the client no longer than that. */
async function ask(target: LiveTarget, ms?: number): Promise<Answer> {
  const answer = await answerOf(target, ms);
  if (answer.up) answer.release();
  return answer;
}

const never = (): Promise<never> => new Promise(() => {});
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
/** Something that a test lets go. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

it('opens at the first question, and keeps the client', async () => {
  const thing = new Thing();
  const target = live(thing.source());
  expect(target.state()).toMatchObject({ status: 'closed', opens: 0 });
  for (let i = 0; i < 10; i++)
    expect(await ask(target)).toMatchObject({ up: true, reading: 'fine', client: { id: 1 } });
  expect([thing.opens, thing.reads]).toEqual([1, 10]);
  expect(target.state()).toMatchObject({ status: 'open', opens: 1 });
  await target.retire();
  expect(thing.open.size).toBe(0);
});

it('asks once for all who come meanwhile', async () => {
  const thing = new Thing();
  const { opened, open } = gate();
  thing.onRead = () => opened.then(() => 'late');
  const target = live(thing.source());
  const first = ask(target);
  await vi.waitFor(() => expect(thing.reads).toBe(1), 50_000);
  const others = [ask(target), ask(target)];
  open();
  expect(await Promise.all([first, ...others])).toMatchObject([{ reading: 'late' }, { up: true }, { up: true }]);
  expect([thing.opens, thing.reads]).toEqual([1, 1]);
});

it('is down at each deadline while open hangs, and opens once', async () => {
  const thing = new Thing();
  const { opened, open } = gate();
  thing.onOpen = () => opened;
  const target = live(thing.source());
  // Nothing else ends them.
  const answers = await Promise.all([ask(target, 30), ask(target, 60), ask(target, 30)]);
  expect(answers).toMatchObject(
    Array(3).fill({ up: false, stage: 'open', reason: expect.stringContaining('deadline') }),
  );
  expect(target.state().status).toBe('opening');
  open();
  expect(await ask(target)).toMatchObject({ up: true, client: { id: 1 } });
  expect([thing.opens, thing.reads]).toEqual([1, 1]);
});

it('keeps a client that came after the scrape, and says nothing about it', async () => {
  const thing = new Thing();
  const { opened, open } = gate();
  thing.onOpen = () => opened;
  const target = live(thing.source());
  expect(await ask(target, 20)).toMatchObject({ up: false, stage: 'open' });
  open();
  await vi.waitFor(() => expect(target.state().status).toBe('open'), 50_000);
  expect([thing.opens, thing.reads, thing.open.size]).toEqual([1, 0, 1]);
  expect(target.counts.failures).toEqual({ open: 0, read: 0 });
});

it('aborts an open that takes too long, and never the one that has returned', async () => {
  const thing = new Thing();
  const signals: AbortSignal[] = [];
  thing.onOpen = (signal) => {
    signals.push(signal);
    return signals.length === 1 ? untilAborted(signal) : undefined;
  };
  const target = live(thing.source({ openTimeoutMs: 40 }));
  expect(await ask(target)).toMatchObject({ up: false, stage: 'open', reason: 'open did not return within 40ms' });
  expect(signals[0]!.aborted).toBe(true);
  await vi.waitFor(async () => expect(await ask(target)).toMatchObject({ up: true }), 50_000);
  await after(60);
  expect(signals[1]!.aborted).toBe(false);
});

it('never opens twice while an open ignores its signal, and closes a client that comes too late', async () => {
  const thing = new Thing();
  const { opened, open } = gate();
  thing.onOpen = () => opened;
  const target = live(thing.source({ openTimeoutMs: 20 }));
  expect(await ask(target)).toMatchObject({ up: false, reason: 'open did not return within 20ms' });
  await after(600);
  for (let i = 0; i < 3; i++) expect(await ask(target)).toMatchObject({ up: false, stage: 'open' });
  expect([thing.opens, target.counts.failures.open]).toEqual([1, 1]);
  open();
  await vi.waitFor(() => expect([thing.opens, thing.open.size]).toEqual([1, 0]), 50_000);
  await vi.waitFor(async () => expect(await ask(target)).toMatchObject({ up: true, client: { id: 2 } }), 50_000);
});

it('waits longer after each failure to open, answers meanwhile, and starts over after a success', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const thing = new Thing();
    thing.onOpen = () => Promise.reject(new Error('refused'));
    const target = live(thing.source());
    for (const seconds of [0.5, 1, 2, 4, 8, 8]) {
      expect(await ask(target)).toMatchObject({
        up: false,
        stage: 'open',
        reason: 'refused',
        nextTryMs: seconds * 1000,
      });
      const { opens } = thing;
      vi.advanceTimersByTime(seconds * 1000 - 1);
      expect(await ask(target)).toMatchObject({ up: false, stage: 'open', reason: 'refused', nextTryMs: 1 });
      expect(target.state().status).toBe('waiting');
      expect(thing.opens).toBe(opens);
      vi.advanceTimersByTime(1);
    }
    thing.onOpen = () => {};
    expect(await ask(target)).toMatchObject({ up: true });
    for (const client of thing.open) client.dead = true;
    thing.onOpen = () => Promise.reject(new Error('refused'));
    expect(await ask(target)).toMatchObject({ up: false, nextTryMs: 500 });
  } finally {
    vi.useRealTimers();
  }
});

it.each(['open', 'read'])('waits 60 s when %s is denied, also with a kept client', async (stage) => {
  const thing = new Thing();
  const target = live(thing.source());
  if (stage === 'read') await ask(target);
  thing.onOpen = () => denied('wrong password');
  thing.onRead = () => denied('wrong password');
  const answer = await ask(target);
  expect(answer).toMatchObject({ up: false, stage, reason: 'wrong password' });
  expect(Math.round((answer as { nextTryMs: number }).nextTryMs / 1000)).toBe(60);
  expect(await ask(target)).toMatchObject({ up: false, reason: 'wrong password' });
  expect([thing.opens, thing.open.size]).toEqual([1, 0]);
});

it('opens another client in the same scrape when a kept one fails', async () => {
  const thing = new Thing();
  const target = live(thing.source());
  await ask(target);
  for (const client of thing.open) client.dead = true;
  expect(await ask(target)).toMatchObject({ up: true, client: { id: 2 } });
  expect([thing.opens, thing.reads]).toEqual([2, 3]);
  await vi.waitFor(() => expect([...thing.open].map(({ id }) => id)).toEqual([2]), 50_000);
  expect(target.counts.failures).toEqual({ open: 0, read: 1 });
});

it('closes a new client that fails, and is down', async () => {
  const thing = new Thing();
  thing.onRead = () => Promise.reject(new Error('NOAUTH'));
  const target = live(thing.source());
  expect(await ask(target)).toMatchObject({ up: false, stage: 'read', reason: 'NOAUTH' });
  await vi.waitFor(() => expect([thing.opens, thing.reads, thing.open.size]).toEqual([1, 1, 0]), 50_000);
});

it('closes the client of a read that runs late, and asks again once that has ended', async () => {
  const thing = new Thing();
  const target = live(thing.source());
  await ask(target);
  const { opened, open } = gate();
  const signals: AbortSignal[] = [];
  thing.onRead = (_, signal) => {
    signals.push(signal);
    return opened.then(() => 'too late');
  };
  expect(await ask(target, 30)).toMatchObject({
    up: false,
    stage: 'read',
    reason: expect.stringContaining('deadline'),
  });
  await vi.waitFor(() => expect(signals[0]!.aborted).toBe(true), 50_000);
  await vi.waitFor(() => expect(thing.open.size).toBe(0), 50_000);
  expect(await ask(target)).toMatchObject({
    up: false,
    stage: 'read',
    isStuck: true,
  });
  expect(thing.reads).toBe(2);
  thing.onRead = () => 'fine';
  open();
  await vi.waitFor(async () => expect(await ask(target)).toMatchObject({ up: true, client: { id: 2 } }), 50_000);
});

it('aborts read at the latest of the deadlines, and each leaves at its own', async () => {
  const thing = new Thing();
  const signals: AbortSignal[] = [];
  thing.onRead = (_, signal) => {
    signals.push(signal);
    return untilAborted(signal);
  };
  const target = live(thing.source());
  const [short, long] = [ask(target, 30), ask(target, 120)];
  expect(await short).toMatchObject({ up: false, stage: 'read' });
  expect(signals[0]!.aborted).toBe(false);
  expect(await long).toMatchObject({ up: false, stage: 'read' });
  expect(signals[0]!.aborted).toBe(true);
});

it('lets those who use a client finish before it is closed', async () => {
  const thing = new Thing();
  const target = live(thing.source());
  const using = await answerOf(target);
  const closed = target.retire();
  await after(20);
  expect(thing.open.size).toBe(1);
  if (using.up) using.release();
  await closed;
  expect(thing.open.size).toBe(0);
});

it('leaves nothing open when it is asked after it was closed', async () => {
  const thing = new Thing();
  const target = live(thing.source());
  await ask(target);
  await target.retire();
  expect(await ask(target)).toMatchObject({ up: true });
  await vi.waitFor(() => expect([thing.opens, thing.open.size]).toEqual([2, 0]), 50_000);
});

it('gives up an open in progress when it is closed and nobody waits', async () => {
  const thing = new Thing();
  thing.onOpen = untilAborted;
  const target = live(thing.source());
  expect(await ask(target, 20)).toMatchObject({ up: false });
  await target.retire();
  expect([thing.opens, thing.open.size]).toEqual([1, 0]);
});

it('warns once of a client that is not closed in time, or badly', async () => {
  const warnings: unknown[] = [];
  const log: Logger = { ...silent, warn: (facts, message) => void warnings.push([facts, message]) };
  const thing = new Thing();
  thing.onClose = () => Promise.reject(new Error('socket hang up'));
  const target = live(thing.source(), log);
  await ask(target);
  await target.retire();
  expect(warnings).toEqual([[{ source: 'thing', target: 'a', err: expect.any(Error) }, 'client not closed cleanly']]);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    thing.onClose = never;
    const other = live(thing.source(), log);
    await ask(other);
    const closed = other.retire();
    await vi.advanceTimersByTimeAsync(5000);
    await closed;
  } finally {
    vi.useRealTimers();
  }
  expect(warnings[1]).toEqual([{ source: 'thing', target: 'a', limit_seconds: 5 }, 'client not closed in time']);
});

it('reads each time without a client where there is nothing to open', async () => {
  let reads = 0;
  const plain = source({ name: 'plain', up, read: () => ++reads });
  const target = live(plain);
  expect(await ask(target)).toMatchObject({ up: true, reading: 1, client: undefined });
  expect(await ask(target)).toMatchObject({ up: true, reading: 2 });
  const broken = live(source({ name: 'plain', up, read: () => Promise.reject(new Error(`no ${++reads}`)) }));
  expect(await ask(broken)).toMatchObject({ up: false, stage: 'read', reason: 'no 3' });
  expect(await ask(broken)).toMatchObject({ up: false, reason: 'no 4' });
  await target.retire();
});

it('survives whatever is thrown', async () => {
  for (const thrown of [undefined, null, 'text', Promise.reject(new Error('rejected'))]) {
    const target = live(
      source({
        name: 'odd',
        up,
        read() {
          throw thrown;
        },
      }),
    );
    expect(await ask(target)).toMatchObject({ up: false, stage: 'read', reason: expect.any(String) });
  }
});
