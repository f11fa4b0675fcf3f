import { sparkline } from './document.ts';
import { ageText, countText, durationText } from './format.ts';
import type { Runs } from './history.ts';
import { type Content, html, type Markup } from './markup.ts';

/** A collector or a target, as a row. */
export interface RunRow {
  readonly name: string;
  /** What tells rows of one name apart. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly href?: string | undefined;
  readonly status: string;
  /** Kind of its last error. */
  readonly error?: string | undefined;
  readonly note?: string | undefined;
  /** In milliseconds since the epoch. */
  readonly at?: number | undefined;
  readonly seconds?: number | undefined;
  readonly series?: number | undefined;
  readonly runs?: Runs | undefined;
}

const columns = ['name', 'status', 'duration', 'series', 'age'] as const;
type ColumnName = (typeof columns)[number];

/** How the tables of a page are filtered and sorted, as its query says. */
export interface View {
  readonly filter: string;
  readonly sort?: ColumnName;
  readonly isDescending: boolean;
}

const LONGEST_FILTER = 200;

export function readView(query: URLSearchParams): View {
  const filter = (query.get('q') ?? '').trim().slice(0, LONGEST_FILTER);
  const sort = columns.find((name) => name === query.get('sort'));
  return { filter, ...(sort && { sort }), isDescending: query.get('order') === 'desc' };
}

/** What a table of rows shows. */
export interface RunsTable {
  readonly id: string;
  readonly caption: string;
  readonly nameTitle: string;
  readonly rows: readonly RunRow[];
  readonly view: View;
  readonly now: number;
  readonly withSeries: boolean;
  /** Parameters of the page that its links keep. */
  readonly keep?: { readonly [name: string]: string };
}

// More rows would be slow in a browser; the filter finds the others.
const MOST_ROWS = 500;

export function runsTable({ id, caption, nameTitle, rows, view, now, withSeries, keep = {} }: RunsTable): Markup {
  const wanted = view.filter.toLowerCase();
  const some = rows.filter((row) => textOf(row).includes(wanted));
  const sorted = view.sort === undefined ? some : [...some].sort(comparison(view.sort, view.isDescending));
  const shown = sorted.slice(0, MOST_ROWS);
  const left = sorted.length - shown.length;
  const titles: [ColumnName, string][] = [
    ['name', nameTitle],
    ['status', 'Status'],
    ['duration', 'Duration'],
    ...(withSeries ? [['series', 'Series'] as [ColumnName, string]] : []),
    ['age', withSeries ? 'Last run' : 'Since'],
  ];
  return html`<section aria-labelledby="${id}-title"><h2 id="${id}-title">${caption} <small>${some.length === rows.length ? countText(rows.length) : `${countText(some.length)} of ${countText(rows.length)}`}</small></h2>
${
  some.length === 0
    ? html`<p class="none">${rows.length === 0 ? 'None.' : 'None of them fits the filter.'}</p>`
    : html`<table class="runs" id="${id}"><thead><tr>${titles.map(([name, title]) => heading(name, title, view, keep))}</tr></thead>
<tbody>${shown.map((row, i) => tableRow(row, `${id}-${i}`, now, withSeries))}</tbody></table>`
}
${left > 0 && html`<p class="none">${countText(left)} more; filter to see them.</p>`}</section>`;
}

const textOf = ({ name, labels, status, error }: RunRow): string =>
  `${name} ${labels.map(([, value]) => value).join(' ')} ${status} ${error ?? ''}`.toLowerCase();

function heading(name: ColumnName, title: string, { filter, sort, isDescending }: View, keep: object): Markup {
  const isSorted = sort === name;
  const query = new URLSearchParams({
    ...keep,
    ...(filter === '' ? {} : { q: filter }),
    sort: name,
    // Of numbers, the largest are asked for first.
    order: (isSorted ? !isDescending : name !== 'name' && name !== 'status') ? 'desc' : 'asc',
  });
  return html`<th scope="col" class="${name}"${isSorted && html` aria-sort="${isDescending ? 'descending' : 'ascending'}"`}><a href="?${query.toString()}">${title}</a></th>`;
}

function tableRow(row: RunRow, id: string, now: number, withSeries: boolean): Markup {
  const { name, labels, href, status, error, note, at, seconds, series, runs } = row;
  const own = labels.map(([label, value]) => html` <span class="label">${label}="${value}"</span>`);
  const title: Content = href === undefined ? name : html`<a href="${href}">${name}</a>`;
  return html`<tr id="${id}" data-status="${status}"><th scope="row" class="name">${title}${own}</th>
<td class="status"><span class="badge ${badgeOf(status)}">${status}</span>${error !== undefined && html` <code>${error}</code>`}${note !== undefined && html` <small>${note}</small>`}</td>
<td class="duration"><span class="number">${seconds === undefined ? '–' : durationText(seconds)}</span>${runs !== undefined && sparkline({ ...runs.durations.points(), unit: 'seconds' })}</td>
${withSeries && html`<td class="series"><span class="number">${series === undefined ? '–' : countText(series)}</span>${runs !== undefined && sparkline({ ...runs.series.points(), unit: '' })}</td>`}
<td class="age">${at === undefined ? 'never' : html`<time datetime="${new Date(at).toISOString()}" data-age>${ageText(at, now)}</time>`}</td></tr>`;
}

function badgeOf(status: string): string {
  if (['ok', 'up'].includes(status)) return 'good';
  if (['failed', 'timeout', 'down'].includes(status)) return 'bad';
  return ['busy', 'waiting'].includes(status) ? 'late' : 'neutral';
}

function comparison(by: ColumnName, isDescending: boolean): (a: RunRow, b: RunRow) => number {
  const sign = isDescending ? -1 : 1;
  const numbers: { readonly [column: string]: (row: RunRow) => number | undefined } = {
    duration: ({ seconds }) => seconds,
    series: ({ series }) => series,
    // By age, not by time.
    age: ({ at }) => at && -at,
  };
  const number = numbers[by];
  if (number !== undefined) return (a, b) => sign * ((number(a) ?? -Infinity) - (number(b) ?? -Infinity)) || 0;
  const text = by === 'status' ? (row: RunRow) => row.status : (row: RunRow) => row.name;
  return (a, b) => sign * (text(a) < text(b) ? -1 : Number(text(a) > text(b)));
}
