import { afterEach, expect, it, vi } from 'vitest';
import { encodeText } from '../../encode/encode.ts';
import { collector, exporter, gauge, type Logger, source } from '../../index.ts';
import { silent } from '../context.ts';
import { resolveTargets, type SourceSettings, sourcesOf } from '../source/targets.ts';
import { type Gathered, type Gatherer, gatherer, type Selection } from './gather.ts';

const help = 'Help.';
const up = gauge({ name: 'thing_up', help });

interface Server {
  fails?: string;
  hangs?: boolean;
  waits?: Promise<void>;
}
const servers: { [address: string]: Server } = {};
const open = new Set<string>();

const thing = source({
  name: 'thing',
  up,
  label: 'server',
  config: { parse: (settings: unknown) => settings as { address?: string; version?: number } },
  open({ config: { address = 'home' } }) {
    open.add(address);
    return { address, close: () => open.delete(address) };
  },
  async read({ client, signal }) {
    const { fails, hangs, waits } = servers[client.address] ?? {};
    if (fails !== undefined) throw new Error(fails);
    await waits;
    if (hangs) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return { of: client.address };
  },
  close: (client) => client.close(),
});
const runs: string[] = [];
const size = collector({
  name: 'size',
  source: thing,
  metrics: { size: gauge({ name: 'thing_size', help }) },
  collect({ size }, { reading, client }) {
    runs.push(`size of ${client.address}`);
    size.set(reading.of.length);
  },
});
const cached = collector({
  name: 'cached',
  source: thing,
  cacheForMs: 60_000,
  metrics: { cached: gauge({ name: 'thing_cached', help }) },
  collect: ({ cached }) => cached.set(1),
});
const broken = collector({
  name: 'broken',
  source: thing,
  metrics: {},
  collect() {
    throw new Error('no such command');
  },
});
const plain = collector({
  name: 'plain',
  metrics: { plain: gauge({ name: 'plain_value', help }) },
  collect: ({ plain }) => plain.set(1),
});

const two = { thing: { targets: { 'db-1': { address: 'one' }, db_1: { address: 'two' } } } };

const started: Gatherer[] = [];
afterEach(async () => {
  for (const live of started.splice(0)) await live.sources.retire();
  expect([...open]).toEqual([]);
});

function start(collectors = [size, plain], sources: SourceSettings = {}, log: Logger = silent): Gatherer {
  for (const address of Object.keys(servers)) delete servers[address];
  runs.length = 0;
  const targets = resolveTargets(sourcesOf(collectors), sources);
  const live = gatherer(exporter({ name: 'x_exporter', collectors }), collectors, { targets, log });
  started.push(live);
  return live;
}

async function lines(live: Gatherer, selection: Selection = {}, ms = 1000): Promise<string[]> {
  const { snapshot } = await gathered(live, selection, ms);
  const text = encodeText(snapshot);
  snapshot.release();
  return text
    .split('\n')
    .filter((line) => line !== '' && !/^#|_duration_|_cache_age_|build_info|unsupported/.test(line));
}
const gathered = (live: Gatherer, selection: Selection = {}, ms = 1000): Promise<Gathered> =>
  live.gather({ ...selection, deadline: performance.now() + ms });

it('reads one target without a label', async () => {
  const live = start();
  expect(await lines(live)).toEqual([
    'plain_value 1',
    'thing_size 4',
    'thing_up 1',
    'x_scrape_collector_success{collector="size"} 1',
    'x_scrape_collector_success{collector="plain"} 1',
    'x_scrape_source_failures_total{source="thing",stage="read"} 0',
    'x_scrape_source_failures_total{source="thing",stage="open"} 0',
    'x_scrape_source_opens_total{source="thing"} 1',
  ]);
  await live.sources.retire();
  expect(open.size).toBe(0);
});

it('reads each named target, tells them apart, and leaves out the label where there is none', async () => {
  const live = start([size, broken, plain], two);
  servers.two = { fails: 'refused' };
  expect(await lines(live)).toEqual([
    'plain_value 1',
    'thing_size{server="db-1"} 3',
    'thing_up{server="db-1"} 1',
    'thing_up{server="db_1"} 0',
    'x_scrape_collector_success{collector="size",server="db-1"} 1',
    'x_scrape_collector_success{collector="size",server="db_1"} 0',
    'x_scrape_collector_success{collector="broken",server="db-1"} 0',
    'x_scrape_collector_success{collector="broken",server="db_1"} 0',
    'x_scrape_collector_success{collector="plain"} 1',
    'x_scrape_source_failures_total{source="thing",server="db-1",stage="read"} 0',
    'x_scrape_source_failures_total{source="thing",server="db-1",stage="open"} 0',
    'x_scrape_source_failures_total{source="thing",server="db_1",stage="read"} 1',
    'x_scrape_source_failures_total{source="thing",server="db_1",stage="open"} 0',
    'x_scrape_source_opens_total{source="thing",server="db-1"} 1',
    'x_scrape_source_opens_total{source="thing",server="db_1"} 1',
  ]);
  expect(runs).toEqual(['size of one']);
});

it('says that a target is down, in time, and serves nothing from its caches', async () => {
  const live = start([size, cached, plain]);
  expect(await lines(live)).toContain('thing_cached 1');
  servers.home = { hangs: true };
  const started = performance.now();
  const said = await lines(live, {}, 50);
  expect(performance.now() - started).toBeLessThan(500);
  expect(said.filter((line) => !line.startsWith('x_scrape_source'))).toEqual([
    'plain_value 1',
    'thing_up 0',
    'x_scrape_collector_success{collector="size"} 0',
    'x_scrape_collector_success{collector="cached"} 0',
    'x_scrape_collector_success{collector="plain"} 1',
  ]);
  delete servers.home;
  await vi.waitFor(
    async () => expect(await lines(live)).toEqual(expect.arrayContaining(['thing_up 1', 'thing_cached 1'])),
    50_000,
  );
});

it('gives each scrape what is there by its own deadline', async () => {
  let answer = (): void => {};
  const live = start([size, plain]);
  servers.home = {
    waits: new Promise<void>((resolve) => {
      answer = resolve;
    }),
  };
  const late = lines(live, {}, 5000);
  const early = await lines(live, {}, 30);
  expect(early).toEqual(expect.arrayContaining(['plain_value 1', 'thing_up 0']));
  answer();
  expect(await late).toEqual(expect.arrayContaining(['plain_value 1', 'thing_up 1', 'thing_size 4']));
});

it('does not change what up says for what collectors do afterwards', async () => {
  const live = start([broken]);
  const said = await lines(live);
  expect(said).toContain('thing_up 1');
  expect(said).toContain('x_scrape_collector_success{collector="broken"} 0');
});

it.each<[string, Selection, string[], string[]]>([
  ['a collector', { only: new Set(['size']) }, ['thing_size', 'thing_up'], ['size of home']],
  ['another one', { only: new Set(['plain']) }, ['plain_value'], []],
  ['up', { families: new Set(['thing_up']) }, ['thing_up'], []],
  ['another family', { families: new Set(['plain_value']) }, ['plain_value'], []],
  ['a family of the source', { families: new Set(['thing_size']) }, ['thing_size'], ['size of home']],
  ["the source's verdict", { families: new Set(['x_scrape_source_opens_total']) }, ['x_scrape_source_opens_total'], []],
  ['neither', { only: new Set(['plain']), families: new Set(['thing_up']) }, [], []],
])('takes part when %s is selected', async (_, selection, families, ran) => {
  const live = start([size, plain]);
  const said = await lines(live, selection);
  const names = said
    .map((line) => /^\w+/.exec(line)![0])
    .filter((name) => selection.families || !name.startsWith('x_'));
  expect(names).toEqual(families);
  expect(runs).toEqual(ran);
});

it('reads only the targets of a name, and no plain collectors', async () => {
  const live = start([size, plain], two);
  const said = await lines(live, { targets: new Set(['db-1']) });
  expect(said.filter((line) => !line.startsWith('x_'))).toEqual([
    'thing_size{server="db-1"} 3',
    'thing_up{server="db-1"} 1',
  ]);
  expect(runs).toEqual(['size of one']);
});

it('says up where all collectors of the source are disabled', async () => {
  const collectors = [size, plain];
  const targets = resolveTargets(sourcesOf(collectors));
  const live = gatherer(exporter({ name: 'x_exporter', collectors }), [plain], { targets });
  started.push(live);
  expect(await lines(live)).toEqual(expect.arrayContaining(['thing_up 1', 'plain_value 1']));
});

it('keeps clients over a reload unless settings have changed, and opens nothing before the next scrape', async () => {
  const collectors = [size];
  const make = (sources: SourceSettings, earlier?: Gatherer): Gatherer =>
    gatherer(exporter({ name: 'x_exporter', collectors }), collectors, {
      targets: resolveTargets(sourcesOf(collectors), sources),
      ...(earlier && { earlier }),
    });
  let live = start(collectors, two);
  await lines(live);
  const opens = (): unknown[] =>
    live.sources.targets.map((one) => [one.target.name, one.state().status, one.counts.opens]);
  live = make(two, live);
  expect(opens()).toEqual([
    ['db-1', 'open', 1],
    ['db_1', 'open', 1],
  ]);
  live = make({ thing: { targets: { 'db-1': { address: 'one' }, db_1: { address: 'two', version: 2 } } } }, live);
  expect(opens()).toEqual([
    ['db-1', 'open', 1],
    ['db_1', 'closed', 0],
  ]);
  await vi.waitFor(() => expect([...open]).toEqual(['one']), 50_000);
  await lines(live);
  expect([...open]).toEqual(['one', 'two']);
  const before = live;
  live = make({ thing: { targets: {} } }, live);
  await vi.waitFor(() => expect([...open]).toEqual([]), 50_000);
  // A scrape that had begun before the reload still gets its answer, and leaves nothing open.
  expect(await lines(before)).toContain('thing_up{server="db-1"} 1');
  await vi.waitFor(() => expect([...open]).toEqual([]), 50_000);
});

it('keeps a client for the scrape that uses it when a reload takes its target away', async () => {
  let go: (() => void) | undefined;
  const slow = collector({
    name: 'slow',
    source: thing,
    metrics: { slow: gauge({ name: 'thing_slow', help }) },
    async collect({ slow }, { client }) {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      slow.set(open.has(client.address) ? 1 : 0);
    },
  });
  const live = start([slow]);
  const scraped = lines(live);
  await vi.waitFor(() => expect(go).toBeDefined(), 50_000);
  gatherer(live.exporter, [slow], { targets: new Map(), earlier: live });
  go!();
  expect(await scraped).toContain('thing_slow 1');
  await vi.waitFor(() => expect([...open]).toEqual([]), 50_000);
});

it('logs one line for a target that is down, also over a reload, and one when it is up again', async () => {
  const said: string[] = [];
  const at =
    (level: string): Logger['info'] =>
    (facts, message) =>
      void said.push(
        `${level} ${message} ${JSON.stringify({ ...facts, err: undefined, down_for_seconds: undefined })}`,
      );
  const log: Logger = { debug() {}, info: at('info'), warn: at('warn'), error: at('error') };
  const collectors = [size, cached];
  const live = start(collectors, two, log);
  servers.two = { fails: 'refused by port 1' };
  for (let i = 0; i < 10; i++) await lines(live);
  servers.two = { fails: 'refused by port 2' };
  const targets = resolveTargets(sourcesOf(collectors), two);
  const next = gatherer(live.exporter, collectors, { targets, log, earlier: live });
  await lines(next);
  servers.two = { fails: 'no memory' };
  await lines(next);
  delete servers.two;
  await lines(next);
  await lines(next);
  const about = '"source":"thing","server":"db_1"';
  expect(said).toEqual([
    `error source is down {${about},"stage":"read","reason":"refused by port 1"}`,
    `error source is down {${about},"stage":"read","reason":"refused by port 1","failures":10}`,
    `error source is down {${about},"stage":"read","reason":"no memory","failures":12}`,
    `info source is up again {${about},"failures":12}`,
  ]);
});
