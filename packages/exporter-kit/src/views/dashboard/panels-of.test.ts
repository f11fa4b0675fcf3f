import { describe, expect, it } from 'vitest';
import { declaredJob, declaredShop } from '../../../test/declared-shop.ts';
import { counter, gauge } from '../../metric/declare.ts';
import type { Metric } from '../../metric/metric.ts';
import type { DeclaredProgram, Panel } from '../declared.ts';
import { panelsOf } from './panels-of.ts';

const all = (program: DeclaredProgram): Panel[] => panelsOf(program).flatMap(({ panels }) => panels);
const where = 'job=~"$job", instance=~"$instance"';

function panel(id: string, program = declaredShop): Panel {
  const found = all(program).find((one) => one.id === id);
  expect(found, id).toBeDefined();
  return found!;
}

const exprs = (id: string, program = declaredShop): string[] => panel(id, program).queries.map(({ expr }) => expr);

function collecting(metrics: readonly Metric[], more: Partial<DeclaredProgram> = {}): DeclaredProgram {
  const group = { kind: 'collector', name: 'one', metrics, isDynamic: false, isAuxiliary: false } as const;
  return { ...declaredShop, groups: [group], ...more };
}

describe('rows', () => {
  it('are the overview, then one for each origin, then the exporter itself', () => {
    expect(panelsOf(declaredShop).map(({ title }) => title)).toEqual([
      'Overview',
      'Source broker',
      'Collector orders',
      'Probe http',
      'The exporter itself',
    ]);
    expect(panelsOf(declaredJob).map(({ title }) => title)).toEqual([
      'Overview',
      'Job nightly copy of everything that the shop has sold',
      'The run itself',
    ]);
  });

  it('draw a family once, though two collectors write it', () => {
    const carts = gauge({ name: 'carts', help: 'Carts.' });
    const program = collecting([carts]);
    const twice = { ...program, groups: [...program.groups, { ...program.groups[0]!, name: 'two' }] };
    expect(all(twice).filter(({ id }) => id === 'carts:value')).toHaveLength(1);
    expect(panelsOf(twice).map(({ title }) => title)).toEqual(['Overview', 'Collector one']);
  });

  it('put collectors about the process with the exporter itself', () => {
    const { groups } = collecting([gauge({ name: 'carts', help: 'Carts.' })]);
    const rows = panelsOf({ ...declaredShop, groups: [{ ...groups[0]!, isAuxiliary: true }] });
    expect(rows.map(({ title }) => title)).toEqual(['Overview', 'The exporter itself']);
  });
});

describe('every panel', () => {
  const panels = [...all(declaredShop), ...all(declaredJob)];

  it('chooses by job and instance in every selector, and has no fixed range', () => {
    for (const { queries } of panels) {
      for (const { expr } of queries) {
        const selectors = expr.match(/\{[^}]*\}/g) ?? [];
        expect(selectors.length, expr).toBeGreaterThan(0);
        for (const one of selectors) expect(one).toContain(where);
        expect(expr).not.toMatch(/\[\d/);
      }
    }
  });

  it('has an id of its own in its program, a title and a description', () => {
    for (const program of [declaredShop, declaredJob]) {
      const ids = all(program).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
    for (const { title, description } of panels) {
      expect(title).toMatch(/^\S.{2,99}$/);
      expect(description).toMatch(/ Metric: .*\.$/);
    }
  });

  it('of series without end draws the top 20 over the whole range', () => {
    for (const { queries, type } of panels) {
      for (const { expr } of queries) {
        const isBounded =
          /(top|bottom)k\((20|100), /.test(expr) || /^(sum|histogram_quantile|histogram_count)\b/.test(expr);
        expect(isBounded, expr).toBe(true);
        if (type === 'timeseries' && /topk|bottomk/.test(expr)) expect(expr).toContain('@ end()');
      }
    }
  });
});

describe('by kind', () => {
  it('a counter is a rate: added up by labels with declared values, else bounded', () => {
    expect(exprs('shop_orders_total:rate')).toEqual([
      `sum by (paid) (rate(shop_orders_total{${where}}[$__rate_interval]))`,
    ]);
    expect(panel('shop_orders_total:rate')).toMatchObject({ title: 'Orders, per second', unit: 'ops' });
    expect(exprs('shop_order_errors_total:rate')).toEqual([
      `rate(shop_order_errors_total{${where}}[$__rate_interval]) and ` +
        `topk(20, rate(shop_order_errors_total{${where}}[$__range] @ end()))`,
    ]);
    expect(panel('shop_order_errors_total:rate').queries[0]?.legend).toBe('{{instance}} {{reason}}');
    expect(panel('shop_sent_bytes_total:rate').unit).toBe('binBps');
  });

  it('too many declared values are bounded as well', () => {
    const values = Array.from({ length: 21 }, (_, i) => `v${i}`);
    const many = counter({ name: 'many_total', help: 'Many.', labels: { value: values } });
    expect(exprs('many_total:rate', collecting([many]))[0]).toContain('topk(20, ');
  });

  it('a gauge is its value, the lowest where low is bad news', () => {
    expect(exprs('shop_orders_waiting:value')[0]).toContain(' and topk(20, max_over_time(');
    expect(exprs('shop_free_bytes:value')[0]).toContain(' and bottomk(20, min_over_time(');
    expect(panel('shop_free_bytes:value').unit).toBe('bytes');
  });

  it('a gauge with an alert shows where it fires', () => {
    expect(panel('shop_stock_used_ratio:value')).toMatchObject({
      unit: 'percentunit',
      thresholds: [{ is: 'above', value: 0.9 }],
    });
  });

  it('a gauge about whether something is so is a timeline of yes and no', () => {
    expect(panel('broker_up:states')).toMatchObject({
      type: 'state-timeline',
      states: [
        { name: 'no', tone: 'bad' },
        { name: 'yes', tone: 'good' },
      ],
    });
    expect(exprs('broker_up:states')[0]).toContain('bottomk');
  });

  it('a timestamp is an age, an expiry what is left', () => {
    expect(panel('shop_last_order_timestamp_seconds:age')).toMatchObject({
      type: 'stat',
      unit: 's',
      queries: [{ expr: `topk(20, time() - (shop_last_order_timestamp_seconds{${where}} > 0))`, isInstant: true }],
    });
    const expiry = gauge({ name: 'cert_expiry_timestamp_seconds', help: 'When it expires.', unit: 'seconds' });
    expect(exprs('cert_expiry_timestamp_seconds:age', collecting([expiry]))).toEqual([
      `bottomk(20, (cert_expiry_timestamp_seconds{${where}} > 0) - time())`,
    ]);
    const reset = { help: 'When they were last reset, in Unix time; 0 if never.', waive: 'name of the server' };
    const called = collecting([counter({ name: 'stats_reset', ...reset }), gauge({ name: 'last_vacuum', ...reset })]);
    expect(panel('stats_reset:age', called).title).toBe('When they were last reset: time since');
    expect(all(called).map(({ id }) => id)).toEqual(expect.arrayContaining(['stats_reset:age', 'last_vacuum:age']));
    const took = gauge({ name: 'last_run_time_seconds', help: 'How long it took.', unit: 'seconds' });
    expect(panel('last_run_time_seconds:value', collecting([took])).type).toBe('timeseries');
  });

  it('a histogram is its count, quantiles of classic or else native buckets, and a heatmap', () => {
    const classic = `sum by (le) (rate(shop_checkout_seconds_bucket{${where}}[$__rate_interval]))`;
    const native = `sum(rate(shop_checkout_seconds{${where}}[$__rate_interval]))`;
    expect(exprs('shop_checkout_seconds:quantiles')).toEqual(
      ['0.5', '0.9', '0.99'].map((q) => `histogram_quantile(${q}, ${classic}) or histogram_quantile(${q}, ${native})`),
    );
    expect(panel('shop_checkout_seconds:heatmap')).toMatchObject({
      type: 'heatmap',
      unit: 's',
      queries: [{ expr: `${classic} or on () ${native}` }],
    });
    expect(exprs('shop_checkout_seconds:count')).toEqual([
      `sum by (paid) (rate(shop_checkout_seconds_count{${where}}[$__rate_interval]))`,
      `sum by (paid) (histogram_count(rate(shop_checkout_seconds{${where}}[$__rate_interval])))`,
    ]);
  });

  it('a histogram without any buckets has a count alone', () => {
    const ids = all(declaredShop).map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('shop_basket_bytes'))).toEqual(['shop_basket_bytes:count']);
  });

  it('a gauge histogram is of this moment', () => {
    expect(exprs('shop_order_age_seconds:quantiles')[0]).toBe(
      `histogram_quantile(0.5, sum by (le) (shop_order_age_seconds_bucket{${where}})) or ` +
        `histogram_quantile(0.5, sum(shop_order_age_seconds{${where}}))`,
    );
  });

  it('a summary is its own quantiles, or its mean where it has none', () => {
    expect(panel('shop_wait_seconds:quantiles').queries[0]?.legend).toBe('{{instance}} {{quantile}}');
    expect(exprs('shop_pick_seconds:mean')[0]).toMatch(
      /^rate\(shop_pick_seconds_sum\{.*\) \/ rate\(shop_pick_seconds_count/,
    );
  });

  it('an info is a table, a stateset a timeline of its states', () => {
    expect(panel('shop_broker_info:table')).toMatchObject({ type: 'table', queries: [{ isInstant: true }] });
    expect(panel('shop_door:states').states).toEqual([{ name: 'open' }, { name: 'closed' }]);
    expect(exprs('shop_door:states')[0]).toMatch(
      /^max by \(job, instance, door\) \(\(shop_door\{.*shop_door="open"\} == 1\) \* 0 or \(shop_door\{.*shop_door="closed"\} == 1\) \* 1\) and topk\(20, /,
    );
  });

  it('a gauge that is an info by its name is a table as well', () => {
    const plain = gauge({ name: 'os_info', help: 'The system.', labels: ['id'] });
    expect(panel('os_info:table', collecting([plain])).type).toBe('table');
  });

  it.each([
    ['latency_usec', 'µs'],
    ['delay_milliseconds', 'ms'],
    ['size_bytes', 'bytes'],
  ])('%s is in %s, by the last word of its name', (name, unit) => {
    const named = gauge({ name, help: 'As others call it.', waive: 'test' });
    expect(panel(`${name}:value`, collecting([named])).unit).toBe(unit);
  });

  it('a name outside the legacy syntax stands in quotes', () => {
    expect(exprs('shop.visits_total:rate')[0]).toContain(`rate({"shop.visits_total", ${where}}[$__rate_interval])`);
    const labelled = counter({ name: 'x_total', help: 'X.', labels: { 'a.b': ['1'] }, waive: 'test' });
    expect(exprs('x_total:rate', collecting([labelled]))[0]).toMatch(/^sum by \("a\.b"\) /);
  });
});

describe('a deprecated metric', () => {
  it('is drawn with its new name, which is asked first', () => {
    const [expr] = exprs('shop_carts_used:value');
    expect(expr?.split(' or ').map((part) => part.split('{')[0])).toEqual(['shop_carts_used', 'shop_carts']);
    expect(panel('shop_carts_used:value').metrics.map(({ name }) => name)).toEqual(['shop_carts', 'shop_carts_used']);
    expect(all(declaredShop).filter(({ id }) => id === 'shop_carts:value')).toEqual([]);
  });

  it('is drawn so too if only the old name is declared', () => {
    const [expr] = exprs('shop_bags_left:value');
    expect(expr?.split(' or ').map((part) => part.split('{')[0])).toEqual(['shop_bags_left', 'shop_bags']);
  });
});

it('a title begins with a capital letter, unless it begins with a name', () => {
  const help = ['rss_bytes divided by used_bytes.', 'allocated bytes.'];
  const metrics = help.map((text, i) => gauge({ name: `memory_${i}`, help: text }));
  const titles = all(collecting(metrics)).map(({ title }) => title);
  expect(titles).toEqual(expect.arrayContaining(['rss_bytes divided by used_bytes', 'Allocated bytes']));
});

describe('a job', () => {
  it('has no rates', () => {
    for (const { queries } of all(declaredJob)) for (const { expr } of queries) expect(expr).not.toContain('rate(');
  });

  it('begins with whether it succeeded, and when last', () => {
    expect(
      panelsOf(declaredJob)[0]
        ?.panels.map(({ id }) => id)
        .slice(0, 2),
    ).toEqual(['overview:job_success:states', 'overview:job_last_success_timestamp_seconds:age']);
  });

  it('is named where several jobs write the same', () => {
    expect(panel('job_success:states', declaredJob).queries[0]?.legend).toBe('{{instance}} {{job}}');
  });
});

it('the overview has health, objectives, rate, errors, duration, use and saturation', () => {
  expect(panelsOf(declaredShop)[0]?.panels.map(({ id }) => id)).toEqual(
    [
      'up:states',
      'scrape_duration_seconds:value',
      'broker_up:states',
      'probe_success:states',
      'probe_duration_seconds:value',
      'shop_scrape_collector_success:states',
      'shop_checkout_seconds:objective',
      'shop_checkout_seconds:count',
      'shop_checkout_seconds:quantiles',
      'shop_order_errors_total:rate',
      'shop_stock_used_ratio:value',
      'shop_orders_waiting:value',
    ].map((id) => `overview:${id}`),
  );
  expect(exprs('overview:shop_checkout_seconds:objective')[0]).toContain('le=~"1|1[.]0"');
});

it('the overview has a metric that several collectors write once', () => {
  const { groups } = declaredShop;
  const [group] = groups.filter(({ metrics }) => metrics.some(({ name }) => name === 'shop_order_errors_total'));
  const [row] = panelsOf({ ...declaredShop, groups: [...groups, { ...group!, name: 'other' }] });
  expect(row!.panels.filter(({ id }) => id === 'overview:shop_order_errors_total:rate')).toHaveLength(1);
});

describe('the option views', () => {
  it('leaves out metrics, everywhere', () => {
    const program = { ...declaredShop, views: { without: ['shop_checkout_seconds', 'shop_free_bytes'] } };
    const ids = all(program).map(({ id }) => id);
    expect(ids.filter((id) => /checkout|free/.test(id))).toEqual([]);
    expect(ids).toContain('shop_orders_total:rate');
  });

  it('rejects the name of no metric', () => {
    expect(() => panelsOf({ ...declaredShop, views: { without: ['shop_fre_bytes'] } })).toThrow(
      'shop_exporter: views.without names shop_fre_bytes, which is not declared; correct the name, or remove it.',
    );
  });

  it('adds rows after the overview, which know their metrics', () => {
    const expr = `sum(rate(shop_checkout_seconds_sum{${where}}[$__rate_interval]))`;
    const rows = [
      { title: 'Money', panels: [{ title: 'Time', description: 'All of it.', unit: 's', queries: { total: expr } }] },
    ];
    const [, own] = panelsOf({ ...declaredShop, views: { rows } });
    expect(own?.title).toBe('Money');
    expect(own?.panels).toMatchObject([
      { title: 'Time', type: 'timeseries', unit: 's', queries: [{ expr, legend: 'total' }] },
    ]);
    expect(own?.panels[0]?.metrics.map(({ name }) => name)).toEqual(['shop_checkout_seconds']);
  });
});
