import { alertsOf, rulesOf } from '../alerts/alerts-of.ts';
import { alertGroups, ruleGroups } from '../alerts/yaml-files.ts';
import type { DeclaredProgram } from '../declared.ts';
import { generatedBy } from '../mark.ts';
import { yamlText } from '../yaml-text.ts';
import { type Endpoint, endpointOf, probeJob } from './endpoint.ts';

/**
 * Objects for Kubernetes with the Prometheus operator, a file for each kind; and the dashboard as a ConfigMap, with the label by
 * which Grafana's sidecar finds it. ServiceMonitor and PodMonitor are for the same program: apply one of them. A kustomization
 * names those that can be applied as they are.
 */
export function operatorFiles(program: DeclaredProgram, dashboard: string): [name: string, text: string][] {
  const objects = objectFiles(program, dashboard);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    // Without what is in place of another, and what names no targets yet.
    resources: objects.map(([name]) => name).filter((name) => !['podmonitor.yaml', 'probe.yaml'].includes(name)),
  };
  const comment = 'What the Prometheus operator and the sidecar of Grafana read: kubectl apply -k.';
  return [...objects, ['kustomization.yaml', yamlText([generatedBy(program), comment], kustomization)]];
}

function objectFiles(program: DeclaredProgram, dashboard: string): [name: string, text: string][] {
  const object = (apiVersion: string, kind: string, name: string, rest: object, labels: object = {}): object => ({
    apiVersion,
    kind,
    metadata: { name, labels: { 'app.kubernetes.io/name': objectName(program.name), ...labels } },
    ...rest,
  });
  const file = (name: string, comments: readonly string[], ...documents: readonly object[]): [string, string] => [
    name,
    yamlText([generatedBy(program), ...comments], ...documents),
  ];
  const name = objectName(program.name);
  const monitor = (kind: string, spec: object): object => object('monitoring.coreos.com/v1', kind, name, { spec });
  const endpoint = endpointOf(program);
  const groups = [alertGroups(program, alertsOf(program)), ...rulesIn(program)].flatMap((one) => one.groups);
  const selected = 'Selects by label; its port is called metrics.';
  return [
    ...(program.kind === 'job'
      ? []
      : [
          file('servicemonitor.yaml', [selected], monitor('ServiceMonitor', monitoring(name, endpoint, 'endpoints'))),
          file(
            'podmonitor.yaml',
            [`Where there is no Service, in place of the ServiceMonitor. ${selected}`],
            monitor('PodMonitor', monitoring(name, endpoint, 'podMetricsEndpoints')),
          ),
        ]),
    ...(endpoint.modules.length === 0
      ? []
      : [
          file(
            'probe.yaml',
            ['Name what is probed under targets.'],
            ...endpoint.modules.map((module) =>
              object('monitoring.coreos.com/v1', 'Probe', `${name}-${objectName(module)}`, {
                spec: probing(name, endpoint, module),
              }),
            ),
          ),
        ]),
    file('prometheusrule.yaml', [], monitor('PrometheusRule', { groups })),
    file(
      'dashboard.configmap.yaml',
      [],
      object(
        'v1',
        'ConfigMap',
        `${name}-dashboard`,
        { data: { [`${name}.json`]: lined(dashboard) } },
        { grafana_dashboard: '1' },
      ),
    ),
  ];
}

/** A panel or a row a line, so that a large dashboard, too, stays below the 1 MiB of a ConfigMap. */
function lined(dashboard: string): string {
  const { panels, ...rest }: { panels: readonly object[] } = JSON.parse(dashboard);
  const lines = panels.map((panel) => JSON.stringify(panel));
  return `${JSON.stringify(rest).slice(0, -1)},"panels":[\n${lines.join(',\n')}\n]}\n`;
}

const rulesIn = (program: DeclaredProgram) => {
  const rules = rulesOf(program);
  return rules.length === 0 ? [] : [ruleGroups(program, rules)];
};

/** Lower-case letters, digits and `-`, as names of objects and values of labels must be. */
const objectName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50);

function monitoring(name: string, { job, path, scheme }: Endpoint, endpoints: string): object {
  return {
    selector: { matchLabels: { 'app.kubernetes.io/name': name } },
    [endpoints]: [
      {
        port: 'metrics',
        path,
        ...(scheme === 'http' ? {} : { scheme }),
        // Else it would be the name of the Service or the PodMonitor, and no alert would find it.
        relabelings: [{ targetLabel: 'job', replacement: job }],
      },
    ],
  };
}

function probing(name: string, endpoint: Endpoint, module: string): object {
  const port = /:\d+$/.exec(endpoint.address ?? '')?.[0] ?? '';
  return {
    jobName: probeJob(endpoint, module),
    prober: { url: name + port, path: '/probe', ...(endpoint.scheme === 'http' ? {} : { scheme: endpoint.scheme }) },
    module,
    targets: { staticConfig: { static: [] } },
  };
}
