import type { Sample } from '../../collect/families.ts';
import { samplesOf } from '../../encode/samples.ts';
import type { RecentProbe } from '../../probe/recent.ts';
import type { ProbesStatus } from '../../probe/recent-status.ts';
import type { ProbeFinding, ProbeRoutes } from '../../probe/route.ts';
import type { HttpRequest, HttpResponse } from '../answer/http-message.ts';
import type { Subject } from '../lazy-pages.ts';
import type { PageContent } from './document.ts';
import { ageText, countText, durationText } from './format.ts';
import { type Content, html, type Markup } from './markup.ts';

/** The page of probes: a form that asks a target, what came of it, and recent probes. */
export async function probesPage(
  { gatherer }: Subject,
  probes: ProbeRoutes,
  request: HttpRequest,
): Promise<PageContent | HttpResponse> {
  const { query } = request;
  // A link from another site fills in the form, and asks nothing.
  const isAsked = query.has('target') && request.method === 'GET' && !isFromOtherSite(request);
  const answer = isAsked ? await answerOf(probes, request) : undefined;
  const status = probes.status();
  return {
    title: 'Probes',
    root: '../',
    here: 'Probes',
    refresh: '?',
    body: html`<h1>Probes</h1>
${form(status, query)}
${answer}
<div id="recent">${recentTable(status.probes)}</div>
<p class="lead">${'As '}<a href="?format=json">JSON</a>${'. Prometheus asks '}<code>/probe?module=…&amp;target=…</code>${gatherer.exporter.probes.length > 0 && '; with '}${gatherer.exporter.probes.length > 0 && html`<code>&amp;debug=true</code> it tells what it did`}.</p>
<div id="metrics">${declared(gatherer.exporter.probes)}</div>`,
  };
}

function form({ modules }: ProbesStatus, query: URLSearchParams): Markup {
  const chosen = query.get('module');
  return html`<form class="probe" action="probes" method="get">
<div><label for="module">Module</label>
<select id="module" name="module">${modules.map(({ name, prober, timeoutSeconds }) => html`<option value="${name}"${name === chosen && html` selected`}>${name}${name !== prober && ` (${prober})`}${timeoutSeconds !== undefined && `, at most ${durationText(timeoutSeconds)}`}</option>`)}</select></div>
<div class="wide"><label for="target">Target</label>
<input id="target" name="target" required maxlength="2048" value="${query.get('target') ?? ''}" autocomplete="off" autocapitalize="off" spellcheck="false"></div>
<button class="primary" data-busy="Probing…">Probe</button></form>`;
}

async function answerOf(probes: ProbeRoutes, request: HttpRequest): Promise<Markup> {
  const found = await probes.ask(request);
  if ('body' in found) {
    return html`<section class="answer bad" aria-labelledby="answer-title"><h2 id="answer-title">Not probed</h2><p>${String(found.body)}</p></section>`;
  }
  try {
    return finding(found);
  } finally {
    found.snapshot.release();
  }
}

function finding({ module, outcome, durationMs, reason, dropped, lines, snapshot }: ProbeFinding): Markup {
  const samples: Sample[] = [];
  for (const { samples: theirs } of samplesOf(snapshot))
    for (const sample of theirs) if (samples.length < MOST_SAMPLES) samples.push(sample);
  const phases = samples.filter(({ name, labels }) => labels.phase !== undefined && /_seconds$/.test(name));
  const isGood = outcome === 'ok';
  return html`<section class="answer ${isGood ? 'good' : 'bad'}" aria-labelledby="answer-title">
<h2 id="answer-title"><span class="badge ${isGood ? 'good' : 'bad'}">${isGood ? 'success' : outcome}</span> ${module.name}, ${durationText(durationMs / 1000)}</h2>
${reason !== undefined && html`<p class="reason">${reason}</p>`}
${phases.length > 0 && html`<h3>Phases</h3>${phasesTable(phases)}`}
${lines.length > 0 && html`<h3>Log</h3><ol class="log">${lines.map(({ atMs, level, text }) => html`<li data-level="${level}"><span class="number">${atMs.toFixed(1)} ms</span> <b>${level}</b> ${text}</li>`)}</ol>`}
${dropped.length > 0 && html`<h3>Dropped samples</h3><ul>${dropped.map(({ reason: why, count, first }) => html`<li>${countText(count)} ${why}; first: ${first}</li>`)}</ul>`}
<h3>Result</h3><table class="samples"><tbody>${samples.map(({ name, labels, value }) => html`<tr><th scope="row">${name}${Object.entries(labels).map(([label, text]) => html` <span class="label">${label}="<b>${text}</b>"</span>`)}</th><td class="value">${String(Number(value.toPrecision(6)))}</td></tr>`)}</tbody></table></section>`;
}

// More are not looked at on a page; /probe has them.
const MOST_SAMPLES = 500;

/** How long each phase took, beside the others. */
function phasesTable(phases: readonly Sample[]): Markup {
  const most = Math.max(...phases.map(({ value }) => value), 1e-9);
  return html`<table class="phases"><tbody>${phases.map(({ labels, value }) => {
    const { phase = '' } = labels;
    return html`<tr><th scope="row">${phase}</th><td><meter min="0" max="${most}" value="${value}" aria-label="${phase}">${durationText(value)}</meter></td><td class="number">${durationText(value)}</td></tr>`;
  })}</tbody></table>`;
}

function recentTable(probes: readonly RecentProbe[]): Content {
  const now = Date.now();
  return html`<section aria-labelledby="recent-title"><h2 id="recent-title">Recent probes <small>${probes.length}</small></h2>
${
  probes.length === 0
    ? html`<p class="none">None yet.</p>`
    : html`<table class="recent"><thead><tr><th scope="col">Target</th><th scope="col">Module</th><th scope="col">Result</th><th scope="col">Took</th><th scope="col">Ended</th></tr></thead>
<tbody>${probes.map((probe) => recentRow(probe, now))}</tbody></table>`
}</section>`;
}

function recentRow(
  { id, at, module, target, success, durationSeconds, reason, log }: RecentProbe,
  now: number,
): Markup {
  return html`<tr id="probe-${id}"><th scope="row"><code>${target}</code></th><td>${module}</td>
<td><span class="badge ${success ? 'good' : 'bad'}">${success ? 'success' : 'failed'}</span>
<details id="probe-${id}-log"><summary>${reason ?? `${log.length} lines of log`}</summary><ol class="log">${log.map(({ atMs, level, text }) => html`<li data-level="${level}"><span class="number">${atMs.toFixed(1)} ms</span> <b>${level}</b> ${text}</li>`)}</ol></details></td>
<td class="number">${durationText(durationSeconds)}</td>
<td><time datetime="${at}" data-age>${ageText(Date.parse(at), now)}</time></td></tr>`;
}

function declared(probes: Subject['gatherer']['exporter']['probes']): Content {
  return probes.map(
    ({ name, metrics }) =>
      html`<section><h2>${name} <small>prober</small></h2><table class="metrics"><thead><tr><th scope="col">Metric</th><th scope="col">Kind</th><th scope="col">Meaning</th></tr></thead><tbody>${Object.values(metrics).map((metric) => html`<tr><th scope="row" class="name">${metric.name}</th><td>${metric.kind}</td><td class="help">${metric.help}</td></tr>`)}</tbody></table></section>`,
  );
}

/** Whether a browser follows a link of another site. */
function isFromOtherSite(request: HttpRequest): boolean {
  const site = request.header('sec-fetch-site');
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}
