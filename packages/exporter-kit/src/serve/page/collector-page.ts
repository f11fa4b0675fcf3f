import { writtenMetrics } from '../../collect/new-names.ts';
import type { HttpRequest } from '../answer/http-message.ts';
import type { Subject } from '../lazy-pages.ts';
import type { PageContent } from './document.ts';
import type { History } from './history.ts';
import { html } from './markup.ts';
import { type MetricRow, metricsTable } from './metrics-table.ts';
import { collectorRow } from './overview.ts';
import { readView, runsTable } from './runs-table.ts';

/** The page of a collector, with its targets if it has a source, and its families. */
export function collectorPage(subject: Subject, past: History, { query }: HttpRequest): PageContent {
  const name = query.get('name') ?? '';
  const { gatherer } = subject;
  const runners = gatherer.runners.filter(({ collector }) => collector.name === name);
  const [first] = runners;
  if (first === undefined) return missing('collector', '../', gatherer.collectors.length > 0);
  const { source, families } = first.collector;
  const rows = new Map<string, MetricRow>();
  for (const { collector } of runners) {
    const names = past.families.namesOf(collector);
    for (const metric of writtenMetrics(collector))
      rows.set(metric.name, { metric, record: past.families.get(metric.name) });
    for (const family of names) {
      const record = past.families.get(family);
      if (record !== undefined) rows.set(family, { metric: record.metric, record });
    }
  }
  const view = readView(query);
  return {
    title: name,
    root: '../',
    here: '',
    refresh: `?${query.toString()}`,
    body: html`<nav class="trail" aria-label="Breadcrumb"><a href="../">Overview</a> <span aria-hidden="true">/</span> <span aria-current="page">${name}</span></nav>
<h1>${name} <small>collector</small></h1>
<p class="lead">${source !== undefined && html`Reads <b>${source.name}</b>. `}${families === 'dynamic' && 'Its families are known only at run time.'}</p>
<div id="results">
${runsTable({
  id: 'runs',
  caption: 'Runs',
  nameTitle: runners.length > 1 ? 'Target' : 'Collector',
  rows: runners.map((runner) => ({ ...collectorRow(runner, past), href: undefined })),
  view,
  now: Date.now(),
  withSeries: true,
  keep: { name },
})}
${metricsTable({ id: 'metrics', caption: 'Metrics', rows: [...rows.values()], root: '../' })}
</div>`,
  };
}

/** A page that says that there is nothing of this name. */
export function missing(what: string, root: PageContent['root'], hasOthers = true): PageContent {
  return {
    title: `No such ${what}`,
    root,
    here: '',
    status: 404,
    body: html`<h1>No such ${what}</h1><p class="lead">${hasOthers ? `There is no ${what} of this name now. ` : ''}<a href="${root}">All of them</a></p>`,
  };
}
