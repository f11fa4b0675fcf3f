import type { AlertRule, DeclaredGroup } from '../declared.ts';
import { is, selector } from '../selector.ts';
import { constant, type SeriesLabels } from './level.ts';
import { literally, metricIn, nameIn, type Scope, sourceLabels, targetIn } from './scope.ts';
import { whose } from './texts.ts';

/**
 * That a collector fails, unless that has an alert already: because its source is down, or because an earlier run of it does
 * not end.
 */
export function collectorFailing(scope: Scope, sources: readonly DeclaredGroup[]): AlertRule[] {
  const { namespace } = scope.program;
  const success = metricIn(scope, `${namespace}_scrape_collector_success`);
  const overdue = metricIn(scope, `${namespace}_scrape_collector_overdue_seconds`);
  const [first] = scope.program.groups.filter(({ kind }) => kind === 'collector');
  if (success === undefined || overdue === undefined || first === undefined) return [];
  const parts = partsOf(scope, sources).map(({ matchers, source }) => {
    const failing = `${selector(success.name, scope.matcher, ...matchers)} == 0`;
    const each = [failing, `${selector(overdue.name, scope.matcher)} > 0`];
    if (source === undefined) return each.join(' unless ');
    const on = ['job', 'instance', ...sourceLabels(source)].join(', ');
    return [...each, `on (${on}) ${selector(upOf(source), scope.matcher)} == 0`].join(' unless ');
  });
  const more = success.labels.map(({ name }) => name);
  const source = sources.find(({ name }) => name === first.source);
  const target = { ...targetIn(scope), ...Object.fromEntries(sourceLabelsIn(source)) };
  const labels: SeriesLabels = { ...target, collector: first.name };
  const failed = constant(success.name, labels, 0);
  const up = (value: number) => (source === undefined ? [] : [constant(upOf(source), target, value)]);
  return [
    {
      alert: nameIn(scope, 'CollectorFailing'),
      expr: parts.length === 1 ? parts[0]! : parts.map((part) => `(${part})`).join(' or '),
      for: '15m',
      severity: 'warning',
      summary: 'Collector fails.',
      description: `A collector of ${whose(scope, more)} fails, so that its metrics are missing. The log of the exporter has the reason.`,
      metrics: [success.name, overdue.name, ...sources.map(upOf)],
      cases: [
        { title: 'it fails', series: [failed, ...up(1)], fires: { labels, value: 0 } },
        { title: 'it succeeds', series: [constant(success.name, labels, 1), ...up(1)] },
        { title: 'an earlier run does not end', series: [failed, constant(overdue.name, labels, 60), ...up(1)] },
        ...(source === undefined ? [] : [{ title: `source ${source.name} is down`, series: [failed, ...up(0)] }]),
      ],
    },
  ];
}

const upOf = ({ metrics: [up] }: DeclaredGroup): string => up!.name;

const sourceLabelsIn = (source: DeclaredGroup | undefined): [string, string][] =>
  source === undefined ? [] : sourceLabels(source).map((name) => [name, `some ${name}`]);

interface Part {
  readonly source?: DeclaredGroup;
  readonly matchers: readonly string[];
}

/**
 * Collectors by source. Without other collectors than those of one source, beside those about the exporter itself, there is no
 * need to name them.
 */
function partsOf({ program }: Scope, sources: readonly DeclaredGroup[]): Part[] {
  const collectors = program.groups.filter(({ kind }) => kind === 'collector');
  const others = collectors.filter(({ source }) => source === undefined);
  const [only] = sources;
  if (only === undefined) return [{ matchers: [] }];
  if (sources.length === 1 && others.every(({ isAuxiliary }) => isAuxiliary)) return [{ matchers: [], source: only }];
  const named = (list: readonly DeclaredGroup[]): string[] => [
    list.length === 1
      ? is('collector', list[0]!.name)
      : `collector=~${JSON.stringify(list.map(({ name }) => literally(name)).join('|'))}`,
  ];
  return [
    ...(others.length === 0 ? [] : [{ matchers: named(others) }]),
    ...sources.map((source) => ({
      source,
      matchers: named(collectors.filter((one) => one.source === source.name)),
    })),
  ];
}
