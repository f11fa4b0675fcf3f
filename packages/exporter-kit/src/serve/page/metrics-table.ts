import { writtenMetrics } from '../../collect/new-names.ts';
import type { Metric } from '../../metric/metric.ts';
import type { Subject } from '../lazy-pages.ts';
import { sparkline } from './document.ts';
import type { FamilyRecord } from './family-records.ts';
import { countText, valueText } from './format.ts';
import type { History } from './history.ts';
import { html, type Markup } from './markup.ts';
import { type Points, rateOf } from './ring.ts';
import { isCounted, numberOf } from './series.ts';

/** A family as a row: declared, found by the last scrapes, or both. */
export interface MetricRow {
  readonly metric: Metric;
  readonly record?: FamilyRecord | undefined;
}

/** All families of the exporter: those of its collectors, sources and itself. */
export function metricRows({ gatherer }: Subject, past: History): MetricRow[] {
  const rows = new Map<string, MetricRow>();
  for (const record of past.families.all())
    if (record.live > 0) rows.set(record.metric.name, { metric: record.metric, record });
  const declared = [
    ...gatherer.sources.targets.map(({ source }) => source.up),
    ...gatherer.collectors.flatMap(writtenMetrics),
  ];
  for (const metric of declared) if (!rows.has(metric.name)) rows.set(metric.name, { metric });
  return [...rows.values()].sort((a, b) => (a.metric.name < b.metric.name ? -1 : 1));
}

/** What a table of families shows. */
export interface MetricsTable {
  readonly id: string;
  readonly caption: string;
  readonly rows: readonly MetricRow[];
  readonly root: './' | '../';
}

const MOST_ROWS = 200;

export function metricsTable({ id, caption, rows, root }: MetricsTable): Markup {
  const shown = rows.slice(0, MOST_ROWS);
  const left = rows.length - shown.length;
  return html`<section aria-labelledby="${id}-title"><h2 id="${id}-title">${caption} <small>${countText(rows.length)}</small></h2>
${
  rows.length === 0
    ? html`<p class="none">None.</p>`
    : html`<table class="metrics" id="${id}"><thead><tr><th scope="col">Metric</th><th scope="col">Kind</th><th scope="col" class="series">Series</th><th scope="col" class="value">Now</th><th scope="col">Meaning</th></tr></thead>
<tbody>${shown.map((row, i) => metricRow(row, `${id}-${i}`, root))}</tbody></table>`
}
${left > 0 && html`<p class="none">${countText(left)} more; filter to see them.</p>`}</section>`;
}

function metricRow({ metric, record }: MetricRow, id: string, root: string): Markup {
  const { name, help } = metric;
  return html`<tr id="${id}"><th scope="row" class="name"><a href="${root}-/metric?name=${encodeURIComponent(name)}">${name}</a></th>
<td class="kind"><span class="kind-name">${metric.lines ?? metric.kind}</span></td>
<td class="series">${record === undefined ? '–' : countText(record.live)}</td>
<td class="value">${record !== undefined && record.live > 0 && now(record)}</td>
<td class="help">${help}</td></tr>`;
}

/** The one value that a family has, or its total. */
function now({ metric, live, columns, total }: FamilyRecord): Markup {
  const { kind } = metric;
  if (kind === 'info' || kind === 'stateset') return html`<span class="number">–</span>`;
  const points = total.points();
  const chart = sparkline({ ...charted(metric, points), unit: isCounted(metric) ? '' : metric.unit });
  const only = live === 1 ? [...columns].find((column) => column.live > 0) : undefined;
  // The sum of times says nothing.
  if (only === undefined && /_time(stamp)?_seconds$/.test(metric.name)) return html`<span class="number">–</span>`;
  if (only === undefined)
    return html`<span class="number">Σ ${valueText(asNumber(metric), points.values.at(-1) ?? Number.NaN)}</span>${chart}`;
  const row = only.gens.indexOf(only.gen, only.first);
  return html`<span class="number">${valueText(asNumber(metric), numberOf(only, row))}</span>${chart}`;
}

/** What is charted of a family or series. */
export const charted = (metric: Metric, points: Points): Points => (isCounted(metric) ? rateOf(points) : points);

/** The family whose unit a series' number has: a histogram's is a count. */
export const asNumber = (metric: Metric): Metric =>
  metric.kind === 'counter' || !isCounted(metric) ? metric : { ...metric, unit: '' };
