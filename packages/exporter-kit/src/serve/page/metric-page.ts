import { writtenMetrics } from '../../collect/new-names.ts';
import type { Metric } from '../../metric/metric.ts';
import type { HttpRequest } from '../answer/http-message.ts';
import type { Subject } from '../lazy-pages.ts';
import { missing } from './collector-page.ts';
import { numberText, type PageContent, sparkline, timesText } from './document.ts';
import type { FamilyRecord } from './family-records.ts';
import { countText, valueText } from './format.ts';
import type { History } from './history.ts';
import { type Content, html, type Markup } from './markup.ts';
import { asNumber, charted, metricRows } from './metrics-table.ts';
import { expressionsFor, seriesExpression } from './promql.ts';
import { isCounted, labelsOf, nameOf, numberOf, type Series, sumOf } from './series.ts';
import { findSeries, PER_PAGE, type SeriesPage } from './series-page.ts';

const MOST_LINES = 8;

/** The page of a family: what it means, its current series, and what to ask Prometheus about it. */
export async function metricPage(
  subject: Subject,
  past: History,
  { query, signal }: HttpRequest,
): Promise<PageContent> {
  const name = query.get('name') ?? '';
  const found = metricRows(subject, past).find(({ metric }) => metric.name === name);
  if (found === undefined) return missing('metric', '../');
  const { metric, record } = found;
  const asked = {
    filter: (query.get('q') ?? '').trim().slice(0, 200),
    page: Math.max(1, Math.min(100_000, Number.parseInt(query.get('page') ?? '1', 10) || 1)),
    byValue: query.get('sort') === 'value',
  };
  const page = await findSeries(record?.columns ?? new Set(), asked, signal);
  const rings = page.series.map((one) => ({
    one,
    points: past.families.ringOf(one)?.points() ?? { at: [], values: [] },
  }));
  return {
    title: name,
    root: '../',
    here: '',
    refresh: `?${query.toString()}`,
    body: html`<nav class="trail" aria-label="Breadcrumb"><a href="../">Overview</a> <span aria-hidden="true">/</span> ${owners(subject, past, name)}<span aria-current="page">${name}</span></nav>
<h1 class="metric-name">${name}</h1>
<p class="lead">${metric.help}</p>
${facts(metric, record)}
<figure class="chart" aria-hidden="true" id="chart" data-unit="${isCounted(metric) ? '' : metric.unit}" data-title="${isCounted(metric) ? 'per second' : metric.unit || 'value'}"${lines(metric, rings)}></figure>
<section aria-labelledby="promql-title"><h2 id="promql-title">Ask Prometheus</h2><ul class="expressions">${expressionsFor(metric).map(({ title, expr }) => html`<li><span>${title}</span> <code tabindex="0">${expr}</code> <button type="button" class="copy" data-copy="${expr}" hidden>Copy<span class="hidden"> ${title}</span></button></li>`)}</ul></section>
<section aria-labelledby="series-title"><h2 id="series-title">Series</h2>
<form class="filter" role="search" action="metric" data-live>
<input type="hidden" name="name" value="${name}">${asked.byValue && html`<input type="hidden" name="sort" value="value">`}
<label for="q">Filter by label value</label>
<input id="q" name="q" type="search" value="${asked.filter}" autocomplete="off" spellcheck="false">
<button>Filter</button></form>
<div id="results">${seriesTable(metric, rings, page, asked)}</div></section>`,
  };
}

interface Asked {
  readonly filter: string;
  readonly page: number;
  readonly byValue: boolean;
}

interface WithPoints {
  readonly one: Series;
  readonly points: { readonly at: readonly number[]; readonly values: readonly number[] };
}

/** Links to the collectors that have the family. */
function owners({ gatherer }: Subject, past: History, name: string): Content {
  const names = gatherer.runners
    .filter(
      ({ collector }) =>
        writtenMetrics(collector).some((metric) => metric.name === name) ||
        past.families.namesOf(collector).includes(name),
    )
    .map(({ collector }) => collector.name);
  return [...new Set(names)].map(
    (owner) =>
      html`<a href="collector?name=${encodeURIComponent(owner)}">${owner}</a> <span aria-hidden="true">/</span> `,
  );
}

function facts(metric: Metric, record: FamilyRecord | undefined): Markup {
  const { kind, lines: read, unit, labels, buckets, states, views } = metric;
  const { stability, since, deprecated } = views ?? {};
  const all: [name: string, value: Content][] = [
    ['Kind', read ?? kind],
    ...(unit === '' ? [] : [['Unit', unit] as [string, Content]]),
    ['Series', countText(record?.live ?? 0)],
    ...labels
      .filter(({ name }) => name !== '')
      .map(({ name, values }): [string, Content] => [
        `Label ${name}`,
        values === undefined ? 'any value' : values.slice(0, 20).map((value) => html`<code>${value}</code> `),
      ]),
    ...(states.length === 0
      ? []
      : [['States', states.slice(0, 20).map((state) => html`<code>${state}</code> `)] as [string, Content]]),
    ...(buckets.length === 0
      ? []
      : [['Buckets', buckets.slice(0, 30).map((bound) => html`<code>${bound}</code> `)] as [string, Content]]),
    ...(stability === 'experimental' ? [['Stability', 'experimental'] as [string, Content]] : []),
    ...(since === undefined ? [] : [['Since', since] as [string, Content]]),
    ...(deprecated === undefined
      ? []
      : [
          [
            'Deprecated',
            `${deprecated.replacedBy === undefined ? 'yes' : `by ${deprecated.replacedBy}`}${deprecated.until === undefined ? '' : `, until ${deprecated.until}`}`,
          ] as [string, Content],
        ]),
  ];
  return html`<dl class="facts small" id="facts">${all.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The first series of the page as lines of one chart. */
function lines(metric: Metric, rings: readonly WithPoints[]): Markup | false {
  if (metric.kind === 'info' || metric.kind === 'stateset') return html` hidden`;
  const drawn = rings.slice(0, MOST_LINES).map(({ one, points }) => {
    const { at, values } = charted(metric, points);
    const title = labelsOf(one).map(([, value]) => value.slice(0, 40));
    return { title: title.join(' ') || metric.name, at: timesText(at), values: values.map(numberText).join(' ') };
  });
  return html` data-lines="${JSON.stringify(drawn)}"`;
}

function seriesTable(metric: Metric, rings: readonly WithPoints[], page: SeriesPage, asked: Asked): Content {
  if (rings.length === 0) {
    return html`<p class="none">${page.all === 0 ? 'The last scrape had no series of it.' : 'No series fits the filter.'}</p>`;
  }
  const isComposite = metric.kind === 'histogram' || metric.kind === 'summary' || metric.kind === 'gaugehistogram';
  const value = isComposite ? 'Count, mean' : metric.kind === 'stateset' ? 'State' : 'Value';
  const first = (asked.page - 1) * PER_PAGE + 1;
  return html`<p class="count" id="count" role="status">${`${countText(first)}–${countText(first + rings.length - 1)} of ${countText(page.count)}${page.count === page.all ? '' : ` (${countText(page.all)} in all)`}${page.isCut ? ', the highest ones' : ''}`}</p>
<table class="series-list"><thead><tr><th scope="col">Labels</th><th scope="col" class="value"${asked.byValue && html` aria-sort="descending"`}><a href="${hrefOf(metric.name, { ...asked, page: 1, byValue: !asked.byValue })}">${value}</a></th><th scope="col">PromQL</th></tr></thead>
<tbody>${rings.map(({ one, points }, i) => seriesRow(metric, one, points, `series-${i}`))}</tbody></table>
${pager(metric.name, page, asked)}`;
}

function seriesRow(metric: Metric, one: Series, points: WithPoints['points'], id: string): Markup {
  const labels = labelsOf(one);
  const name = nameOf(one);
  const expr = seriesExpression(metric, name, labels);
  const unit = isCounted(metric) ? '' : metric.unit;
  const plain = metric.kind === 'info' || metric.kind === 'stateset';
  return html`<tr id="${id}"><th scope="row" class="labels">${labels.length === 0 ? html`<span class="label">${name === metric.name ? 'no labels' : name}</span>` : labels.map(([label, value]) => html`<span class="label">${label}="<b>${value}</b>"</span> `)}</th>
<td class="value"><span class="number">${shown(metric, one)}</span>${!plain && sparkline({ ...charted(metric, points), unit })}</td>
<td class="ask"><button type="button" class="copy" data-copy="${expr}" hidden>Copy<span class="hidden"> PromQL of ${labels.map(([, value]) => value).join(' ') || name}</span></button><noscript><code>${expr}</code></noscript></td></tr>`;
}

function shown(metric: Metric, { column, row }: Series): string {
  const number = numberOf(column, row);
  if (metric.kind === 'info') return '1';
  if (metric.kind === 'stateset') return metric.states[number] ?? 'none';
  if (metric.lines !== undefined || (metric.buckets.length === 0 && metric.kind !== 'summary'))
    return valueText(asNumber(metric), number);
  const mean = sumOf(column, row) / number;
  return `${countText(number)}, ${number > 0 ? valueText(metric, mean) : '–'}`;
}

function pager(name: string, { count, isCut, reachable }: SeriesPage, asked: Asked): Markup {
  const last = Math.max(1, Math.ceil((isCut ? reachable : count) / PER_PAGE));
  if (last === 1) return html``;
  const to = (page: number, title: string, rel: string): Markup =>
    page < 1 || page > last || page === asked.page
      ? html`<span class="off">${title}</span>`
      : html`<a rel="${rel}" href="${hrefOf(name, { ...asked, page })}">${title}</a>`;
  return html`<nav class="pager" aria-label="Pages of series">${to(1, 'First', 'first')} ${to(asked.page - 1, 'Previous', 'prev')} <span aria-current="page">${`Page ${countText(asked.page)} of ${countText(last)}`}</span> ${to(asked.page + 1, 'Next', 'next')} ${to(last, 'Last', 'last')}</nav>`;
}

function hrefOf(name: string, { filter, page, byValue }: Asked): string {
  const query = new URLSearchParams({ name });
  if (filter !== '') query.set('q', filter);
  if (byValue) query.set('sort', 'value');
  if (page > 1) query.set('page', String(page));
  return `?${query.toString()}`;
}
