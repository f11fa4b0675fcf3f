import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { encodeToString, text } from '../../encode/encode.ts';
import { counter, gauge } from '../../metric/declare.ts';
import { type Collector, collector } from '../collector.ts';
import { type Logger, silent, unsupported } from '../context.ts';
import { withLabels } from '../decorate.ts';
import { exporter } from '../exporter.ts';
import { type Gatherer, gatherer } from './gather.ts';
import { clientOf } from './rounds.ts';

const help = 'x';
const soon = (): number => performance.now() + 50;

function live(collectors: Collector[], log: Logger = silent): Gatherer {
  return gatherer(exporter({ name: 'x_exporter', version: '1.2.3', collectors }), collectors, { log });
}

async function body(gathering: Gatherer, deadline = soon()): Promise<string[]> {
  const { snapshot } = await gathering.gather({ deadline });
  const all = encodeToString(snapshot, text);
  snapshot.release();
  return all.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const good = collector({
  name: 'good',
  metrics: { v: gauge({ name: 'good_value', help }) },
  collect: ({ v }) => v.set(1),
});
const bad = collector({
  name: 'bad',
  metrics: { v: gauge({ name: 'bad_value', help }) },
  collect({ v }) {
    v.set(1);
    throw new Error('password=hunter2');
  },
});
const hanging = collector({
  name: 'hanging',
  metrics: { v: gauge({ name: 'hanging_value', help }) },
  collect({ v }) {
    v.set(1);
    return new Promise(() => {});
  },
});
const absent = collector({ name: 'absent', metrics: {}, collect: () => unsupported('not here') });

it('serves what succeeded and says how each collector fared', async () => {
  const lines = await body(live([good, bad, hanging, absent]));
  expect(lines.filter((line) => !line.includes('duration'))).toEqual([
    'good_value 1',
    `x_exporter_build_info{version="1.2.3",nodeversion="${process.version}"} 1`,
    'x_scrape_collector_success{collector="good"} 1',
    'x_scrape_collector_success{collector="bad"} 0',
    'x_scrape_collector_success{collector="hanging"} 0',
    'x_scrape_collector_success{collector="absent"} 1',
    'x_scrape_collector_unsupported{collector="good"} 0',
    'x_scrape_collector_unsupported{collector="bad"} 0',
    'x_scrape_collector_unsupported{collector="hanging"} 0',
    'x_scrape_collector_unsupported{collector="absent"} 1',
  ]);
  expect(lines.join()).not.toContain('hunter2');
});

it('counts dropped samples by reason, and logs each reason once', async () => {
  const said: object[] = [];
  const twice = collector({
    name: 'twice',
    metrics: { v: counter({ name: 'twice_total', help, labels: ['l'] }) },
    collect({ v }) {
      v.set({ l: 'a' }, 1);
      v.set({ l: 'a' }, 2);
      v.set({ l: 'b' }, -1);
    },
  });
  const gathering = live([twice], { ...silent, warn: (facts) => said.push(facts) });
  await body(gathering);
  const lines = await body(gathering);
  expect(lines).toContain('twice_total{l="a"} 1');
  expect(lines).toContain('x_scrape_collector_dropped_samples_total{collector="twice",reason="duplicate"} 2');
  expect(lines).toContain('x_scrape_collector_dropped_samples_total{collector="twice",reason="invalid_value"} 2');
  expect(said).toMatchObject([
    { reason: 'duplicate', first: expect.stringContaining('twice_total{l="a"}') },
    { reason: 'invalid_value' },
  ]);
});

it('writes one family for a collector used twice', async () => {
  const queues = collector({
    name: 'queues',
    metrics: { depth: gauge({ name: 'depth', help, labels: ['queue'] }) },
    collect: ({ depth }) => depth.set({ queue: 'a' }, 1),
  });
  const gathering = live([withLabels(queues, { broker: 'eu' }), withLabels(queues, { broker: 'us' })]);
  const { snapshot } = await gathering.gather({ deadline: soon() });
  expect(encodeToString(snapshot, text)).toContain(
    '# HELP depth x\n# TYPE depth gauge\ndepth{broker="eu",queue="a"} 1\ndepth{broker="us",queue="a"} 1\n',
  );
});

it('leaves out a family found at run time that would corrupt another, and a series that is there already', async () => {
  const finds = (name: string): Collector =>
    collector({
      name,
      families: 'dynamic',
      collect({ family }) {
        family(gauge({ name: 'good_value', help: 'another', labels: [] })).set(5);
        family(counter({ name: 'shared_total', help, labels: ['l'] })).set({ l: 'same' }, 1);
        family(counter({ name: 'shared_total', help, labels: ['l'] })).set({ l: name }, 1);
        family(gauge({ name: 'good_value_total', help, waive: help })).set(1);
      },
    });
  const lines = await body(live([finds('one'), good, finds('two')]));
  expect(lines.filter((line) => !line.startsWith('x_'))).toEqual([
    'good_value 1',
    'good_value_total 1',
    'shared_total{l="same"} 1',
    'shared_total{l="one"} 1',
    'shared_total{l="two"} 1',
  ]);
  expect(lines).toContain('x_scrape_collector_dropped_samples_total{collector="one",reason="family_conflict"} 1');
  expect(lines).toContain('x_scrape_collector_dropped_samples_total{collector="two",reason="family_conflict"} 3');
});

it('leaves out, and counts, names found at run time that are one with others when escaped', async () => {
  const finds = collector({
    name: 'finds',
    families: 'dynamic',
    collect({ family }) {
      family(gauge({ name: 'good.value', help, waive: help })).set(5);
      family(gauge({ name: 'a.b', help, waive: help })).set(1);
      family(gauge({ name: 'a-b', help, waive: help })).set(2);
      family(gauge({ name: 'labelled', help, labels: ['its.site'], waive: help })).set({ 'its.site': 'x' }, 3);
      family(gauge({ name: 'kept', help, labels: ['site'], waive: help })).set({ site: 'x' }, 4);
    },
  });
  const lines = await body(live([withLabels(finds, { its_site: 'eu' }), good]));
  expect(lines.filter((line) => !line.startsWith('x_'))).toEqual([
    'a_b{its_site="eu"} 1',
    'good_value 1',
    'kept{its_site="eu",site="x"} 4',
  ]);
  const dropped = 'x_scrape_collector_dropped_samples_total{collector="finds",its_site="eu",reason="family_conflict"}';
  expect(lines).toContain(`${dropped} 3`);
});

it('never mixes overlapping scrapes', async () => {
  let n = 0;
  const counting = collector({
    name: 'counting',
    metrics: { v: gauge({ name: 'v', help, labels: ['i'] }) },
    async collect({ v }) {
      const mine = ++n;
      for (let i = 0; i < 50; i++) {
        v.set({ i }, mine);
        if (i % 10 === 0) await null;
      }
    },
  });
  const gathering = live([counting]);
  const bodies = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      for (let turn = 0; turn < i; turn++) await null;
      return body(gathering, performance.now() + 5000);
    }),
  );
  for (const lines of bodies) {
    const values = new Set(lines.filter((line) => line.startsWith('v{')).map((line) => line.split(' ')[1]));
    expect(values.size).toBe(1);
  }
});

it('names the collector that refuses its settings', () => {
  const picky = collector({
    name: 'picky',
    metrics: {},
    config: {
      parse: () => {
        throw new Error('no url');
      },
    },
    collect() {},
  });
  expect(() => live([picky])).toThrow(/collector picky does not accept its settings: no url/);
});

describe('collectors that each keep the processor busy for a while', () => {
  /** Some of them, which also call something. */
  function busy(count: number, then: (i: number) => unknown): Collector[] {
    return Array.from({ length: count }, (_, i) =>
      collector({
        name: `busy_${i}`,
        metrics: { v: gauge({ name: `busy_${i}_value`, help }) },
        collect({ v }) {
          for (const end = performance.now() + 5; performance.now() < end; );
          v.set(i);
          return then(i) as undefined;
        },
      }),
    );
  }

  it('do not block the event loop together, and are all in the scrape', async () => {
    let turns = 0;
    let isOver = false;
    const look = (): void => {
      turns++;
      if (!isOver) setImmediate(look);
    };
    const ranIn: number[] = [];
    const gathering = live(
      busy(8, (i) => {
        ranIn[i] = turns;
        // Some wait, too.
        return i % 3 === 2 ? sleep(1) : undefined;
      }),
    );
    look();
    for (let scrape = 0; scrape < 2; scrape++) {
      const lines = await body(gathering, performance.now() + 100_000);
      for (let i = 0; i < 8; i++) expect(lines).toContain(`busy_${i}_value ${i}`);
    }
    isOver = true;
    const [a, b, waits, c, d, alsoWaits, e, f] = ranIn;
    expect(alsoWaits).toBe(waits);
    expect(new Set([a, b, c, d, e, f]).size).toBe(6);
  });

  it('do not wait long for an event loop that is busy with something else', async () => {
    let isOver = false;
    const keepBusy = (): void => {
      for (const end = performance.now() + 300; performance.now() < end; );
      if (!isOver) setImmediate(keepBusy);
    };
    let scrapes = 0;
    // It has never waited before.
    const last = collector({
      name: 'last',
      metrics: { v: gauge({ name: 'last_value', help }) },
      collect({ v }) {
        v.set(1);
        return ++scrapes > 1 ? Promise.resolve() : undefined;
      },
    });
    const gathering = live([...busy(12, () => undefined), last]);
    await body(gathering, performance.now() + 10_000);
    setImmediate(keepBusy);
    const lines = await body(gathering, performance.now() + 3000);
    isOver = true;
    expect(lines).toContain('x_scrape_collector_success{collector="last"} 1');
  });

  it('are not begun when nobody waits for them any more', async () => {
    const left = new AbortController();
    let ran: number[] = [];
    const gathering = live(
      busy(4, (i) => {
        ran.push(i);
        if (ran.length === 6) left.abort(new Error('gone'));
      }),
    );
    const deadline = performance.now() + 100_000;
    await body(gathering, deadline);
    await expect(gathering.gather({ deadline, client: clientOf(left.signal) })).rejects.toThrow('gone');
    expect(ran).toEqual([0, 1, 2, 3, 0, 1]);
    ran = [];
    await body(gathering, deadline);
    expect(ran).toEqual([0, 1, 2, 3]);
  });

  it('are in a scrape whose deadline comes before their turn, as are those that hardly wait', async () => {
    let hangs = false;
    const hanging = collector({
      name: 'hanging',
      metrics: { v: gauge({ name: 'hanging_value', help }) },
      collect: () => (hangs ? new Promise<void>(() => {}) : Promise.resolve()),
    });
    const soon = collector({
      name: 'soon',
      metrics: { v: gauge({ name: 'soon_value', help }) },
      async collect({ v }) {
        await Promise.resolve();
        v.set(1);
      },
    });
    const gathering = live([...busy(6, () => undefined), hanging, soon]);
    await body(gathering, performance.now() + 10_000);
    hangs = true;
    const lines = await body(gathering, performance.now() + 7);
    for (let i = 0; i < 6; i++) expect(lines).toContain(`busy_${i}_value ${i}`);
    expect(lines).toContain('soon_value 1');
    expect(lines).toContain('x_scrape_collector_success{collector="hanging"} 0');
  });
});
