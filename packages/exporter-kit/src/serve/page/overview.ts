import type { Runner } from '../../collect/scrape/runner.ts';
import type { LiveTarget } from '../../collect/source/live-target.ts';
import type { HttpRequest } from '../answer/http-message.ts';
import type { Subject } from '../lazy-pages.ts';
import type { PageContent } from './document.ts';
import { countText, durationText } from './format.ts';
import type { History } from './history.ts';
import { jobsSection } from './jobs.ts';
import { html, type Markup } from './markup.ts';
import { metricRows, metricsTable } from './metrics-table.ts';
import { type RunRow, readView, runsTable } from './runs-table.ts';

/** The page at `/`: how each collector and target fares, and a search for metrics. */
export function overviewPage(subject: Subject, past: History, request: HttpRequest): PageContent {
  const { exporter } = subject.gatherer;
  const view = readView(request.query);
  const now = Date.now();
  const rows = [...collectorRows(subject, past), ...disabledRows(subject)];
  const targets = subject.gatherer.sources.targets.map((target) => targetRow(target, past));
  const search = request.query.toString();
  return {
    title: exporter.title,
    root: './',
    here: 'Overview',
    refresh: search === '' ? './' : `./?${search}`,
    body: html`<h1>${exporter.title}</h1>
<section id="facts" aria-label="Summary">${summary(subject, past, rows, targets)}</section>
<form class="filter" role="search" action="./" data-live>
<label for="q">Filter collectors and metrics</label>
<input id="q" name="q" type="search" value="${view.filter}" placeholder="such as cpu, memory, http" autocomplete="off" spellcheck="false">
${view.sort !== undefined && html`<input type="hidden" name="sort" value="${view.sort}"><input type="hidden" name="order" value="${view.isDescending ? 'desc' : 'asc'}">`}
<button>Filter</button></form>
<div id="results">
${targets.length > 0 && runsTable({ id: 'targets', caption: 'Targets', nameTitle: 'Target', rows: targets, view, now, withSeries: false })}
${runsTable({ id: 'collectors', caption: 'Collectors', nameTitle: 'Collector', rows, view, now, withSeries: true })}
${found(subject, past, view.filter)}
</div>
<div id="jobs">${jobsSection(past, now)}</div>`,
  };
}

// More of them are found by the filter, or on the collectors' pages.
const FEW = 60;

function found(subject: Subject, past: History, filter: string): Markup | false {
  const all = metricRows(subject, past);
  if (filter === '')
    return all.length <= FEW && metricsTable({ id: 'metrics', caption: 'Metrics', rows: all, root: './' });
  const wanted = filter.toLowerCase();
  const some = all.filter(({ metric }) => `${metric.name} ${metric.help}`.toLowerCase().includes(wanted));
  return metricsTable({ id: 'metrics', caption: 'Metrics', rows: some, root: './' });
}

function collectorRows({ gatherer }: Subject, past: History): RunRow[] {
  return gatherer.runners.map((runner) => collectorRow(runner, past));
}

/** A runner's state as a row. */
export function collectorRow(
  runner: Pick<Runner, 'collector' | 'target' | 'isOverdue' | 'last' | 'cacheAgeMs'>,
  past: History,
): RunRow {
  const { collector, target } = runner;
  const last = runner.last();
  const ageMs = runner.cacheAgeMs();
  const isDown = target?.state().error !== undefined;
  return {
    name: collector.name,
    labels: Object.entries(collector.constLabels),
    href: `./-/collector?name=${encodeURIComponent(collector.name)}`,
    status: isDown ? 'down' : runner.isOverdue() ? 'busy' : (last?.status ?? 'never run'),
    error: last?.error,
    note: ageMs === undefined ? undefined : `cached for ${durationText(Math.floor(ageMs / 1000))}`,
    at: last?.at,
    seconds: last === undefined ? undefined : last.durationMs / 1000,
    series: last?.series,
    runs: past.runsOf(collector),
  };
}

function disabledRows({ facts }: Subject): RunRow[] {
  return (facts().disabled ?? []).map((name) => ({ name, labels: [], status: 'disabled' }));
}

function targetRow(target: LiveTarget, past: History): RunRow {
  const { source, labels, state } = target;
  const { status, since, error, opens } = state();
  const runs = past.runsOf(target);
  return {
    name: Object.values(labels)[0] ?? source.name,
    labels: [['source', source.name]],
    status: error !== undefined ? 'down' : runs !== undefined || opens > 0 ? 'up' : (never[status] ?? status),
    error,
    at: since,
    seconds: runs?.durations.points().values.at(-1),
    runs,
  };
}

// Until it has been asked.
const never: { readonly [status: string]: string } = { closed: 'never run' };

/** What one wants to know first. */
function summary(subject: Subject, past: History, rows: readonly RunRow[], targets: readonly RunRow[]): Markup {
  const enabled = rows.filter(({ status }) => status !== 'disabled');
  // A collector whose target is down is not a second problem.
  const bad =
    enabled.filter(({ status }) => isBad(status)).length + targets.filter(({ status }) => status === 'down').length;
  const series = enabled.reduce((sum, row) => sum + (row.series ?? 0), 0);
  const lastAt = past.lastAt();
  const { config } = subject.facts();
  const isReloaded = config === undefined || config.lastReloadSuccessful;
  const verdict =
    enabled.length === 0
      ? html`<strong>No collectors</strong>`
      : bad === 0
        ? html`<strong class="good">All is well</strong>`
        : html`<strong class="bad">${bad} ${bad === 1 ? 'problem' : 'problems'}</strong>`;
  const facts: [name: string, value: string | Markup][] = [
    ['Verdict', verdict],
    ['Collectors', String(enabled.length)],
    ...(targets.length === 0 ? [] : [['Targets', String(targets.length)] as [string, string]]),
    ['Series', countText(series)],
    [
      'Last scrape',
      lastAt === undefined
        ? 'none yet'
        : html`<time datetime="${new Date(lastAt).toISOString()}" data-age>${`${durationText(Math.floor((Date.now() - lastAt) / 1000))} ago`}</time>`,
    ],
    ['Running for', durationText(Math.floor((Date.now() - performance.timeOrigin) / 1000))],
    ...(isReloaded
      ? []
      : [['Configuration', html`<strong class="bad">last reload failed</strong>`] as [string, Markup]]),
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

const isBad = (status: string): boolean => ['failed', 'timeout', 'busy'].includes(status);
