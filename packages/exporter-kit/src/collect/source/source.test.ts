import { expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { type Collector, collector, counter, gauge, type Source, type SourceCollector, source } from '../../index.ts';

interface Session {
  command(...words: string[]): Promise<string>;
  close(): Promise<string>;
}
const session: Session = { command: async (...words) => words.join(' '), close: async () => 'OK' };
const up = gauge({ name: 'redis_up', help: 'Whether the server answered.' });
const config = z.object({ addr: z.string().default('redis://127.0.0.1:6379'), password: z.string().optional() });

const redis = source({
  name: 'redis',
  up,
  label: 'server',
  config,
  target: 'addr',
  open: async ({ config, resolve, signal }) => {
    expectTypeOf(config).toEqualTypeOf<{ addr: string; password?: string | undefined }>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    expectTypeOf(resolve).toBeFunction();
    return session;
  },
  read: async ({ client, config }) => ({ info: await client.command('INFO', config.addr) }),
  close: (client) => client.close(),
});
const metrics = { calls: counter({ name: 'redis_commands_total', help: 'Calls.', labels: ['cmd'] }) };

it('types client and reading in collectors', () => {
  expectTypeOf(redis).toEqualTypeOf<Source<Session, { info: string }>>();
  const commands = collector({
    name: 'commands',
    source: redis,
    metrics,
    async collect({ calls }, { reading, client, signal, config }) {
      expectTypeOf(reading).toEqualTypeOf<{ info: string }>();
      expectTypeOf(client).toEqualTypeOf<Session>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(config).toEqualTypeOf<undefined>();
      calls.set({ cmd: await client.command('A') }, 1);
      // @ts-expect-error Property 'comand' does not exist on type 'Session'. Did you mean 'command'?
      client.comand;
      // @ts-expect-error Property 'inf' does not exist on type '{ info: string; }'. Did you mean 'info'?
      reading.inf;
      // @ts-expect-error a misspelt label
      calls.set({ cm: 'a' }, 1);
    },
  });
  expectTypeOf(commands).toEqualTypeOf<SourceCollector<Session, { info: string }>>();
  const annotated: Collector = commands;
  expect(annotated.source).toBe(redis);

  const dynamic = collector({
    name: 'dynamic',
    source: redis,
    families: 'dynamic',
    config: z.object({ depth: z.number() }),
    collect({ family }, { client, reading, config }) {
      expectTypeOf(client).toEqualTypeOf<Session>();
      expectTypeOf(reading).toEqualTypeOf<{ info: string }>();
      expectTypeOf(config).toEqualTypeOf<{ depth: number }>();
      family(gauge({ name: 'redis_depth', help: 'Depth.' })).set(config.depth);
    },
  });
  expectTypeOf(dynamic).toEqualTypeOf<SourceCollector<Session, { info: string }>>();
  collector({
    name: 'plain',
    metrics,
    // @ts-expect-error Property 'client' does not exist on type 'Context<undefined>'.
    collect(_, { client }) {
      return client;
    },
  });
});

it('opens nothing without open', () => {
  const queue = source({
    name: 'queue',
    up: gauge({ name: 'queue_up', help: 'Whether it answered.' }),
    config: z.object({ url: z.string() }),
    read: ({ config, signal }) => Promise.resolve({ url: config.url, aborted: signal.aborted }),
  });
  expectTypeOf(queue).toEqualTypeOf<Source<undefined, { url: string; aborted: boolean }>>();
  source({
    name: 'queue',
    up,
    // @ts-expect-error 'client' is possibly 'undefined'.
    read: ({ client }) => client.get(),
  });
  // Nothing to return: that it does not throw is the answer.
  expectTypeOf(source({ name: 'ping', up, read() {} })).toEqualTypeOf<Source<undefined, void>>();
});

it('does not compile what is wrong', () => {
  const open = (): Session => session;
  const close = (client: Session): unknown => client.close();
  // @ts-expect-error Property 'close' is missing
  expect(() => source({ name: 'redis', up, open, read: () => 1 })).toThrow('close is missing');
  // @ts-expect-error Property 'read' is missing
  expect(() => source({ name: 'redis', up, open, close })).toThrow('read is missing');
  // @ts-expect-error Type '"uri"' is not assignable to type '"addr" | "password"'.
  expect(() => source({ name: 'redis', up, config, target: 'uri', open, close, read: () => 1 })).toThrow('"uri"');
  // @ts-expect-error Property 'comand' does not exist on type 'Session'. Did you mean 'command'?
  source({ name: 'redis', up, open, read: ({ client }) => client.comand('INFO'), close });
  const labelled = gauge({ name: 'redis_up', help: 'Up.', labels: ['server'] });
  // @ts-expect-error up has labels
  expect(() => source({ name: 'redis', up: labelled, open, read: () => 1, close })).toThrow('without labels');
});

it.each([
  ['a name that could be no flag', { name: 'Redis' }, 'source "Redis": a name has'],
  ['a label that is not one', { label: 'a-b' }, 'source redis: "a-b" is not a label name'],
  ['a label that the kit writes', { label: 'collector' }, 'source redis: the label "collector" is used'],
  ['a time limit', { openTimeoutMs: 0 }, 'source redis: openTimeoutMs is 0'],
  ['a setting called targets', { config: z.object({ targets: z.string() }) }, 'the setting "targets" is the kit'],
])('refuses %s', (_, wrong, message) => {
  const right = { name: 'redis', up, open: () => session, read: () => 1, close: () => {} };
  expect(() => source({ ...right, ...wrong })).toThrow(message);
});

it("refuses a metric with the source's label", () => {
  const keys = gauge({ name: 'redis_keys', help: 'Keys.', labels: ['db', 'server'] });
  expect(() => collector({ name: 'keys', source: redis, metrics: { keys }, collect() {} })).toThrow(
    'collector keys: redis_keys has the label "server", which tells the targets of source redis apart; rename one.',
  );
});
