import { expect, expectTypeOf, it } from 'vitest';
import { type Collector, collector, counter, gauge, histogram, info, job, probe, stateset, summary } from '../index.ts';

const queue = {
  metrics: { depth: gauge({ name: 'queue_depth', help: 'Messages waiting.', labels: ['queue', 'node'] }) },
};

it('compiles what is right and nothing else', () => {
  const made: Collector = collector({
    name: 'queues',
    metrics: {
      ...queue.metrics,
      up: gauge({ name: 'queue_up', help: 'Up.', labels: { state: ['up', 'down'], n: Number } }),
      plain: counter({ name: 'queue_reads_total', help: 'Reads.' }),
      wait: histogram({
        name: 'queue_wait_seconds',
        help: 'Wait.',
        unit: 'seconds',
        buckets: [1, 2],
        labels: ['queue'],
      }),
      sizes: summary({ name: 'queue_size_bytes', help: 'Sizes.', quantiles: [0.5] }),
      about: info({ name: 'queue_info', help: 'About.', labels: ['version'] }),
      link: stateset({ name: 'queue_link', help: 'Link.', states: ['open', 'shut'], labels: ['queue'] }),
      mode: stateset({ name: 'queue_mode', help: 'Mode.', states: ['a', 'b'] }),
    },
    collect(w, { signal, config }) {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(config).toEqualTypeOf<undefined>();
      w.depth.set({ queue: 'a', node: 1 }, 3);
      w.depth.setToCurrentTime({ queue: 'a', node: true });
      w.up.set({ state: 'up', n: 3 }, 1);
      w.plain.set(3);
      w.wait.set({ queue: 'a' }, { counts: [1, 2, 3], sum: 3 });
      w.sizes.set({ quantiles: [1], sum: 1, count: 1 });
      w.about.set({ version: '1' });
      w.link.set({ queue: 'a' }, 'open');
      w.mode.set('a');
      // @ts-expect-error a label is missing
      w.depth.set({ queue: 'a' }, 1);
      // @ts-expect-error an extra label
      w.depth.set({ queue: 'a', node: 'b', zone: 'c' }, 1);
      // @ts-expect-error a misspelt label
      w.depth.set({ queue: 'a', nod: 'b' }, 1);
      // @ts-expect-error outside the declared values
      w.up.set({ state: 'sideways', n: 1 }, 1);
      // @ts-expect-error a string where a number is declared
      w.up.set({ state: 'up', n: '1' }, 1);
      // @ts-expect-error not declared
      w.nothing?.set(1);
      // @ts-expect-error labels are missing
      w.depth.set(1);
      // @ts-expect-error no labels here
      w.plain.set({ a: 'b' }, 1);
      // @ts-expect-error not a state
      w.mode.set('c');
      // @ts-expect-error only jobs add
      w.plain.add(1);
    },
  });
  expect(made.name).toBe('queues');
});

it('gives dynamic collectors a family writer, jobs an adder, probes a target', () => {
  collector({
    name: 'textfile',
    families: 'dynamic',
    config: { parse: (x: unknown) => ({ directory: String(x) }) },
    collect({ family }, { config }) {
      expectTypeOf(config).toEqualTypeOf<{ directory: string }>();
      family(gauge({ name: 'a_b', help: 'x', labels: ['c'] })).set({ c: 'd' }, 1);
    },
  });
  collector({
    name: 'vmstat',
    families: 'dynamic',
    metrics: queue.metrics,
    collect({ family, depth }) {
      depth.set({ queue: 'a', node: 'b' }, 1);
      family(gauge({ name: 'a_b', help: 'x' })).set(1);
    },
  });
  job({
    name: 'nightly',
    metrics: { bytes: gauge({ name: 'backup_bytes', help: 'Size.', unit: 'bytes', labels: ['volume'] }) },
    async run({ bytes }, { signal }) {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      bytes.add({ volume: 'a' }, 2);
    },
  });
  probe({
    name: 'dns',
    metrics: { answers: gauge({ name: 'probe_dns_answers', help: 'x', labels: { type: ['A', 'AAAA'] } }) },
    async probe({ answers }, { target }) {
      expectTypeOf(target).toEqualTypeOf<string>();
      for (const type of ['A', 'AAAA'] as const) answers.set({ type }, 1);
    },
  });
});
