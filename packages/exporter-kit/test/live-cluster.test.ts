import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scraped, type Watch, watch } from './live-watch.ts';

const program = fileURLToPath(new URL('programs/cluster-shop.mjs', import.meta.url));

interface Said {
  readonly url?: string;
  readonly id?: number;
  readonly pid?: number;
  readonly exited?: number;
  readonly heard?: { readonly done?: string } | null;
}
let primary: ChildProcess;
let said: Said[] = [];
let url = '';
let watching: Watch;

/** The first message that answers, and is taken from the list. */
async function hear<T>(what: string, answer: (message: Said) => T | undefined): Promise<T> {
  for (;;) {
    for (const [i, message] of said.entries()) {
      const found = answer(message);
      if (found === undefined) continue;
      said.splice(i, 1);
      return found;
    }
    const exits = once(primary, 'exit').then(() => Promise.reject(new Error(`${what}: the primary has exited`)));
    await Promise.race([once(primary, 'message'), exits]);
  }
}

async function worker(env: { readonly [name: string]: string } = {}): Promise<{ id: number; pid: number }> {
  primary.send({ env });
  return hear('a worker', ({ id, pid, heard }) => (heard?.done === 'starting' ? { id: id!, pid: pid! } : undefined));
}

async function order(to: number, what: string, more: object = {}): Promise<void> {
  primary.send({ to, do: what, ...more });
  await hear(`${what} is done`, ({ heard }) => (heard?.done === what ? true : undefined));
}

const exited = (worker: number): Promise<true> =>
  hear(`${worker} has exited`, (message) => (message.exited === worker ? true : undefined));

beforeEach(async () => {
  said = [];
  primary = fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  primary.setMaxListeners(0);
  primary.on('message', (message) => said.push(message as Said));
  url = await hear('the address', (message) => message.url);
  watching = watch(url);
});

afterEach(async () => {
  await watching.stop();
  const ended = new Promise((resolve) => primary.once('exit', resolve));
  primary.kill('SIGKILL');
  await ended;
});

const orders = 'shop_orders_total{country="pt"}';
const left = 'shop_scrape_collector_dropped_samples_total{collector="mail",reason="foreign"}';

it('adds up what workers count, and keeps it whichever way they end', async () => {
  const workers = await Promise.all([worker(), worker(), worker(), worker(), worker()]);
  const [killed, exiting, throwing, ended, leaving] = workers.map(({ id }) => id) as [
    number,
    number,
    number,
    number,
    number,
  ];
  for (const [i, { id }] of workers.entries()) await order(id, 'count', { by: (i + 1) / 8, times: 3 });
  const all = (3 * (1 + 2 + 3 + 4 + 5)) / 8;
  await watching.see({
    [orders]: all,
    shop_took_seconds_count: 5,
    shop_took_seconds_sum: 1.25,
    'shop_took_seconds_bucket{le="1.0"}': 5,
    shop_busy: 5,
    shop_oldest_seconds: 0.625,
    mail_sent_total: 5,
  });
  process.kill(workers[0]!.pid, 'SIGKILL');
  await exited(killed);
  await watching.see({ [orders]: all, shop_busy: 4, mail_sent_total: 5 });
  // Counted right before the end, so told by its 'exit'.
  await order(exiting, 'count', { by: 1 });
  primary.send({ to: exiting, do: 'exit' });
  await order(throwing, 'count', { by: 2 });
  await order(throwing, 'throw');
  await order(ended, 'count', { by: 4 });
  process.kill(workers[3]!.pid, 'SIGTERM');
  await order(leaving, 'count', { by: 8 });
  await order(leaving, 'leave');
  for (const id of [exiting, throwing, ended, leaving]) await exited(id);
  await watching.see({
    [orders]: all + 15,
    shop_took_seconds_count: 9,
    shop_busy: undefined,
    shop_oldest_seconds: undefined,
    mail_sent_total: 9,
  });
  const next = await worker();
  await order(next.id, 'count', { by: 0.5 });
  await watching.see({ [orders]: all + 15.5, shop_busy: 1, mail_sent_total: 10 });
  expect(watching.falls).toEqual([]);
});

it('leaves out workers of other declarations, and messages that are not in order', async () => {
  const other = await worker({ OTHER: '1' });
  const right = await worker();
  await order(other.id, 'count', { by: 1 });
  await order(right.id, 'count', { by: 2 });
  await watching.see({ [orders]: 3, mail_sent_total: 1 });
  const before = (await scraped(url)).get(left)!;
  expect(before).toBeGreaterThan(0);
  const families = [null, 7, [null], [{ family: 'length' }]];
  await order(right.id, 'send', {
    messages: [
      ...[null, 'hi', 7, [], { cmd: 'theirs' }, { 'exporter-kit': 'live/2', name: 'shop' }],
      ...families.map((family) => ({ 'exporter-kit': 'live/1', name: 'shop', families: family })),
    ],
  });
  await order(right.id, 'count', { by: 4 });
  await watching.see({ [orders]: 7, mail_sent_total: 2 });
  // Others hear their messages, and ours.
  await hear('a message of others', ({ heard }) =>
    (heard as { cmd?: string } | null)?.cmd === 'theirs' ? true : undefined,
  );
  expect(watching.falls).toEqual([]);
});
