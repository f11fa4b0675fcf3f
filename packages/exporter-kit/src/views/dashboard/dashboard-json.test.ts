import { describe, expect, it } from 'vitest';
import { declaredJob, declaredShop } from '../../../test/declared-shop.ts';
import { gauge } from '../../metric/declare.ts';
import type { Metric } from '../../metric/metric.ts';
import type { DeclaredProgram } from '../declared.ts';
import { dashboardJson } from './dashboard-json.ts';
import type { Dashboard, GrafanaPanel, GridPos, Row } from './grafana.ts';

// That each field has a name and a value of Grafana's schema is checked by the compiler, see grafana.ts.
const parsed = (program: DeclaredProgram): Dashboard => JSON.parse(dashboardJson(program));
const isRow = (one: GrafanaPanel | Row): one is Row => 'collapsed' in one;
const panelsIn = ({ panels }: Dashboard): GrafanaPanel[] =>
  panels.flatMap((one) => (isRow(one) ? one.panels : [one as GrafanaPanel]));

const carts = Array.from({ length: 5 }, (_, i) => gauge({ name: `carts_${i}`, help: `Carts ${i}.` }));
function small(metrics: readonly Metric[], views: DeclaredProgram['views'] = {}): DeclaredProgram {
  const group = { kind: 'collector', name: 'one', metrics, isDynamic: false, isAuxiliary: false } as const;
  return { ...declaredShop, groups: [group], views };
}

describe('a dashboard', () => {
  it('is what Grafana 10 to 13 load, and not edited there', () => {
    expect(parsed(declaredShop)).toMatchObject({
      uid: 'shop_exporter',
      title: 'Shop exporter',
      editable: false,
      schemaVersion: 39,
      tags: ['exporter-kit'],
      refresh: '30s',
    });
  });

  it('chooses the data source, jobs and instances', () => {
    const { list = [] } = parsed(declaredShop).templating;
    expect(list.map(({ name, type, query }) => [name, type, query])).toEqual([
      ['datasource', 'datasource', 'prometheus'],
      ['job', 'query', 'label_values({__name__=~"shop_exporter_build_info|probe_success"}, job)'],
      [
        'instance',
        'query',
        'label_values({__name__=~"shop_exporter_build_info|probe_success", job=~"$job"}, instance)',
      ],
    ]);
    expect(parsed(small(carts)).templating.list?.[1]?.query).toBe('label_values(shop_exporter_build_info, job)');
  });

  it('of a job finds it by its own metric, and takes results without an instance', () => {
    const [, job, instance] = parsed(declaredJob).templating.list ?? [];
    expect(job?.query).toBe('label_values(copy_rows_total, job)');
    expect(instance).toMatchObject({ allValue: '.*', includeAll: true, multi: true });
  });

  it('has a title, description, unit and data source on every panel', () => {
    for (const panel of panelsIn(parsed(declaredShop))) {
      expect(panel).toMatchObject({ title: expect.stringMatching(/./), description: expect.stringMatching(/./) });
      expect(panel.datasource).toEqual({ type: 'prometheus', uid: '$datasource' });
      expect(panel.targets.map(({ refId }) => refId)).toEqual(['A', 'B', 'C'].slice(0, panel.targets.length));
      const { unit } = panel.fieldConfig.defaults;
      const { yAxis } = panel.options as { yAxis?: { unit?: string } };
      expect(panel.type === 'table' || (unit ?? yAxis?.unit)).toBeTruthy();
    }
  });

  it('asks tables and ages for the latest value', () => {
    const panels = panelsIn(parsed(declaredShop));
    const table = panels.find(({ type }) => type === 'table');
    expect(table?.targets).toMatchObject([{ format: 'table', instant: true, range: false }]);
    expect(panels.find(({ type }) => type === 'heatmap')?.targets).toMatchObject([{ format: 'heatmap', range: true }]);
  });

  it('names the states of a stateset, and draws where an alert fires', () => {
    const panels = panelsIn(parsed(declaredShop));
    expect(panels.find(({ title }) => title === 'State of the door')?.fieldConfig.defaults.mappings).toMatchObject([
      { type: 'value', options: { 0: { text: 'open' }, 1: { text: 'closed' } } },
    ]);
    const used = panels.find(({ title }) => title === 'Used part of the store')?.fieldConfig.defaults;
    expect(used).toMatchObject({
      thresholds: { steps: [{ value: null }, { value: 0.9, color: 'red' }] },
      custom: { thresholdsStyle: { mode: 'dashed' } },
    });
  });

  it('collapses all rows but the overview if there are many panels, and none if there are few', () => {
    const collapsed = (program: DeclaredProgram) =>
      parsed(program)
        .panels.filter(isRow)
        .map((row) => row.collapsed);
    expect(collapsed(declaredShop)).toEqual([false, true, true, true, true]);
    expect(collapsed(small(carts))).toEqual([false, false]);
  });

  it('places no panel on another, nor beside the page', () => {
    for (const program of [declaredShop, declaredJob, small(carts)]) {
      const { panels } = parsed(program);
      const shown = panels.map(({ gridPos }) => gridPos!);
      for (const list of [shown, ...panels.filter(isRow).map((row) => row.panels.map(({ gridPos }) => gridPos!))]) {
        list.forEach((a, i) => {
          expect(a.x + a.w).toBeLessThanOrEqual(24);
          for (const b of list.slice(i + 1)) expect(overlap(a, b), JSON.stringify([a, b])).toBe(false);
        });
      }
    }
  });
});

const overlap = (a: GridPos, b: GridPos): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

describe('small diffs', () => {
  const ids = (program: DeclaredProgram) =>
    new Map(panelsIn(parsed(program)).map(({ title, id, targets }) => [`${title} ${targets[0]?.expr}`, id]));

  it('the same declarations give the same text, which ends in a newline', () => {
    expect(dashboardJson(declaredShop)).toBe(dashboardJson(structuredClone(declaredShop)));
    expect(dashboardJson(declaredShop)).toMatch(/[^\n]\n$/);
  });

  it('a metric more changes no id', () => {
    const before = ids(small(carts));
    const after = ids(small([gauge({ name: 'bags', help: 'Bags.' }), ...carts]));
    for (const [title, id] of before) expect(after.get(title)).toBe(id);
    expect(new Set(after.values()).size).toBe(before.size + 1);
  });
});

describe('uid', () => {
  const uid = (name: string) => parsed({ ...declaredShop, name }).uid!;

  it('is of Grafana’s form, at most 40 characters, and different for different programs', () => {
    const names = ['nightly backup', 'nightly_backup', 'nightly-backup', 'n'.repeat(60), `${'n'.repeat(60)}x`, 'größe'];
    for (const name of names) expect(uid(name)).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
    expect(new Set(names.map(uid)).size).toBe(names.length);
  });

  it('is as the declaration says, like title and tags', () => {
    const views = { uid: 'mine', title: 'Mine', tags: ['team-a'] };
    expect(parsed({ ...declaredShop, views })).toMatchObject({
      uid: 'mine',
      title: 'Mine',
      tags: ['exporter-kit', 'team-a'],
    });
    expect(() => parsed({ ...declaredShop, views: { uid: 'a b' } })).toThrow(
      'shop_exporter: views.uid "a b" is not a uid; use at most 40 letters, digits, "-" and "_".',
    );
  });
});
