import type { DeclaredProgram } from '../declared.ts';
import { generatedBy } from '../mark.ts';
import { yamlText } from '../yaml-text.ts';
import { type Endpoint, endpointOf, probeJob } from './endpoint.ts';

/**
 * Jobs for Prometheus, as a file for `scrape_config_files`: the exporter itself, by its targets' names where they have some; what
 * a prober's configuration lists, by HTTP service discovery; and for each module, targets to be named. Of a job, the Pushgateway.
 */
export function scrapeYaml(program: DeclaredProgram): string {
  if (program.kind === 'job') return yamlText([generatedBy(program), PUSHED], { scrape_configs: [gateway] });
  const endpoint = endpointOf(program);
  const { address, modules } = endpoint;
  return yamlText(
    [
      generatedBy(program),
      'For scrape_config_files; the address is a guess where Prometheus runs elsewhere.',
      ...(address === undefined ? ['It listens at no fixed port: fill in its address.'] : []),
      ...(modules.length === 0 ? [] : ['The jobs of /probe have no targets yet: name them there, or remove the jobs.']),
    ],
    { scrape_configs: [main(endpoint), ...listed(endpoint), ...modules.map((module) => probing(endpoint, module))] },
  );
}

const PUSHED = 'For scrape_config_files. The job is not scraped itself, but what has its result: here a Pushgateway.';
const gateway = {
  job_name: 'pushgateway',
  honor_labels: true,
  static_configs: [{ targets: ['localhost:9091'] }],
};

const common = ({ scheme }: Endpoint): object => (scheme === 'http' ? {} : { scheme });
const at = ({ address }: Endpoint): object => ({
  static_configs: [{ targets: address === undefined ? [] : [address] }],
});

const discovered = ({ scheme, address = 'localhost' }: Endpoint): object => ({
  http_sd_configs: [{ url: `${scheme}://${address}/-/sd` }],
});

function main(endpoint: Endpoint): object {
  const { job, path, listsTargets } = endpoint;
  // Discovery gives each target its path.
  const own = listsTargets ? discovered(endpoint) : at(endpoint);
  return {
    job_name: job,
    ...(path === '/metrics' || listsTargets ? {} : { metrics_path: path }),
    ...common(endpoint),
    ...own,
  };
}

/** Targets that the exporter's own configuration names for `/probe`. */
function listed(endpoint: Endpoint): object[] {
  if (endpoint.modules.length === 0 || endpoint.listsTargets) return [];
  return [
    {
      job_name: `${endpoint.job}_targets`,
      ...common(endpoint),
      ...discovered(endpoint),
      relabel_configs: [{ source_labels: ['__metrics_path__'], regex: '/probe', action: 'keep' }],
    },
  ];
}

/** The targets are in the place of addresses, and become a parameter. */
function probing(endpoint: Endpoint, module: string): object {
  return {
    job_name: probeJob(endpoint, module),
    metrics_path: '/probe',
    ...common(endpoint),
    params: { module: [module] },
    static_configs: [{ targets: [] }],
    relabel_configs: [
      { source_labels: ['__address__'], target_label: '__param_target' },
      { source_labels: ['__param_target'], target_label: 'instance' },
      { target_label: '__address__', replacement: endpoint.address ?? 'localhost' },
    ],
  };
}
