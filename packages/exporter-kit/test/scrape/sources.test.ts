import { needPeers, promtoolCheckMetrics } from 'test-servers';
import { describe, expect, it } from 'vitest';
import {
  type Collector,
  collector,
  exporter,
  gauge,
  type ServeOptions,
  serve,
  source,
  withLabels,
} from '../../src/index.ts';
import { parseOpenMetrics } from '../../src/parse/openmetrics.ts';
import { get, valueIn } from '../get.ts';
import { counting, heard, serving } from '../serving.ts';

const help = 'Help.';
const up = gauge({ name: 'thing_up', help: 'Whether it answered.' });

/** A source whose targets fail when their address says so, and a collector of it. */
function thing(name = 'thing') {
  const open = new Set<string>();
  const made = source({
    name,
    up: name === 'thing' ? up : gauge({ name: `${name}_up`, help: 'Whether it answered.' }),
    label: 'server',
    config: { parse: (settings: unknown) => ({ address: 'home', ...(settings as { address?: string }) }) },
    open({ config: { address } }) {
      if (address === 'gone') throw new Error('connection refused');
      open.add(address);
      return { address };
    },
    read: ({ client }) => client.address.length,
    close: (client) => open.delete(client.address),
  });
  const size = collector({
    name: `${name}_size`,
    source: made,
    metrics: { size: gauge({ name: `${name}_size`, help }) },
    collect: ({ size }, { reading }) => size.set(reading),
  });
  return { made, size, open };
}

const gone = { sources: { thing: { address: 'gone' } } };
const quiet = (options: ServeOptions = {}): ServeOptions => ({ log: heard().log, ...options });

describe.each(['partial', 'strict'] as const)('under the policy %s, a source that is down', (policy) => {
  it.each<[string, () => readonly Collector[]]>([
    ['alone', () => [thing().size]],
    ['with a collector that succeeds', () => [thing().size, counting('good').made]],
  ])('is served as up 0, %s', async (_, collectors) => {
    const { status, text } = await get(await serving(collectors(), quiet({ policy, ...gone })));
    expect([status, valueIn(text, 'thing_up')]).toEqual([200, 0]);
    expect(valueIn(text, 'test_scrape_collector_success{collector="thing_size"}')).toBe(0);
  });
});

it('is served as up 0 where all other collectors fail', async () => {
  const failing = collector({
    name: 'failing',
    metrics: {},
    collect() {
      throw new Error('no');
    },
  });
  const collectors = [thing().size, failing];
  expect((await get(await serving(collectors, quiet(gone)))).status).toBe(200);
  expect((await get(await serving(collectors, quiet({ policy: 'strict', ...gone })))).status).toBe(500);
  expect((await get(await serving([failing], quiet()))).status).toBe(500);
});

it('is opened by settings in code, and closed with the server', async () => {
  const { size, open } = thing();
  const targets = { a: { address: 'one' }, 'b"\n': { address: 'three' } };
  const server = await serve(
    exporter({ name: 'test_exporter', collectors: [size] }),
    quiet({ sources: { thing: { targets } } }),
  );
  const { text } = await get(`${server.url}metrics`);
  expect(valueIn(text, 'thing_size{server="a"}')).toBe(3);
  expect(valueIn(text, 'thing_up{server="b\\"\\n"}')).toBe(1);
  const page = (await get(server.url)).text;
  for (const target of ['a', 'b&quot;']) {
    expect(page).toMatch(new RegExp(`scope="row" class="name">${target}\\s*<span class="label">source="thing"</span>`));
  }
  expect(open.size).toBe(2);
  await server.close();
  expect(open.size).toBe(0);
});

it.each([
  ['settings of a source that there is not', { sources: { things: {} } }, '"things" is not a source'],
  ['targets that are no map', { sources: { thing: { targets: [] } } }, 'targets must be a map'],
])('refuses %s', async (_, options, message) => {
  await expect(serve(exporter({ name: 'test_exporter', collectors: [thing().size] }), options)).rejects.toThrow(
    message,
  );
});

const made = (...collectors: Collector[]): unknown => exporter({ name: 'test_exporter', collectors });
const claims = (name: string): Collector =>
  collector({ name: 'other', metrics: { one: gauge({ name, help }) }, collect() {} });

it.each<[string, () => unknown, string]>([
  [
    'two sources with one name',
    () => made(thing().size, { ...thing().size, name: 'else' }),
    'two sources are called "thing"',
  ],
  [
    'up that a collector writes too',
    () => made(thing().size, claims('thing_up')),
    'thing_up is written by source thing and by collector other',
  ],
  [
    'a verdict that a collector writes',
    () => made(thing().size, claims('test_scrape_source_duration_seconds')),
    'the kit itself',
  ],
  [
    "withLabels of the source's label",
    () => withLabels(thing().size, { server: 'a' }),
    'label "server" is already in use',
  ],
])('refuses %s', (_, make, message) => {
  expect(make).toThrow(message);
});

it('writes what promtool and OpenMetrics accept, with sources that have labels and others that do not', async () => {
  const [one, other] = [thing(), thing('other')];
  const targets = { a: { address: 'one' }, b: { address: 'gone' } };
  const collectors = [one.size, other.size, withLabels(counting('plain').made, { site: 'eu' })];
  const url = await serving(collectors, quiet({ sources: { thing: { targets } } }));
  const { text } = await get(url);
  expect(valueIn(text, 'other_up')).toBe(1);
  expect(valueIn(text, 'test_scrape_source_opens_total{source="other"}')).toBe(1);
  expect(valueIn(text, 'test_scrape_source_opens_total{source="thing",server="a"}')).toBe(1);
  expect(valueIn(text, 'test_scrape_collector_success{collector="plain",site="eu"}')).toBe(1);
  if (needPeers('promtool')) expect(promtoolCheckMetrics(text)).toEqual({ code: 0, problems: [] });
  const open = await get(url, { accept: 'application/openmetrics-text; version=1.0.0' });
  const names = parseOpenMetrics(open.text).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('thing_up');
});

it('has no family about sources without sources', async () => {
  const { text } = await get(await serving([counting('good').made]));
  expect(text).not.toMatch(/_source_|_up /);
});
