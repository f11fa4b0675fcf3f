import { describe, expect, it } from 'vitest';
import { declaredJob, declaredShop } from '../../../test/declared-shop.ts';
import { counter } from '../../metric/declare.ts';
import type { Asked, ViewRule } from './asked.ts';
import { checkAsked } from './check-asked.ts';

const where = 'job=~"$job", instance=~"$instance"';

async function found(asked: Partial<Asked> & { readonly text: string }, program = declaredShop): Promise<string[]> {
  const one: Asked = { file: 'f', place: 'p', use: 'alert', ...asked };
  return (await checkAsked([one], program, ['cluster'])).map(({ rule, message }) => `${rule}: ${message}`);
}

const alert = (text: string, more: Partial<Asked> = {}): Partial<Asked> & { readonly text: string } => ({
  text,
  ...more,
});
const panel = (text: string, more: Partial<Asked> = {}): Partial<Asked> & { readonly text: string } => ({
  text: text.replaceAll('$$', where),
  use: 'panel',
  ...more,
});

type Case = readonly [rule: ViewRule, fires: ReturnType<typeof alert>, says: string, silent: ReturnType<typeof alert>];
const cases: readonly Case[] = [
  [
    'syntax',
    alert('sum(rate(shop_orders_total[5m])'),
    'not PromQL, it ends too early; correct it',
    alert('sum(rate(shop_orders_total[5m]))'),
  ],
  [
    'syntax',
    alert('summ(up{job="x"})'),
    'not PromQL from "(up{job=\\"x\\"})" on; correct it',
    alert('sum(up{job="x"})'),
  ],
  [
    'metric',
    alert('shop_fre_bytes < 5'),
    'shop_fre_bytes is not declared; did you mean shop_free_bytes?',
    alert('shop_free_bytes < 5'),
  ],
  ['metric', alert('rate(shop_orders[5m])'), 'did you mean shop_orders_total?', alert('rate(other_orders[5m])')],
  [
    'metric',
    alert('{"shop.visit_total"} > 1'),
    'did you mean shop.visits_total?',
    alert('rate({"shop.visits_total"}[5m]) > 1'),
  ],
  [
    'label',
    alert('shop_free_bytes{dsk="a"} < 5'),
    'shop_free_bytes has no label dsk; did you mean disk?',
    alert('shop_free_bytes{disk="a", cluster="b"} < 5'),
  ],
  [
    'label',
    alert('sum by (region) (shop_free_bytes) < 5'),
    'by (region): the series have no label region; it has disk, job, instance, cluster; if Prometheus adds it, name it in targetLabels',
    alert('sum by (disk, cluster) (shop_free_bytes) < 5'),
  ],
  [
    'value',
    alert('rate(shop_orders_total{paid="crd"}[5m]) > 1'),
    'the label paid of shop_orders_total is never "crd"; did you mean card?',
    alert('rate(shop_orders_total{paid="card"}[5m]) > 1'),
  ],
  [
    'value',
    alert('shop_door{shop_door="ajar"} == 1'),
    'its values are open, closed',
    alert('shop_door{shop_door=~"open|ajar"} == 1'),
  ],
  [
    'matchers',
    panel('shop_free_bytes{job=~"$job"}'),
    'shop_free_bytes is drawn of every instance; add instance=~"$instance"',
    panel('shop_free_bytes{$$}'),
  ],
  [
    'matchers',
    panel('up'),
    'up is drawn of every job and instance; add job=~"$job", instance=~"$instance"',
    panel('ALERTS'),
  ],
  [
    'matchers',
    alert('process_resident_memory_bytes > 1e9'),
    'process_resident_memory_bytes is written by every program; add job="…"',
    alert('process_resident_memory_bytes{job="shop"} > 1e9'),
  ],
  [
    'counter',
    alert('shop_orders_total > 100'),
    'the counter shop_orders_total rises until the process restarts; use rate(shop_orders_total[…]) or increase',
    alert('increase(shop_orders_total[1h]) > 100'),
  ],
  [
    'counter',
    alert('sum(shop_checkout_seconds_count) > 5'),
    'the counter shop_checkout_seconds_count rises',
    alert('count(shop_checkout_seconds_count) > 5'),
  ],
  [
    'counter',
    alert('deriv(shop_orders_total[5m]) > 1'),
    'deriv of the counter shop_orders_total; use rate',
    alert('changes(shop_orders_total[5m]) > 1'),
  ],
  [
    'counter',
    alert('shop_free_bytes and (shop_orders_total > 1)'),
    'the counter shop_orders_total rises',
    alert('shop_free_bytes unless shop_orders_total'),
  ],
  [
    'gauge',
    alert('rate(shop_free_bytes[5m]) < 0'),
    'rate of shop_free_bytes, which is a gauge; use the value itself, or deriv or delta for its change',
    alert('deriv(shop_free_bytes[5m]) < 0'),
  ],
  [
    'gauge',
    alert('rate(shop_wait_seconds[5m]) > 0'),
    "which are a summary's quantiles",
    alert('rate(shop_wait_seconds_count[5m]) > 0'),
  ],
  [
    'range',
    panel('sum(rate(shop_orders_total{$$}[1m]))'),
    'the range 1m does not follow zoom and scrape interval; use $__rate_interval',
    panel('sum(rate(shop_orders_total{$$}[$__rate_interval]))'),
  ],
  [
    'range',
    panel('sum(rate(shop_orders_total{$$}[$__interval]))'),
    'the range $__interval is shorter than two scrapes when zoomed in; use $__rate_interval',
    panel('max_over_time(shop_free_bytes{$$}[1h])'),
  ],
  [
    'range',
    panel('sum(increase(shop_orders_total{$$}[1h:5m]))'),
    'the range 1h:5m does not',
    panel('sum(increase(shop_orders_total{$$}[1d]))', { isInstant: true }),
  ],
  [
    'le',
    alert('histogram_quantile(0.9, sum by (paid) (rate(shop_checkout_seconds_bucket[5m]))) > 1'),
    'an aggregation removes le before histogram_quantile; add le to its labels',
    alert('histogram_quantile(0.9, sum by (paid, le) (rate(shop_checkout_seconds_bucket[5m]))) > 1'),
  ],
  [
    'le',
    alert('histogram_quantile(0.9, rate(shop_checkout_seconds_sum[5m])) > 1'),
    'histogram_quantile of what has no buckets; use shop_checkout_seconds_bucket',
    alert('histogram_quantile(0.9, sum(rate(shop_checkout_seconds[5m]))) > 1'),
  ],
  [
    'template',
    panel('sum(rate(shop_orders_total{$$}[$__rate_interval]))', { legend: '{{paid}}' }),
    'legend uses the label paid, but the result has no labels; keep it in the aggregation',
    panel('sum by (paid) (rate(shop_orders_total{$$}[$__rate_interval]))', { legend: '{{paid}}' }),
  ],
  [
    'template',
    alert('sum by (store) (shop_orders_waiting) > 5', { annotations: { description: 'of {{ $labels.instance }}' } }),
    'description uses the label instance, but the result has store',
    alert('sum by (store) (shop_orders_waiting) > 5', {
      annotations: { description: 'of {{ $labels.store }} {{ $labels.team }}' },
      labels: { team: 'a' },
    }),
  ],
  [
    'flapping',
    alert('shop_free_bytes < 5', { labels: { left: '{{ $value }}' } }),
    'the label left holds the value, so each change is a new alert; move it to an annotation',
    alert('shop_free_bytes < 5', { annotations: { left: '{{ $value }}' } }),
  ],
  [
    'absent',
    alert('absent(up{job="shop"})'),
    'absent() without for fires at every restart; add for: 5m',
    alert('absent(up{job="shop"})', { held: '5m' }),
  ],
  [
    'absent',
    alert('absent(up{job="shop"})', { held: '0s' }),
    'absent() without for',
    alert('absent_over_time(up{job="shop"}[10m])'),
  ],
  [
    'unit',
    panel('shop_free_bytes{$$}', { unit: 's' }),
    'the values are bytes, drawn with the unit s; use bytes',
    panel('shop_free_bytes{$$} * 8', { unit: 'bits' }),
  ],
  [
    'unit',
    panel('sum(rate(shop_sent_bytes_total{$$}[$__rate_interval]))', { unit: 'bytes' }),
    'the values are bytes per second, drawn with the unit bytes; use binBps',
    panel('sum(rate(shop_sent_bytes_total{$$}[$__rate_interval]))', { unit: 'MBs' }),
  ],
  [
    'unit',
    panel('histogram_quantile(0.9, sum by (le) (rate(shop_checkout_seconds_bucket{$$}[$__rate_interval])))', {
      unit: 'percentunit',
    }),
    'the values are seconds',
    panel(
      'sum(rate(shop_checkout_seconds_sum{$$}[$__rate_interval])) / sum(rate(shop_checkout_seconds_count{$$}[$__rate_interval]))',
      { unit: 's' },
    ),
  ],
  [
    'unit',
    panel(
      'sum(rate(shop_orders_total{$$}[$__rate_interval])) / sum(rate(shop_order_errors_total{$$}[$__rate_interval]))',
      { unit: 'ops' },
    ),
    'the values are share, drawn with the unit ops; use percentunit',
    panel('sum(rate(shop_orders_total{$$}[$__rate_interval]))', { unit: 'short' }),
  ],
];

describe.each(cases)('%s', (rule, fires, says, silent) => {
  it(`fires: ${fires.text}`, async () => {
    const all = await found(fires);
    expect(all.filter((one) => one.startsWith(`${rule}: `)).join('\n')).toContain(says);
  });

  it(`is silent: ${silent.text}`, async () => {
    expect(await found(silent)).toEqual([]);
  });
});

it('a counter that is a point in time is asked for as one', async () => {
  const reset = counter({ name: 'shop_reset_total', help: 'When the shop was last reset, in Unix time.' });
  const group = { kind: 'collector', name: 'reset', metrics: [reset], isDynamic: false, isAuxiliary: false } as const;
  const program = { ...declaredShop, groups: [...declaredShop.groups, group] };
  expect(await found(panel('time() - shop_reset_total{$$}'), program)).toEqual([]);
  expect(await found(panel('rate(shop_reset_total{$$}[$__rate_interval])'), program)).toHaveLength(1);
});

describe('what a job pushed', () => {
  it('has no rates, and is drawn as it is', async () => {
    expect(await found(alert('rate(copy_rows_total[1h]) > 0'), declaredJob)).toEqual([
      'gauge: rate of copy_rows_total, which a job pushed, so that it stays as it is; use the value itself',
    ]);
    expect(await found(alert('sum(copy_rows_total) > 0'), declaredJob)).toEqual([]);
  });
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Grafana's variables.
describe("Grafana's variables", () => {
  it.each([
    'topk($n, shop_free_bytes{$$})',
    'sum by ($group) (shop_free_bytes{$$})',
    '${metric}{$$}',
    'rate(shop_orders_total{$$}[${__rate_interval}])',
    'shop_free_bytes{$$} offset $ago',
    'shop_free_bytes{$$, disk=~"${disk:regex}"} > $least',
    'max_over_time(shop_free_bytes{$$}[$__range:[[step]]])',
  ])('may stand anywhere: %s', async (text) => {
    expect(await found(panel(text))).toEqual([]);
  });

  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: Grafana's variables.
  it('keep columns as they are', async () => {
    const asked: Asked = { file: 'd.json', place: 'panel A', use: 'panel', text: `topk($n, shop_fre_bytes{${where}})` };
    expect((await checkAsked([asked], declaredShop, []))[0]?.where).toBe('d.json, panel A, column 10');
  });
});

it('reports once for each place, in the order of files, and says where', async () => {
  const asked: Asked[] = [
    { file: 'a.yaml', line: 7, place: 'group g, alert A', use: 'alert', text: 'shop_fre_bytes + shop_fre_bytes' },
    { file: 'b.yaml', place: 'group g, alert B', use: 'alert', text: ')' },
  ];
  expect((await checkAsked(asked, declaredShop, [])).map(({ rule, where }) => [rule, where])).toEqual([
    ['metric', 'a.yaml:7, group g, alert A, column 1'],
    ['metric', 'a.yaml:7, group g, alert A, column 18'],
    ['syntax', 'b.yaml, group g, alert B, column 1'],
  ]);
});

it('knows names that escaping makes, and says nothing of families known at run time only', async () => {
  expect(await found(alert('rate(shop_visits_total[5m]) > 1'))).toEqual([]);
  const group = { ...declaredShop.groups[1]!, isDynamic: true };
  expect(await found(alert('shop_fre_bytes > 1'), { ...declaredShop, groups: [group] })).toEqual([]);
});
