import type { Collector } from '../../collect/collector.ts';
import { canProbe, type Exporter } from '../../collect/exporter.ts';
import type { Probe } from '../../collect/probe.ts';
import { html, page } from './html-page.ts';
import type { HttpResponse } from './http-message.ts';

/** The page at `/`: links, and the metrics of each collector and probe. Nothing in it comes from a request. */
export function landingPage(
  exporter: Exporter,
  collectors: readonly Collector[],
  metricsPath: string,
): Promise<HttpResponse> {
  // Relative links, since a server may mount it below a path of its own.
  const probes = !canProbe(exporter) ? '' : ' <a href="./-/probes">Probes</a>';
  return page(
    exporter.title,
    `<h1>${html(exporter.title)} <small>${html(exporter.version)}</small></h1>
<nav><a href=".${html(metricsPath)}">Metrics</a>${probes} <a href="./-/healthy">Health</a> <a href="./-/ready">Readiness</a></nav>
${[...collectors, ...exporter.probes].map(section).join('\n')}`,
  );
}

function section(one: Collector | Probe): string {
  const prefix = 'prefix' in one ? one.prefix : '';
  const rows = Object.values(one.metrics).map(
    ({ name, kind, help }) =>
      `<tr><td><code>${html(prefix + name)}</code></td><td>${kind}</td><td>${html(help)}</td></tr>`,
  );
  const table = rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
  const dynamic = one.families === 'dynamic' ? '<p>Families are discovered at run time.</p>' : '';
  return `<h2>${html(one.name)}</h2>${table}${dynamic}`;
}
