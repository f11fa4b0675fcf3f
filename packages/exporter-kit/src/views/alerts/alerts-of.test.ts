import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needPeers, promtool } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alerted, alertedJob, alertedProbes } from '../../../test/alerted.ts';
import { above, gauge } from '../../index.ts';
import type { DeclaredProgram } from '../declared.ts';
import { alertsOf, rulesOf } from './alerts-of.ts';
import { alertFiles } from './yaml-files.ts';

const expressions = (program: DeclaredProgram) =>
  Object.fromEntries(alertsOf(program).map(({ alert, expr }) => [alert, expr]));

it('has alerts on an exporter, its source and its collectors that nobody declared', () => {
  const j = 'job="shop_exporter"';
  expect(expressions(alerted)).toMatchObject({
    ShopExporterDown: `up{${j}} == 0`,
    ShopExporterAbsent: `absent(up{${j}})`,
    ShopBrokerDown: `broker_up{${j}} == 0`,
    ShopBrokerFailing: `sum without (stage) (rate(shop_scrape_source_failures_total{${j}, source="broker"}[5m])) > 0 unless on (job, instance, broker) max_over_time(broker_up{${j}}[10m]) == 0`,
    ShopCollectorFailing: `(shop_scrape_collector_success{${j}, collector="files"} == 0 unless shop_scrape_collector_overdue_seconds{${j}} > 0) or (shop_scrape_collector_success{${j}, collector="orders"} == 0 unless shop_scrape_collector_overdue_seconds{${j}} > 0 unless on (job, instance, broker) broker_up{${j}} == 0)`,
    ShopCollectorOverdue: `shop_scrape_collector_overdue_seconds{${j}} > 0`,
    ShopCollectorSamplesDropped: `rate(shop_scrape_collector_dropped_samples_total{${j}}[5m]) > 0`,
  });
});

it('has alerts on probes, wherever they are scraped, and on what an exporter says of its configuration', () => {
  const j = 'job=~"shop_exporter(_.+)?"';
  expect(expressions(alertedProbes)).toEqual({
    ShopExporterDown: 'up{job="shop_exporter"} == 0',
    ShopExporterAbsent: 'absent(up{job="shop_exporter"})',
    ShopProbeFailing: `probe_success{${j}} < 1`,
    ShopProbeSamplesDropped: `rate(shop_probe_dropped_samples_total{${j}}[5m]) > 0`,
    ShopConfigReloadFailed: `shop_config_last_reload_successful{${j}} < 1`,
    ShopWebConfigReloadFailed: `shop_web_config_last_reload_successful{${j}} < 1`,
    ShopWebCertificateExpires: `shop_web_certificate_not_after_timestamp_seconds{${j}} - time() < 604800`,
  });
  const [, , failing] = alertsOf({ ...alertedProbes, views: { job: ['a', 'b'] } });
  expect(failing?.expr).toBe('probe_success{job=~"(a|b)(_.+)?"} < 1');
});

it('asks every kind of metric as it must be asked', () => {
  expect(expressions(alerted)).toMatchObject({
    ShopWaitingHigh: 'shop_waiting{job="shop_exporter", kind="b"} > 2.5',
    ShopColdCelsiusLow: 'shop_cold_celsius{job="shop_exporter"} < -20',
    ShopStoreFull:
      'sum without (kind) (shop_used_bytes{job="shop_exporter"}) / (shop_capacity_bytes{job="shop_exporter"} > 0) > 0.9',
    ShopKindFull:
      'shop_used_bytes{job="shop_exporter"} / ignoring (kind) group_left () (shop_capacity_bytes{job="shop_exporter"} > 0) > 0.7',
    ShopErrorsHigh: 'rate(shop_errors_total{job="shop_exporter"}[5m]) > 0',
    ShopErrorShare:
      'sum without (reason) (rate(shop_errors_total{job="shop_exporter"}[5m])) / (rate(shop_orders_total{job="shop_exporter"}[5m]) > 0) > 0.05',
    ShopDoorOld: 'time() - shop_door_timestamp_seconds{job="shop_exporter"} > 93600',
    ShopDoorExpires: 'shop_door_timestamp_seconds{job="shop_exporter"} - time() < 604800',
    ShopDoorNotOpen: 'shop_door{job="shop_exporter", shop_door=~"shut|stuck \\\\(a\\\\)"} == 1',
    ShopCartsHigh: '{"shop.carts", job="shop_exporter"} > 2.5',
    ShopBagsLeftHigh: '(shop_bags_left{job="shop_exporter"} or shop_bags{job="shop_exporter"}) > 2.5',
  });
});

it('names, grades and explains an alert as the field does', () => {
  const all = [...alertsOf(alerted), ...alertsOf(alertedJob)];
  for (const { alert, severity, summary, description, expr, metrics } of all) {
    expect(alert).toMatch(/^(Shop|NightlyCopy)[A-Z][A-Za-z0-9]+$/);
    expect(['critical', 'warning', 'info']).toContain(severity);
    expect(summary).toMatch(/^[A-Z][^{]*[.]$/);
    expect(description).toMatch(/\{\{ \$labels\.(instance|job) \}\}.*[.]$/);
    expect(expr).toMatch(/job="(shop_exporter|nightly copy)"/);
    expect(metrics.length).toBeGreaterThan(0);
  }
  expect(new Set(all.map(({ alert }) => alert)).size).toBe(all.length);
});

it('records the slow share of an objective in the windows that its alerts compare', () => {
  const rules = rulesOf(alerted).filter(({ record }) => record.includes('shop_classic_seconds'));
  expect(rules).toHaveLength(7);
  expect(rules[0]).toEqual({
    record: 'job:shop_classic_seconds:slow_ratio_rate5m',
    expr: '1 - sum by (job) (rate(shop_classic_seconds_bucket{job="shop_exporter", le=~"1|1[.]0"}[5m])) / sum by (job) (rate(shop_classic_seconds_count{job="shop_exporter"}[5m]))',
  });
  const recorded = (window: string) => `job:shop_checkout_seconds:slow_ratio_rate${window}{job="shop_exporter"}`;
  expect(expressions(alerted)).toMatchObject({
    ShopCheckoutSecondsBudgetBurnsFast: `(${recorded('1h')} > 0.0144 and ${recorded('5m')} > 0.0144) or (${recorded('6h')} > 0.006 and ${recorded('30m')} > 0.006)`,
    ShopCheckoutSecondsBudgetBurns: `(${recorded('1d')} > 0.003 and ${recorded('2h')} > 0.003) or (${recorded('3d')} > 0.001 and ${recorded('6h')} > 0.001)`,
  });
  // Half of all may be slow: no more than twice the pace exists.
  expect(expressions(alerted)).not.toHaveProperty('ShopClassicSecondsBudgetBurnsFast');
});

describe('options', () => {
  it('choose the jobs, and where runbooks are', () => {
    const [down, absent] = alertsOf({
      ...alerted,
      views: { job: ['a', 'b.c'], runbooks: 'https://runbooks.example/#' },
    });
    expect(down).toMatchObject({
      expr: 'up{job=~"a|b\\\\.c"} == 0',
      runbookUrl: 'https://runbooks.example/#ShopExporterDown',
    });
    expect(absent?.expr).toBe('absent(up{job="a"}) or absent(up{job="b.c"})');
  });

  it("choose a job's pace, without which its absence means nothing", () => {
    expect(Object.keys(expressions(alertedJob))).toEqual([
      'NightlyCopyJobOverdue',
      'NightlyCopyJobNeverSucceeded',
      'NightlyCopyCopyRowsLow',
      'NightlyCopyJobFailed',
      'NightlyCopyJobSamplesDropped',
    ]);
    const { views: _, ...job } = alertedJob;
    expect(Object.keys(expressions(job))).not.toContain('NightlyCopyJobOverdue');
  });

  it.each([
    [{ ...alerted, views: { job: [] } }, 'shop_exporter: views.job names no job'],
    [{ ...alerted, views: { job: '' } }, 'shop_exporter: views.job names no job'],
    [{ ...alerted, views: { succeedsEvery: '1d' } }, 'views.succeedsEvery is for jobs, and this is an exporter'],
    [
      { ...alertedJob, views: { succeedsEvery: 'daily' } },
      'nightly copy: views.succeedsEvery "daily" is not a duration',
    ],
    [{ ...alertedJob, views: { succeedsEvery: '0' } }, 'views.succeedsEvery "0" is not a duration'],
  ])('are refused, saying why: %#', (program, message) => {
    expect(() => alertsOf(program)).toThrow(TypeError);
    expect(() => alertsOf(program)).toThrow(message);
  });
});

it('refuses two alerts of one name, but not one alert that is declared twice', () => {
  const alert = { name: 'Full', when: above(1), summary: 'It is full.' };
  const [a, b] = ['a', 'b'].map((name) => gauge({ name, help: 'x', alert }));
  const withMetrics = (...metrics: (typeof a)[]): DeclaredProgram => ({
    ...alerted,
    groups: metrics.map((one) => ({ ...alerted.groups[1]!, metrics: [one!] })),
  });
  expect(() => alertsOf(withMetrics(a, b))).toThrow(
    new TypeError('shop_exporter: two alerts are called ShopFull, on a and on b; give one another name.'),
  );
  expect(Object.keys(expressions(withMetrics(a, a)))).toEqual(['ShopExporterDown', 'ShopExporterAbsent', 'ShopFull']);
});

describe.skipIf(!needPeers('promtool'))('promtool', () => {
  it.each([alerted, alertedProbes, alertedJob])('takes the rules of $name', async (program) => {
    const { folder, rules } = await written(program);
    expect(await promtool(['check', 'rules', '--lint-fatal', ...rules], folder)).toMatchObject({ code: 0 });
  });

  // Those of an exporter take half a minute: see test/alert-tests.test.ts.
  it('passes the tests of a job, and fails them if a threshold is another', async () => {
    const { folder, files } = await written(alertedJob);
    expect(await promtool(['test', 'rules', 'alerts.test.yaml'], folder)).toMatchObject({ code: 0 });
    const other = files.get('alerts.yaml')!.replace('> 93600', '> 9360000');
    expect(other).not.toBe(files.get('alerts.yaml'));
    await writeFile(join(folder, 'alerts.yaml'), other);
    const { code, stdout, stderr } = await promtool(['test', 'rules', 'alerts.test.yaml'], folder);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('NightlyCopyJobOverdue');
  });

  async function written(program: DeclaredProgram) {
    const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const files = alertFiles(program);
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    return { folder, files, rules: [...files.keys()].filter((name) => !name.includes('.test.')) };
  }
});
