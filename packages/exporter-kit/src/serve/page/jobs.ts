import { ageText, durationText } from './format.ts';
import type { History } from './history.ts';
import { html, type Markup } from './markup.ts';
import { labelsOf, numberOf } from './series.ts';

/** What a job said of itself, as the kit's jobs push it or write it to a textfile. */
interface JobResult {
  readonly labels: readonly (readonly [string, string])[];
  success?: number;
  duration?: number;
  /** Unix time. */
  completed?: number;
  succeeded?: number;
}

const families = {
  success: 'job_success',
  duration: 'job_duration_seconds',
  completed: 'job_last_completion_timestamp_seconds',
  succeeded: 'job_last_success_timestamp_seconds',
} as const;

const MOST_JOBS = 200;

/** The last results of jobs among what the exporter serves; nothing if there are none. */
export function jobsSection(past: History, now: number): Markup {
  const jobs = jobResults(past);
  if (jobs.length === 0) return html``;
  return html`<section aria-labelledby="jobs-title"><h2 id="jobs-title">Jobs <small>${jobs.length}</small></h2>
<table class="jobs"><thead><tr><th scope="col">Job</th><th scope="col">Last run</th><th scope="col">Ended</th><th scope="col">Took</th><th scope="col">Last success</th></tr></thead>
<tbody>${jobs.map((job, i) => jobRow(job, `job-${i}`, now))}</tbody></table></section>`;
}

function jobRow({ labels, success, duration, completed, succeeded }: JobResult, id: string, now: number): Markup {
  const job = labels.find(([name]) => name === 'job' || name === 'exported_job')?.[1];
  const others = labels.filter(([, value]) => value !== job);
  const verdict = success === undefined ? 'not known' : success === 1 ? 'ok' : 'failed';
  return html`<tr id="${id}"><th scope="row">${job ?? 'job'}${others.map(([name, value]) => html` <span class="label">${name}="${value}"</span>`)}</th>
<td><span class="badge ${success === undefined ? 'neutral' : success === 1 ? 'good' : 'bad'}">${verdict}</span></td>
<td>${completed === undefined ? '–' : time(completed, now)}</td>
<td>${duration === undefined ? '–' : durationText(duration)}</td>
<td>${succeeded === undefined ? 'never' : time(succeeded, now)}</td></tr>`;
}

const time = (unix: number, now: number): Markup =>
  Number.isFinite(unix) && Math.abs(unix) < 8e12
    ? html`<time datetime="${new Date(unix * 1000).toISOString()}" data-age>${ageText(unix * 1000, now)}</time>`
    : html`–`;

function jobResults(past: History): JobResult[] {
  const jobs = new Map<string, JobResult>();
  for (const [part, name] of Object.entries(families) as [keyof typeof families, string][]) {
    for (const column of past.families.get(name)?.columns ?? []) {
      const { first, rows, gens, gen } = column;
      for (let row = first; row < rows; row++) {
        if (gens[row] !== gen) continue;
        const labels = labelsOf({ column, row });
        const key = JSON.stringify([...labels].sort());
        const job = jobs.get(key) ?? { labels };
        if (!jobs.has(key) && jobs.size >= MOST_JOBS) continue;
        jobs.set(key, job);
        job[part] = numberOf(column, row);
      }
    }
  }
  return [...jobs.values()];
}
