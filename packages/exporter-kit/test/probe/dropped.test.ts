import { expect, it } from 'vitest';
import { gauge, type Probe, probe } from '../../src/index.ts';
import { get, valueIn } from '../get.ts';
import { heard } from '../serving.ts';
import { probing } from './probing.ts';

const steps = gauge({ name: 'probe_steps', help: 'Steps.', labels: ['step'] });
const dropping = (name: string): Probe =>
  probe({
    name,
    targets: 'names',
    families: 'dynamic',
    metrics: { steps },
    probe(w, { target }) {
      w.steps.set({ step: 'a' }, 1);
      w.steps.set({ step: 'a' }, 2);
      w.steps.set({ step: 'a' }, 3);
      w.steps.set({ step: 'b', password: 'hunter2' } as never, 1);
      if (target === 'conflict') w.family(gauge({ name: 'probe_success', help: 'Mine.' })).set(7);
    },
  });
const modules = {
  one: { prober: 'one', timeout: '10s' },
  two: { prober: 'two' },
};

it('samples that probes drop are counted by probe and reason, logged once, and told by debug', async () => {
  const { log, said } = heard();
  const { ask, url } = await probing([dropping('one'), dropping('two')], { log }, modules);
  const series = (name: string, reason: string): string =>
    `test_probe_dropped_samples_total{probe="${name}",reason="${reason}"}`;
  expect((await get(`${url}metrics`)).text).not.toContain('dropped');

  const { text } = await ask({ target: 'x', module: 'one' });
  expect(valueIn(text, 'probe_success')).toBe(1);
  expect(valueIn(text, 'probe_steps{step="a"}')).toBe(1);
  await ask({ target: 'conflict', module: 'one' });
  await ask({ target: 'x', module: 'two' });
  const metrics = (await get(`${url}metrics`)).text;
  expect(valueIn(metrics, series('one', 'duplicate'))).toBe(4);
  expect(valueIn(metrics, series('one', 'extra_label'))).toBe(2);
  expect(valueIn(metrics, series('one', 'family_conflict'))).toBe(1);
  expect(valueIn(metrics, series('two', 'duplicate'))).toBe(2);

  const told = said.filter(({ level, message }) => level === 'warn' && message === 'samples dropped');
  expect(told.map(({ facts }) => facts)).toMatchObject([
    { probe: 'one', reason: 'duplicate', first: expect.stringContaining('probe_steps{step="a"}: was written twice') },
    { probe: 'one', reason: 'extra_label', first: expect.stringContaining('label "password" is not declared') },
    { probe: 'one', reason: 'family_conflict' },
    { probe: 'two', reason: 'duplicate' },
    { probe: 'two', reason: 'extra_label' },
  ]);

  const debug = (await ask({ target: 'conflict', module: 'one', debug: 'true' })).text;
  expect(debug).toMatch(
    /\nDropped samples:\n +2 duplicate; first: probe_steps.*\n +1 extra_label; first: .*\n +1 family_conflict; first: .*probe_success.*\n\nMetrics:/,
  );
  expect(debug).not.toContain('hunter2');
});

it('says nothing of dropped samples where none were', async () => {
  const good = probe({
    name: 'good',
    targets: 'names',
    metrics: { steps },
    probe: (w) => w.steps.set({ step: 'a' }, 1),
  });
  const { ask } = await probing([good]);
  expect((await ask({ target: 'x', debug: 'true' })).text).not.toContain('Dropped');
});

it('counts what a probe writes after its end', async () => {
  let write = (): void => {};
  const late = probe({
    name: 'late',
    targets: 'names',
    metrics: { steps },
    probe(w) {
      write = () => w.steps.set({ step: 'a' }, 1);
    },
  });
  const { ask, url } = await probing([late]);
  await ask({ target: 'x' });
  write();
  const metrics = (await get(`${url}metrics`)).text;
  expect(valueIn(metrics, 'test_probe_dropped_samples_total{probe="late",reason="late"}')).toBe(1);
});
