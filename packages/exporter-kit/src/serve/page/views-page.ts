import { Buffer } from 'node:buffer';
import type { Scraped } from '../../views/declared.ts';
import { type HttpRequest, type HttpResponse, textResponse } from '../answer/http-message.ts';
import type { Subject } from '../lazy-pages.ts';
import { compressed, type PageContent } from './document.ts';
import { html } from './markup.ts';

/** Where the files are; the page at this path lists them. */
export const VIEWS = '/-/views/';

/** The generated files of the running configuration, and the page that lists them. */
export async function viewsPage(subject: Subject, request: HttpRequest): Promise<PageContent | HttpResponse> {
  const files = await filesOf(subject, request);
  const name = request.path.slice(VIEWS.length);
  if (name === '') return listOf(files, request);
  const text = files.get(name);
  if (text === undefined) return textResponse(404, `no such file; ${VIEWS} lists them\n`);
  return compressed(Buffer.from(text), request, {
    'content-type': types[name.slice(name.lastIndexOf('.'))] ?? 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  });
}

const types: { readonly [ending: string]: string } = {
  '.md': 'text/markdown; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.yaml': 'application/yaml; charset=utf-8',
};

/** Loaded when they are asked for. */
async function filesOf(subject: Subject, request: HttpRequest): Promise<ReadonlyMap<string, string>> {
  const [{ declaredExporter }, { viewFiles }] = await Promise.all([
    import('../../views/declared-program.ts'),
    import('../../views/view-files.ts'),
  ]);
  const { exporter, collectors, selfMetrics, sources } = subject.gatherer;
  const scraped = scrapedAs(subject, request);
  const port = Number(/:(\d+)$/.exec(scraped.address ?? '')?.[1] ?? (scraped.scheme === 'https' ? 443 : 80));
  const named = sources.targets.filter(({ target }) => target.name !== undefined);
  const program = declaredExporter({
    exporter,
    collectors,
    port,
    scraped,
    targetLabels: new Map(named.map(({ source }) => [source, source.label])),
    itself: selfMetrics.map((metrics, i) => ({ name: `server ${i + 1}`, metrics })),
  });
  return viewFiles(program);
}

/** As the client reached it: Prometheus finds it there too, if it runs where the client does. */
function scrapedAs({ path, modules }: Subject, request: HttpRequest): Scraped {
  const host = request.header('host') ?? request.header(':authority');
  return {
    ...(host === undefined || host === '' ? {} : { address: host }),
    path,
    scheme: request.scheme ?? 'http',
    modules: [...modules.keys()],
  };
}

const about: { readonly [name: string]: string } = {
  'METRICS.md': 'All metrics: labels, units and meaning, the panels that show them and the alerts that watch them.',
  'dashboard.json': 'Dashboard for Grafana; import it, or provision it from a file.',
  'alerts.yaml': 'Alerting rules, for rule_files of Prometheus.',
  'rules.yaml': 'Recording rules that the alerts need.',
  'alerts.test.yaml': 'Tests of the alerts, for promtool test rules.',
  'scrape.yaml': 'Scrape configuration, for scrape_config_files of Prometheus.',
  'servicemonitor.yaml': 'Scraping in Kubernetes, by Service.',
  'podmonitor.yaml': 'Scraping in Kubernetes, by Pod.',
  'probe.yaml': 'Probing in Kubernetes, an object for each module.',
  'prometheusrule.yaml': 'Rules and alerts in Kubernetes.',
  'dashboard.configmap.yaml': "The dashboard in Kubernetes, for Grafana's sidecar.",
  'kustomization.yaml': 'These objects for kubectl apply -k.',
  'metrics.lock.json': 'Names, types and labels, to be compared with a later version by views diff.',
};

function listOf(files: ReadonlyMap<string, string>, request: HttpRequest): PageContent {
  const host = request.header('host') ?? request.header(':authority') ?? 'localhost';
  const base = `${request.scheme ?? 'http'}://${host}${VIEWS}`;
  return {
    title: 'Views',
    root: '../../',
    here: 'Views',
    body: html`<h1>Views</h1>
<p>Generated from the declared metrics, for the configuration that is running now.</p>
<table class="metrics" id="views"><thead><tr><th scope="col">File</th><th scope="col" class="value">Bytes</th><th scope="col">What for</th></tr></thead>
<tbody>${Array.from(files, ([name, text]) => html`<tr><th scope="row" class="name"><a href="${name}">${name}</a></th><td class="value">${Buffer.byteLength(text)}</td><td class="help">${about[name] ?? ''}</td></tr>`)}</tbody></table>
<p>To fetch one: <code>curl -fsSO ${base}dashboard.json</code></p>`,
  };
}
