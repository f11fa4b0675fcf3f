import { textNames } from '../../metric/family.ts';
import type { OwnPanel } from '../../metric/views.ts';
import { type DeclaredGroup, type DeclaredProgram, EVERY_PROBE, type Panel, type PanelRow } from '../declared.ts';
import { type Drawn, declaredAs, drawnOf } from './drawn.ts';
import { metricPanels } from './metric-panels.ts';
import { overviewPanels } from './overview.ts';

/**
 * The rows of a program's dashboard: an overview, its own rows, one for each collector, source, probe or job, and one for the
 * exporter itself.
 *
 * @throws TypeError if `views.without` names an unknown metric.
 */
export function panelsOf(program: DeclaredProgram): PanelRow[] {
  const { kind, groups, views = {} } = program;
  const written = { isPushed: kind === 'job' };
  const without = new Set(views.without);
  checkKnown(program, without);
  const declared = groups.flatMap(({ metrics }) => metrics);
  const shown = groups.map((group) => ({
    ...group,
    metrics: drawnOf(group.metrics.filter(({ name }) => !without.has(name))),
  }));
  const isAside = (group: DeclaredGroup): boolean => group.isAuxiliary || group.kind === 'itself';

  // A family is drawn once, though several collectors may write it.
  const drawn = new Set<string>();
  const row = (title: string, metrics: readonly Drawn[]): PanelRow => ({
    title,
    panels: metrics.flatMap((metric) => {
      if (drawn.has(metric.name)) return [];
      drawn.add(metric.name);
      return metricPanels(metric, written);
    }),
  });
  const own = (views.rows ?? []).map(({ title, panels }) => ({
    title,
    panels: panels.map((panel) => ownPanel(panel, title, shown)),
  }));
  const rows = [
    { title: 'Overview', panels: overviewPanels({ ...program, groups: shown }, written) },
    ...own,
    ...shown.filter((group) => !isAside(group)).map((group) => row(titleOf(group), group.metrics)),
    row(
      kind === 'job' ? 'The run itself' : 'The exporter itself',
      shown.filter(isAside).flatMap(({ metrics }) => metrics),
    ),
  ];
  return rows
    .filter(({ panels }) => panels.length > 0)
    .map(({ title, panels }) => ({
      title,
      panels: panels.map((panel) => ({ ...panel, metrics: declaredAs(panel.metrics, declared) })),
    }));
}

const titleOf = ({ kind, name }: DeclaredGroup): string =>
  name === EVERY_PROBE ? 'Every probe' : `${kind.replace(/^./, (first) => first.toUpperCase())} ${name}`;

function checkKnown({ name, groups }: DeclaredProgram, without: ReadonlySet<string>): void {
  const known = new Set(groups.flatMap(({ metrics }) => metrics.map((metric) => metric.name)));
  const unknown = [...without].find((one) => !known.has(one));
  if (unknown === undefined) return;
  throw new TypeError(
    `${name}: views.without names ${unknown}, which is not declared; correct the name, or remove it.`,
  );
}

function ownPanel(panel: OwnPanel, row: string, groups: readonly DeclaredGroup[]): Panel {
  const { title, description, type = 'timeseries', unit = 'short', queries } = panel;
  const asked = Object.entries(queries);
  const words = new Set(asked.flatMap(([, expr]) => expr.match(/[a-zA-Z_:][a-zA-Z0-9_:]*/g) ?? []));
  return {
    id: `own:${row}:${title}`,
    title,
    description,
    type,
    unit,
    queries: asked.map(([legend, expr]) => ({ expr, legend, ...(type === 'timeseries' ? {} : { isInstant: true }) })),
    metrics: groups
      .flatMap(({ metrics }) => metrics)
      .filter((metric) => textNames(metric).some((name) => words.has(name))),
  };
}
