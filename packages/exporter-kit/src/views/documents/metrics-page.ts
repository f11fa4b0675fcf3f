import type { Label } from '../../metric/labels.ts';
import type { Metric } from '../../metric/metric.ts';
import { type AlertRule, type DeclaredGroup, type DeclaredProgram, EVERY_PROBE, type PanelRow } from '../declared.ts';
import { generatedBy } from '../mark.ts';
import { type Examples, exampleOf } from './example.ts';
import { code, codeBlock, prose, table } from './markdown.ts';

/** What shows or watches the metrics. */
export interface Uses {
  readonly rows: readonly PanelRow[];
  readonly alerts: readonly AlertRule[];
}

/** The page about all metrics of a program, by the parts that write them. */
export function metricsPage(program: DeclaredProgram, { rows, alerts }: Uses, recorded: Examples): string {
  const panels = usesBy(
    rows.flatMap((row) => row.panels),
    ({ metrics }) => metrics.map(({ name }) => name),
    ({ title }) => title,
  );
  const watching = usesBy(
    alerts,
    ({ metrics }) => metrics,
    ({ alert }) => alert,
  );
  const section = (group: DeclaredGroup): string => {
    const lines = group.metrics.map((metric) => [
      code(metric.name),
      metric.kind,
      metric.unit,
      metric.labels.map(labelText).join('; '),
      meaning(metric),
      (panels.get(metric.name) ?? []).map(prose).join('; '),
      (watching.get(metric.name) ?? []).map(code).join(' '),
    ]);
    return [
      `## ${heading(group)}`,
      ...notesOn(group),
      ...(lines.length === 0
        ? []
        : [
            table(['metric', 'type', 'unit', 'labels', 'meaning', 'panel', 'alert'], lines),
            codeBlock(group.metrics.map((metric) => exampleOf(metric, recorded))),
          ]),
    ].join('\n\n');
  };
  return `${[`# Metrics of ${prose(program.title)}`, prose(generatedBy(program)), ...program.groups.map(section)].join(
    '\n\n',
  )}\n`;
}

const kinds: Readonly<Record<DeclaredGroup['kind'], string>> = {
  source: 'Source',
  collector: 'Collector',
  probe: 'Probe',
  job: 'Job',
  itself: 'The program itself:',
};

function heading({ kind, name }: DeclaredGroup): string {
  return name === EVERY_PROBE ? 'Every probe' : `${kinds[kind]} ${prose(name)}`;
}

function notesOn({ when, isDynamic, isAuxiliary, kind, metrics }: DeclaredGroup): string[] {
  return [
    ...(when === undefined ? [] : [`Only ${prose(when)}.`]),
    ...(isAuxiliary && kind !== 'itself' ? ['About the program itself.'] : []),
    ...(isDynamic ? [`${metrics.length === 0 ? 'Its' : 'Further'} metrics are known only at run time.`] : []),
  ];
}

function labelText({ name, values }: Label): string {
  return values === undefined ? code(name) : `${code(name)}: ${values.map(code).join(', ')}`;
}

function meaning({ kind, name, help, buckets, quantiles, states, views = {} }: Metric): string {
  const { deprecated, stability, since } = views;
  const lists: readonly (readonly [string, readonly (number | string)[]])[] = [
    ['Buckets', buckets],
    ['Quantiles', quantiles],
    [`States, as label ${code(name)}`, states],
  ];
  return [
    prose(help),
    ...lists.flatMap(([what, list]) =>
      list.length === 0 ? [] : [`${what}: ${list.map((one) => code(String(one))).join(', ')}.`],
    ),
    ...(kind === 'histogram' && buckets.length === 0 ? ['Native buckets only.'] : []),
    ...(stability === 'experimental' ? ['**Experimental.**'] : []),
    ...(since === undefined ? [] : [`Since ${prose(since)}.`]),
    ...(deprecated?.until === undefined ? [] : [`**Removed in ${prose(deprecated.until)}.**`]),
  ]
    .filter((text) => text !== '')
    .join(' ');
}

/** Names of what uses each metric. */
function usesBy<T>(
  all: readonly T[],
  metricsOf: (one: T) => readonly string[],
  nameOf: (one: T) => string,
): ReadonlyMap<string, readonly string[]> {
  const uses = new Map<string, string[]>();
  for (const one of all) {
    for (const metric of new Set(metricsOf(one))) {
      // The overview has some panels that a row has too.
      uses.set(metric, [...new Set([...(uses.get(metric) ?? []), nameOf(one)])]);
    }
  }
  return uses;
}
