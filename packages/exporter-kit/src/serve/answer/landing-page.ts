import type { Collector } from '../../collect/collector.ts';
import { oneOfEachName } from '../../collect/decorate.ts';
import { canProbe, type Exporter } from '../../collect/exporter.ts';
import type { Probe } from '../../collect/probe.ts';
import type { Gatherer } from '../../collect/scrape/gather.ts';
import type { SourceSet } from '../../collect/source/source-set.ts';
import type { Metric } from '../../metric/metric.ts';
import { html, page } from './html-page.ts';
import type { HttpResponse } from './http-message.ts';

/** The page at `/`: links, and the metrics of each source, collector and probe. Nothing in it comes from a request. */
export function landingPage(
  { exporter, collectors, sources }: Pick<Gatherer, 'exporter' | 'collectors' | 'sources'>,
  metricsPath: string,
): Promise<HttpResponse> {
  // Relative links, since a server may mount it below a path of its own.
  const probes = !canProbe(exporter) ? '' : ' <a href="./-/probes">Probes</a>';
  return page(
    exporter.title,
    `<h1>${html(exporter.title)} <small>${html(exporter.version)}</small></h1>
<nav><a href=".${html(metricsPath)}">Metrics</a>${probes} <a href="./-/healthy">Health</a> <a href="./-/ready">Readiness</a></nav>
${[...sourceSections(exporter, sources), ...[...oneOfEachName(collectors), ...exporter.probes].map(section)].join('\n')}`,
  );
}

/** What each source says of its targets, and how many it has; how they fare is in the status. */
function sourceSections({ probed }: Exporter, { targets }: SourceSet): string[] {
  const sources = new Set([...targets.map(({ source }) => source), ...probed]);
  return Array.from(sources, (source) => {
    const fixed = targets.filter((one) => one.source === source);
    const isNamed = fixed.some(({ target }) => target.name !== undefined);
    const byLabel = isNamed ? `, distinguished by the label <code>${html(source.label)}</code>` : '';
    const count = fixed.length === 1 ? 'One target' : `${fixed.length} targets`;
    const rows = table([source.up]);
    return `<h2>${html(source.name)}</h2><p>${count}${byLabel}; <a href="./-/status.json">status</a></p>${rows}`;
  });
}

function section(one: Collector | Probe): string {
  const prefix = 'prefix' in one ? one.prefix : '';
  const source = 'source' in one && one.source !== undefined ? `<p>Reads ${html(one.source.name)}.</p>` : '';
  const dynamic = one.families === 'dynamic' ? '<p>Families are discovered at run time.</p>' : '';
  return `<h2>${html(one.name)}</h2>${source}${table(Object.values(one.metrics), prefix)}${dynamic}`;
}

function table(metrics: readonly Metric[], prefix = ''): string {
  const rows = metrics.map(
    ({ name, kind, help }) =>
      `<tr><td><code>${html(prefix + name)}</code></td><td>${kind}</td><td>${html(help)}</td></tr>`,
  );
  return rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
}
