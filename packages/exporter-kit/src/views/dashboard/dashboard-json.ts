import type { DeclaredProgram, Panel, PanelRow } from '../declared.ts';
import { generatedBy } from '../mark.ts';
import { selector } from '../selector.ts';
import type { Dashboard, GrafanaPanel, GridPos, Row, Variable } from './grafana.ts';
import { idsOf, uidOf } from './ids.ts';
import { heightOf, placed } from './layout.ts';
import { panelsOf } from './panels-of.ts';
import { pluginOf } from './plugins.ts';

/** A dashboard with more panels opens with its overview alone. */
const MANY = 30;

/** The program's dashboard in Grafana's classic schema, which Grafana 10 to 13 load and which can be provisioned from a file. */
export function dashboardJson(program: DeclaredProgram, rows: readonly PanelRow[] = panelsOf(program)): string {
  const { name, kind, title, views = {} } = program;
  const isJob = kind === 'job';
  const dashboard: Dashboard = {
    uid: uidOf(views.uid, name),
    title: views.title ?? title,
    description: `${generatedBy(program)} Change those rather than this file.`,
    tags: ['exporter-kit', ...(views.tags ?? [])],
    editable: false,
    graphTooltip: 1,
    time: { from: isJob ? 'now-7d' : 'now-1h', to: 'now' },
    refresh: isJob ? '5m' : '30s',
    schemaVersion: 39,
    templating: { list: variables(program) },
    annotations: { list: [] },
    links: [],
    panels: panelList(rows, program),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

const datasource = { type: 'prometheus', uid: '$datasource' } as const;

/** The data source, and the jobs and instances that have a series which is always there. */
function variables({ name, kind, groups }: DeclaredProgram): Variable[] {
  const metrics = groups.filter(({ kind }) => kind !== 'itself').flatMap((group) => group.metrics);
  const isProbing =
    groups.some((group) => group.kind === 'probe') || metrics.some(({ name }) => name === 'probe_success');
  const always =
    kind === 'job' ? (metrics[0]?.name ?? 'job_success') : `${name}_build_info${isProbing ? '|probe_success' : ''}`;
  const of = (...matchers: string[]): string =>
    isProbing ? `{${[`__name__=~"${always}"`, ...matchers].join(', ')}}` : selector(always, ...matchers);
  return [
    {
      type: 'datasource',
      name: 'datasource',
      label: 'Data source',
      description: 'Prometheus, or what answers like it.',
      query: 'prometheus',
      refresh: 1,
      hide: 0,
    },
    labelValues('job', 'Job', of()),
    // A pushed series may have no instance.
    { ...labelValues('instance', 'Instance', of('job=~"$job"')), allValue: '.*' },
  ];
}

function labelValues(label: string, title: string, of: string): Variable {
  return {
    type: 'query',
    name: label,
    label: title,
    datasource,
    query: `label_values(${of}, ${label})`,
    refresh: 2,
    sort: 1,
    hide: 0,
    multi: true,
    includeAll: true,
    current: { selected: true, text: ['All'], value: ['$__all'] },
  };
}

function panelList(rows: readonly PanelRow[], { namespace }: DeclaredProgram): (GrafanaPanel | Row)[] {
  const isLong = rows.reduce((sum, { panels }) => sum + panels.length, 0) > MANY;
  const ids = idsOf(
    rows.flatMap(({ title, panels }) => [`row:${title}`, ...panels.map(({ id }) => id)]),
    namespace,
  );
  const list: (GrafanaPanel | Row)[] = [];
  let y = 0;
  rows.forEach(({ title, panels }, i) => {
    const positions = placed(panels, y + 1);
    const drawn = panels.map((panel, at) => panelJson(panel, ids.get(panel.id)!, positions[at]!));
    const collapsed = i > 0 && (isLong || (i === rows.length - 1 && panels.length > MANY / 3));
    list.push({
      type: 'row',
      id: ids.get(`row:${title}`)!,
      title,
      collapsed,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: collapsed ? drawn : [],
    });
    y += 1;
    if (collapsed) return;
    list.push(...drawn);
    y += heightOf(positions);
  });
  return list;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function panelJson(panel: Panel, id: number, gridPos: GridPos): GrafanaPanel {
  const { title, description, type, queries } = panel;
  const format = type === 'heatmap' ? 'heatmap' : type === 'table' ? 'table' : 'time_series';
  return {
    id,
    title,
    description,
    datasource,
    gridPos,
    targets: queries.map(({ expr, legend, isInstant = false }, i) => ({
      refId: letters[i] ?? `Q${i}`,
      datasource,
      editorMode: 'code',
      expr,
      legendFormat: legend,
      format,
      instant: isInstant,
      range: !isInstant,
    })),
    // A table without the columns that say nothing.
    ...(type === 'table'
      ? {
          transformations: [
            { id: 'organize', options: { excludeByName: { Time: true, Value: true, __name__: true } } },
          ],
        }
      : {}),
    ...pluginOf(panel),
  };
}
