import { readFileSync } from 'node:fs';
import { cpus, release, type as system, totalmem } from 'node:os';
import { debianVersions } from './measure/programs.ts';

const installed = [
  'exporter-kit',
  'prom-client',
  '@prometheus-io/client',
  '@opentelemetry/exporter-prometheus',
  '@opentelemetry/sdk-metrics',
];
const fetched =
  /^golang-1.*-go$|client-golang-dev|victoriametrics-metrics|^python3-prometheus|(redis|postgres)-exporter$|^redis-server$|^postgresql-\d+$/;

/** The machine and the versions measured, by name. */
export function facts(): { readonly [fact: string]: string } {
  const processors = cpus();
  return {
    machine: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    system: `${system()} ${release()}`,
    node: process.version,
    ...Object.fromEntries(installed.map((name) => [name, versionOf(name)])),
    ...Object.fromEntries(
      debianVersions()
        .map((line) => line.split(' ') as [string, string])
        .filter(([name]) => fetched.test(name)),
    ),
  };
}

/** The version of a package that this one depends on. */
function versionOf(name: string): string {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}
