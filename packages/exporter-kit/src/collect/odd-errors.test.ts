import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { oddValues } from '../../test/odd-values.ts';
import { encodeToString, text } from '../encode/encode.ts';
import { caught } from '../errors/thrown.ts';
import { gauge } from '../metric/declare.ts';
import { fromRegistry } from '../prom-client/index.ts';
import { probed } from '../testing/probed.ts';
import { scrape } from '../testing/scrape.ts';
import { type Collector, collector } from './collector.ts';
import type { Logger } from './context.ts';
import { exporter } from './exporter.ts';
import { probe } from './probe.ts';
import { gatherer } from './scrape/gather.ts';
import { pack, unpack } from './thread/errors.ts';

const v = gauge({ name: 'odd_value', help: 'x' });
const good = collector({
  name: 'good',
  metrics: { g: gauge({ name: 'good_value', help: 'x' }) },
  collect: ({ g }) => g.set(1),
});

function odd(make: () => unknown, told: { calls: number }, how: 'sync' | 'async'): Collector {
  const fail = (set: (value: number) => void): never => {
    told.calls++;
    set(1);
    throw make();
  };
  return collector({
    name: 'odd',
    metrics: { v },
    collect: how === 'sync' ? (w) => fail((n) => w.v.set(n)) : async (w) => fail((n) => w.v.set(n)),
  });
}

/** As pino does it with its own serializers: it looks at everything an error has. */
const curious: Logger = (() => {
  const look = ({ err }: { err?: unknown }): void => {
    if (err !== undefined) JSON.stringify([(err as Error).message, (err as Error).stack, err]);
  };
  return { debug: look, info: look, warn: look, error: look };
})();

describe.each(Object.entries(oddValues))('a collector that throws %s', (_what, make) => {
  it.each(['sync', 'async'] as const)('fails, the others are served, and it is asked again (%s)', async (how) => {
    const told = { calls: 0 };
    const collectors = [odd(make, told, how), good];
    const live = gatherer(exporter({ name: 'x_exporter', collectors }), collectors, { log: curious });
    for (const round of [1, 2]) {
      const { snapshot, outcomes } = await live.gather({ deadline: performance.now() + 10_000 });
      const said = encodeToString(snapshot, text);
      snapshot.release();
      expect(said).toContain('x_scrape_collector_success{collector="odd"} 0\n');
      expect(said).toContain('good_value 1\n');
      expect(said).not.toContain('odd_value');
      expect(outcomes[0]).toMatchObject({ status: 'failed' });
      expect(outcomes[0]!.reason).toMatch(/\S/);
      expect(told.calls).toBe(round);
    }
  });

  it('fails under test too, with an Error', async () => {
    const thrown = await scrape(odd(make, { calls: 0 }, 'async')).then(
      () => ({}),
      (error: unknown) => ({ error }),
    );
    expect(Object.hasOwn(thrown, 'error')).toBe(true);
    expect((thrown as { error: unknown }).error instanceof Error).toBe(true);
  });
});

describe.each(Object.entries(oddValues))('a probe that throws %s', (_what, make) => {
  it('fails, and keeps what it wrote', async () => {
    const failing = probe({
      name: 'odd',
      metrics: { v },
      targets: 'names',
      async probe(w, { log }) {
        w.v.set(1);
        log.warn({ value: caught(make()), size: 10n }, 'what was found');
        throw make();
      },
    });
    const { success, reason, value } = await probed(failing, 'x');
    expect(success).toBe(false);
    expect(reason).toMatch(/\S/);
    expect(value('odd_value')).toBe(1);
  });
});

it.each(Object.entries(oddValues))(
  'a registry whose metric throws %s fails, and is told by its name',
  async (_what, make) => {
    const metric = {
      name: 'odd_metric',
      async get() {
        throw make();
      },
    };
    const register = {
      getMetricsAsArray: () => [metric],
      getMetricsAsJSON: async () => [{ name: 'labels', values: [] }],
    };
    await expect(scrape(fromRegistry(register))).rejects.toThrow(/^metric odd_metric could not be read: \S/);
  },
);

it.each(Object.entries(oddValues))('settings whose parser throws %s are refused', (_what, make) => {
  const config = {
    parse() {
      throw make();
    },
  };
  const picky = collector({ name: 'picky', metrics: {}, config, collect() {} });
  const live = (): unknown => gatherer(exporter({ name: 'x_exporter', collectors: [picky] }), [picky]);
  expect(live).toThrow(/^collector picky does not accept its settings: \S/);
});

it('under test, a probe may not write what the kit writes for every probe', async () => {
  const own = probe({
    name: 'own',
    targets: 'names',
    families: 'dynamic',
    probe: ({ family }) => family(gauge({ name: 'probe_success', help: 'Mine.' })).set(7),
  });
  await expect(probed(own, 'x')).rejects.toThrow('family probe_success is also written by the kit itself');
});

it.each(Object.entries(oddValues))('a thread hands over that %s was thrown', (_what, make) => {
  const value = caught(make());
  expect(() => structuredClone(pack(value))).not.toThrow();
  expect(() => unpack(structuredClone(pack(value)))).not.toThrow();
});

it('a promise that settles later is no longer waited for', async () => {
  const late = odd(() => sleep(60_000, undefined, { ref: false }), { calls: 0 }, 'async');
  await expect(scrape(late, { timeoutMs: 30_000 })).rejects.toThrow('collector odd: [object Promise]');
});
