// Typical uses of the kit, and calls that must not compile; see typescript-5.4.test.ts.
import {
  type Collector,
  collector,
  counter,
  denied,
  exporter,
  gauge,
  histogram,
  info,
  job,
  live,
  nodeRuntime,
  probe,
  run,
  runJob,
  serve,
  source,
  stateset,
  summary,
} from 'exporter-kit';
import { secret, z } from 'exporter-kit/config';
import { scrape, sourceConformance } from 'exporter-kit/testing';

const help = 'Help.';

interface Session {
  command(words: readonly string[], signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}
declare function connect(addr: string, password: string | undefined, signal: AbortSignal): Promise<Session>;

export const cache = source({
  name: 'cache',
  up: gauge({ name: 'cache_up', help }),
  label: 'server',
  config: z.object({ addr: z.string().default('127.0.0.1:1'), password: secret().optional() }),
  target: 'addr',
  open: ({ config: { addr, password }, signal }) => connect(addr, password, signal),
  async read({ client, signal }) {
    const text = await client.command(['INFO'], signal);
    if (text === 'NOPERM') denied('no permission');
    return { fields: new Map([['text', text]]) };
  },
  close: (client) => client.close(),
});

export const items = collector({
  name: 'items',
  source: cache,
  config: z.object({ limit: z.number().int().default(10) }),
  metrics: {
    depth: gauge({ name: 'cache_items', help, labels: { state: ['ready', 'busy'], queue: String } }),
    total: counter({ name: 'cache_items_total', help, labels: ['queue'] }),
    took: histogram({ name: 'cache_seconds', help, unit: 'seconds', buckets: [1, 2] }),
    part: summary({ name: 'cache_part_seconds', help, unit: 'seconds', quantiles: [0.5] }),
    about: info({ name: 'cache_info', help, labels: ['version'] }),
    role: stateset({ name: 'cache_role', help, states: ['primary', 'replica'] }),
  },
  async collect({ depth, total, took, part, about, role }, { client, reading, signal, config, log }) {
    depth.set({ state: 'ready', queue: reading.fields.get('text') ?? '' }, config.limit);
    total.set({ queue: await client.command(['LEN'], signal) }, 2);
    took.set({ counts: [1, 2, 3], sum: 4 });
    part.set({ quantiles: [1], sum: 1, count: 1 });
    about.set({ version: '1' });
    role.set('primary');
    log.debug({ fields: reading.fields.size }, 'read');

    // @ts-expect-error a value that was not declared
    depth.set({ state: 'idle', queue: 'a' }, 1);
    // @ts-expect-error a missing label
    depth.set({ state: 'ready' }, 1);
    // @ts-expect-error a label that was not declared
    total.set({ queue: 'a', node: 'b' }, 1);
    // @ts-expect-error no such state
    role.set('leader');
    // @ts-expect-error no such function of the client
    await client.comand(['LEN'], signal);
    // @ts-expect-error no such part of the reading
    reading.field;
    // @ts-expect-error no such setting
    config.limits;
  },
});

export const plain = (path: string): Collector =>
  collector({
    name: 'plain',
    metrics: { size: gauge({ name: 'plain_bytes', help, unit: 'bytes' }) },
    collect({ size }, context) {
      size.set(path.length);
      // @ts-expect-error a collector without a source has no client
      context.client;
    },
  });

const up = gauge({ name: 'a_up', help });
const config = z.object({ url: z.string() });
// @ts-expect-error open without close
source({ name: 'a', up, open: () => 1, read: () => 2 });
// @ts-expect-error no setting of that name
source({ name: 'a', up, config, target: 'uri', read() {} });
// @ts-expect-error up has no labels
source({ name: 'a', up: gauge({ name: 'a_up', help, labels: ['x'] }), read() {} });

export const shop = live({
  name: 'shop',
  metrics: {
    orders: counter({ name: 'shop_orders_total', help, labels: { country: String, paid: ['card', 'cash'] } }),
    busy: gauge({ name: 'shop_busy', help }),
    took: histogram({ name: 'shop_seconds', help, unit: 'seconds', labels: ['step'], buckets: [0.1, 1] }),
    mode: stateset({ name: 'shop_mode', help, states: ['open', 'closed'] }),
  },
});

export async function checkout(pay: () => Promise<number>): Promise<number> {
  const byCard = shop.orders.with({ country: 'pt', paid: 'card' });
  byCard.inc();
  shop.orders.inc({ country: 'pt', paid: 'cash' }, 2);
  shop.busy.set(1);
  shop.mode.set('open');
  shop.took.observe({ step: 'pay' }, 0.2);
  const paid: number = await shop.busy.track(() => shop.took.time({ step: 'pay' }, pay));

  // @ts-expect-error a value that was not declared
  shop.orders.inc({ country: 'pt', paid: 'cheque' });
  // @ts-expect-error a missing label
  shop.orders.inc({ country: 'pt' });
  // @ts-expect-error labels of a metric without any
  shop.busy.set({ a: 'b' }, 1);
  // @ts-expect-error a counter is not set
  shop.orders.set({ country: 'pt', paid: 'card' }, 1);
  // @ts-expect-error it was not declared
  shop.refunds;
  // @ts-expect-error its labels are bound already
  byCard.inc({ country: 'pt', paid: 'card' });
  return paid;
}

export const page = probe({
  name: 'page',
  config: z.strictObject({ path: z.string().default('/') }),
  metrics: { status: gauge({ name: 'page_status', help }) },
  async probe({ status }, { target, config, resolve, signal }) {
    const { addresses } = await resolve(new URL(config.path, target));
    signal.throwIfAborted();
    status.set(addresses.length);
  },
});

export const backup = job({
  name: 'backup',
  metrics: { files: counter({ name: 'backup_files_total', help, labels: ['volume'] }) },
  async run({ files }) {
    files.inc({ volume: 'a' });
    // @ts-expect-error a label that was not declared
    files.inc({ disk: 'a' });
  },
});

export const all = exporter({
  name: 'all_exporter',
  version: '1.0.0',
  config: z.object({ path: z.string().default('/') }),
  collectors: ({ path }) => [items, plain(path), shop.collector, nodeRuntime()],
  probes: [cache, page],
});

export async function start(): Promise<void> {
  await run(all, { port: 19_100 });
  await runJob(backup, {});
  await serve(all, { sources: { cache: { addr: 'a' } } });
}

export async function tests(client: Session): Promise<number | undefined> {
  const { value } = await scrape(items, { client, config: { limit: 1 } });
  await scrape(items, { reading: { fields: new Map() } });
  // @ts-expect-error a fake that lacks a function
  await scrape(items, { client: { close: async () => {} } });
  for (const { title, check } of sourceConformance({
    good: () => ({ source: cache }),
    failing: () => ({ source: cache, target: { addr: 'a' } }),
    hanging: () => ({ source: cache }),
  })) {
    if (title !== '') await check();
  }
  return value('cache_up');
}
