import { expect, it } from 'vitest';
import { collector, counter, gauge, source } from '../index.ts';
import { collectorConformance } from './collector-conformance.ts';
import { scrape } from './scrape.ts';
import { type SourceTarget, type SourceUnderTest, sourceConformance } from './source-conformance.ts';

const up = gauge({ name: 'thing_up', help: 'Whether it answered.' });

interface Client {
  ask(word: string): Promise<number>;
}
const hang = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

const config = {
  parse: (settings: unknown) => ({ address: 'nowhere', ...(settings as { address?: string }) }),
};
const closed: Client[] = [];
const thing = source({
  name: 'thing',
  up,
  config,
  async open({ config: { address }, signal }): Promise<Client> {
    if (address === 'nowhere') throw new Error('connection refused');
    if (address === 'mute') await hang(signal);
    return { ask: async (word) => word.length };
  },
  read: async ({ client }) => ({ size: await client.ask('size') }),
  close: (client) => closed.push(client),
});
const commands = collector({
  name: 'commands',
  source: thing,
  metrics: {
    size: gauge({ name: 'thing_size', help: 'Its size.' }),
    calls: counter({ name: 'thing_calls_total', help: 'Calls.' }),
  },
  async collect({ size, calls }, { reading, client }) {
    size.set(reading.size);
    calls.set(await client.ask('calls'));
  },
});
const target = (address: string, of: SourceTarget['source'] = thing): SourceTarget => ({
  source: of,
  target: { address },
});
const good: SourceUnderTest = {
  good: () => target('home'),
  failing: () => target('nowhere'),
  hanging: () => target('mute'),
};

it.each(sourceConformance(good))('a good source $title', ({ check }) => check());

async function broken(subject: SourceUnderTest): Promise<string[]> {
  const found: string[] = [];
  for (const { check } of sourceConformance(subject)) {
    await check().catch((error: unknown) => found.push((error as Error).message));
  }
  return found;
}

it('finds a read that asks nothing, a close that fails, and one open for each scrape', async () => {
  const blind = { ...thing, open: () => 'client', read: () => 1 };
  const blindly = {
    good: () => target('a', blind),
    failing: () => target('b', blind),
    hanging: () => target('c', blind),
  };
  expect((await broken(blindly)).join()).toMatch(/it was up; `read` must ask the target/);
  const leaky = { ...thing, close: () => Promise.reject(new Error('no')) };
  expect((await broken({ ...good, good: () => target('a', leaky) })).join()).toMatch(/`close` did not end, or failed/);
  let reads = 0;
  const forgetful = { ...thing, read: () => (reads++ % 2 === 1 ? Promise.reject(new Error('closed')) : 1) };
  expect((await broken({ ...good, good: () => target('a', forgetful) })).join()).toMatch(
    /was opened \d times for 3 scrapes/,
  );
});

it('finds a connection that is left', async () => {
  const left = { ...good, good: () => ({ ...target('home'), connections: () => 1 }) };
  const [rule] = sourceConformance(left);
  await expect(rule!.check()).rejects.toThrow('3 s after it was closed, the target still has connections');
}, 20_000);

const fake: Client = { ask: async (word) => word.length };
it.each(
  collectorConformance({
    good: () => ({ collector: commands, client: fake }),
    failing: () => ({ collector: commands, client: { ask: () => Promise.reject(new Error('no such command')) } }),
    hanging: () => {
      const waits = collector({
        name: 'commands',
        source: thing,
        metrics: {},
        collect: (_, { signal }) => hang(signal),
      });
      return { collector: waits, client: fake };
    },
  }),
)('a good collector of a source $title', ({ check }) => check());

it('checks fakes, and needs one', async () => {
  const [rule] = collectorConformance({ good: () => commands, failing: 'none', hanging: 'none' });
  await expect(rule!.check()).rejects.toThrow('collector commands: it reads source thing; give { collector, client }.');
  collectorConformance({
    // @ts-expect-error Property 'aks' does not exist in type 'Client'.
    good: () => ({ collector: commands, client: { aks: fake.ask } }),
    failing: 'none',
    hanging: 'none',
  });
});

it('scrapes a collector of a source over a fake, over a reading, and over a target', async () => {
  const sent: string[] = [];
  const remembering: Client = {
    ask: async (word) => {
      sent.push(word);
      return 7;
    },
  };
  expect((await scrape(commands, { client: remembering })).value('thing_size')).toBe(7);
  expect(sent).toEqual(['size', 'calls']);
  const { value } = await scrape(commands, { client: remembering, reading: { size: 3 } });
  expect([value('thing_size'), value('thing_calls_total')]).toEqual([3, 7]);
  expect(sent).toEqual(['size', 'calls', 'calls']);
  const before = closed.length;
  expect((await scrape(commands, { target: { address: 'home' } })).value('thing_size')).toBe(4);
  expect(closed.length).toBe(before + 1);
  await expect(scrape(commands)).rejects.toThrow('connection refused');
  await expect(scrape(commands, { target: { address: 'mute' }, timeoutMs: 30 })).rejects.toThrow(/deadline/);
  // @ts-expect-error Property 'aks' does not exist in type 'Client'.
  await expect(scrape(commands, { client: { aks: fake.ask } })).rejects.toThrow('client.ask is not a function');
  // @ts-expect-error Type 'string' is not assignable to type 'number'.
  await scrape(commands, { client: fake, reading: { size: '3' } }).catch(() => {});
});

it('scrapes a source alone', async () => {
  expect((await scrape(thing, { target: { address: 'home' } })).value('thing_up')).toBe(1);
  expect((await scrape(thing)).value('thing_up')).toBe(0);
  expect((await scrape(thing, { target: { address: 'mute' }, timeoutMs: 30 })).text).toBe(
    '# HELP thing_up Whether it answered.\n# TYPE thing_up gauge\nthing_up 0\n',
  );
  await expect(scrape(thing, { target: { targets: {} } })).rejects.toThrow('without "targets"');
});
