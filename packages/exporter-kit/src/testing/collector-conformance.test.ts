import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Collector, collector } from '../collect/collector.ts';
import { unsupported } from '../collect/context.ts';
import { writeFamilies } from '../collect/write-families.ts';
import { gauge } from '../metric/declare.ts';
import { parseText } from '../parse/text.ts';
import { type CollectorUnderTest, collectorConformance } from './collector-conformance.ts';

const depth = gauge({ name: 'queue_depth', help: 'Messages waiting.', labels: ['queue'] });
const reading = (read: (signal: AbortSignal) => readonly string[] | Promise<readonly string[]>): Collector =>
  collector({
    name: 'queues',
    metrics: { depth },
    async collect({ depth }, { signal }) {
      for (const queue of await read(signal)) depth.set({ queue }, 1);
    },
  });
/** What others have written, with any name and labels. */
const passing = (text: string): Collector =>
  collector({ name: 'queues', families: 'dynamic', collect: ({ family }) => writeFamilies(family, parseText(text)) });
const text = (name: string, ...labels: string[]): string =>
  `# HELP ${name} Messages.\n# TYPE ${name} gauge\n${labels.map((each) => `${name}${each} 1\n`).join('')}`;

const good = {
  good: () => reading(() => ['a', 'b']),
  failing: () => reading(() => Promise.reject(new Error('answered 503'))),
  hanging: () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const collector = reading(async (signal) => {
      signal.addEventListener('abort', release);
      await sleep(60_000, undefined, { signal });
      return [];
    });
    return { collector, released };
  },
} satisfies CollectorUnderTest;

describe('a good collector', () => {
  it.each(collectorConformance(good))('$title', ({ check }) => check());

  it('is not asked about sources that it says there are not', () => {
    const titles = collectorConformance({ good: good.good, failing: 'none', hanging: 'none' }).map(
      ({ title }) => title,
    );
    expect(titles).toHaveLength(5);
    expect(titles.join()).not.toMatch(/fails|hangs/);
  });

  it('is given its settings', async () => {
    const config = { parse: (settings: unknown) => (settings as { queue: string }).queue };
    const subject = {
      good: () =>
        collector({
          name: 'queues',
          config,
          metrics: { depth },
          collect({ depth }, { config: queue }) {
            depth.set({ queue }, 1);
          },
        }),
      failing: 'none',
      hanging: 'none',
      config: { queue: 'a' },
    } as const;
    for (const { check } of collectorConformance(subject)) await check();
  });
});

let runs = 0;
let busy = false;
// Each breaks one rule, named by a word of its title.
it.each<[what: string, rule: RegExp, broken: Partial<CollectorUnderTest>, message: RegExp]>([
  ['writes nothing', /writes series/, { good: () => reading(() => []) }, /it wrote no series/],
  ['writes a lot', /writes series/, { maxSeries: 1 }, /wrote 2 series, more than 1; limit its label values/],
  [
    'fails where it should not',
    /writes series/,
    { good: () => reading(() => Promise.reject(new Error('oh'))) },
    /with the good source, the run ended as "failed": oh/,
  ],
  [
    'says it is not here',
    /writes series/,
    { good: () => reading(() => unsupported('no such thing')) },
    /"unsupported": no such thing; the good source must be available/,
  ],
  ['has a bad name', /linter/, { good: () => passing(text('queue_kilobytes', '')) }, /kilobytes/],
  [
    'takes a label of Prometheus',
    /label names/,
    { good: () => passing(text('queue_depth', '{instance="a"}')) },
    /"instance"/,
  ],
  [
    'has a label in quotes',
    /label names/,
    { good: () => passing(text('queue_depth', '{"a.b"="c"}')) },
    /"a\.b" needs quotes/,
  ],
  ['has other series each time', /same series/, { good: () => reading(() => [`run${runs++}`]) }, /wrote other series/],
  [
    'keeps state',
    /two exporters/,
    {
      good: () =>
        reading(async () => {
          if (busy) return ['busy'];
          busy = true;
          await sleep(1);
          busy = false;
          return ['a'];
        }),
    },
    /concurrent runs of one collector wrote different series/,
  ],
  ['serves what it has of a source that fails', /fails when/, { failing: () => reading(() => ['a']) }, /ended as "ok"/],
  [
    'calls a failure unsupported',
    /fails when/,
    { failing: () => reading(() => unsupported('x')) },
    /ended as "unsupported"/,
  ],
  [
    'does not say why',
    /fails when/,
    { failing: () => reading(() => Promise.reject(new Error(' '))) },
    /not an Error with a message/,
  ],
  ['does not hang', /releases a hanging/, { hanging: () => ({ collector: reading(() => ['a']) }) }, /ended as "ok"/],
])('finds out who %s', async (_, title, broken, message) => {
  const rule = collectorConformance({ ...good, ...broken }).find((each) => title.test(each.title))!;
  await expect(rule.check()).rejects.toThrow(message);
});

it.concurrent.each<[what: string, hanging: Exclude<CollectorUnderTest['hanging'], 'none'>, message: RegExp]>([
  [
    'does not heed its signal',
    () => ({ collector: reading(() => new Promise<never>(() => {})) }),
    /its function is still running/,
  ],
  [
    'leaves its source behind',
    async () => ({ collector: (await good.hanging()).collector, released: new Promise(() => {}) }),
    /its source is not released/,
  ],
])('finds out who %s', { timeout: 30_000 }, async (_, hanging, message) => {
  const rule = collectorConformance({ ...good, hanging }).at(-1)!;
  await expect(rule.check()).rejects.toThrow(message);
});

it('does not lint names that are of others', async () => {
  const subject = { ...good, good: () => passing(text('queue_kilobytes', '')), foreign: /^queue_/ };
  for (const { check } of collectorConformance(subject)) await check();
});
