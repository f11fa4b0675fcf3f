import { Buffer } from 'node:buffer';
import { html, page } from '../serve/answer/html-page.ts';
import type { HttpRequest, HttpResponse } from '../serve/answer/http-message.ts';
import { type Modules, proberOf } from './modules.ts';
import type { RecentProbe, RecentProbes } from './recent.ts';

/** Content of the probes page. */
export interface ProbesStatus {
  readonly modules: readonly { readonly name: string; readonly prober: string; readonly timeoutSeconds?: number }[];
  /** Newest first. */
  readonly probes: readonly RecentProbe[];
}

/** Handles `/-/probes`: HTML, or JSON if accepted or requested with `?format=json`. */
export function probesPage(
  title: string,
  modules: Modules,
  recent: RecentProbes,
): (request: HttpRequest) => Promise<HttpResponse> {
  return (request) => {
    const status: ProbesStatus = {
      modules: [...modules.values()].map((module) => ({
        name: module.name,
        prober: proberOf(module),
        ...(module.timeoutMs === undefined ? {} : { timeoutSeconds: module.timeoutMs / 1000 }),
      })),
      probes: recent.list(),
    };
    const wantsJson =
      request.query.get('format') === 'json' || /^application\/json\b/i.test(request.header('accept') ?? '');
    return wantsJson ? Promise.resolve(json(status)) : page(title, bodyOf(title, status));
  };
}

function json(status: ProbesStatus): HttpResponse {
  const body = `${JSON.stringify(status)}\n`;
  return {
    status: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'x-content-type-options': 'nosniff',
      vary: 'Accept',
    },
    body,
  };
}

function bodyOf(title: string, { modules, probes }: ProbesStatus): string {
  const rows = modules.map(
    ({ name, prober, timeoutSeconds }) =>
      `<tr><td><code>${html(name)}</code></td><td>${html(prober)}</td><td>${timeoutSeconds === undefined ? '' : `at most ${timeoutSeconds} s`}</td></tr>`,
  );
  return `<h1>${html(title)}</h1>
<nav><a href="..">Exporter</a> <a href="?format=json">JSON</a></nav>
<h2>Modules</h2><table>${rows.join('')}</table>
<h2>Recent probes</h2><table>${probes.map(row).join('')}</table>
<p>Ask for one with /probe?module=…&amp;target=…; with &amp;debug=true it tells what it did.</p>`;
}

function row({ id, at, module, target, durationSeconds, reason, log }: RecentProbe): string {
  const lines = log.map(({ atMs, level, text }) => html(`${atMs.toFixed(1)} ms ${level} ${text}`));
  const said = reason === undefined ? 'success' : `failed: ${html(reason)}`;
  return `<tr><td>${id}</td><td>${html(at)}</td><td><code>${html(module)}</code></td><td><code>${html(target)}</code>
<details><summary>${said}, ${durationSeconds.toFixed(3)} s</summary><pre>${lines.join('\n')}</pre></details></td></tr>`;
}
