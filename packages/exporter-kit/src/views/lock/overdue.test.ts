import { expect, it } from 'vitest';
import { collector } from '../../collect/collector.ts';
import { exporter } from '../../collect/exporter.ts';
import { gauge } from '../../metric/declare.ts';
import { declaredExporter } from '../declared-program.ts';
import { overdueIn } from './overdue.ts';

const said = (until: string, version: string, replacedBy?: string): string[] => {
  const deprecated = { until, ...(replacedBy !== undefined && { replacedBy }) };
  const old = gauge({ name: 'queue_depth', help: 'Messages waiting.', deprecated });
  const queues = collector({ name: 'queues', metrics: { old }, collect() {} });
  return overdueIn(declaredExporter({ exporter: exporter({ name: 'x_exporter', version }), collectors: [queues] }));
};

it.each([
  ['2.0.0', '1.9.9', false],
  ['2.0.0', '2.0.0', true],
  ['2.0', '2.0.0', true],
  ['2.0.0', '10.0.0', true],
  ['2.10.0', '2.9.0', false],
  ['2.0.0', '2.0.0-rc.1', false],
  ['2.0.0', '2.0.0+build-7', true],
  ['2.0.0', 'v2.1.0', true],
  ['next year', '2.0.0', false],
  ['2.0.0', 'main', false],
])('asks for the removal of what is deprecated until %s from %s: %s', (until, version, expected) => {
  expect(said(until, version)).toHaveLength(expected ? 1 : 0);
});

it('says what to do', () => {
  expect(said('2.0.0', '2.1.0', 'queue_messages')).toEqual([
    'queue_depth was to be gone in 2.0.0, and this is 2.1.0; declare it as queue_messages, or move the date',
  ]);
  expect(said('2.0.0', '2.1.0')[0]).toMatch(/; remove it, or move the date$/);
});
