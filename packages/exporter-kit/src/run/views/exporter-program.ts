import type { Collector } from '../../collect/collector.ts';
import { canProbe, type Exporter } from '../../collect/exporter.ts';
import type { Source } from '../../collect/source/source.ts';
import { countDroppedProbeSamples } from '../../probe/dropped-samples.ts';
import { requestMetrics } from '../../serve/scrape/metrics.ts';
import { webConfigFamilies } from '../../serve/web/web-config-metrics.ts';
import type { DeclaredProgram } from '../../views/declared.ts';
import { declaredExporter, type OwnFamilies } from '../../views/declared-program.ts';
import { readConfig } from '../config/config-file.ts';
import { configSources } from '../config/config-sources.ts';
import { runningOf } from '../config/configuration.ts';
import { type ConfigInputs, declare } from '../config/declared.ts';
import type { SourceSettings } from '../config/schema/source-settings.ts';
import { secretFiles } from '../config/secrets.ts';
import { type FlagValues, valuesOf } from '../flags/flag.ts';
import { readArguments, readEnvironment } from '../flags/read-flags.ts';
import type { WebValues } from '../flags/web-flags.ts';
import { reloadFamilies } from '../process/reload.ts';

/** An exporter as it is configured, as far as that decides what it declares. */
export interface Configured {
  readonly exporter: Exporter;
  readonly running: readonly Collector[];
  readonly sourceSettings: readonly SourceSettings[];
  readonly values: FlagValues;
  readonly web: WebValues;
  /** Names of the modules of `/probe`. */
  readonly modules: readonly string[];
  /** Whether it is an application that calls `serve`, and has no flags of the kit. */
  readonly isServed?: boolean;
}

/**
 * Reads the configuration as far as that decides what an exporter declares. Settings of collectors, sources and modules
 * are not needed, and not checked.
 *
 * @throws ConfigError or UsageError for invalid flags, or settings of the exporter that are invalid or missing.
 */
export async function configuredFor(given: ConfigInputs): Promise<Configured> {
  const { inputs, flags, collectors, file, sources } = await declare(given, secretFiles());
  const { exporter, argv, env, sections, kit } = inputs;
  const says = file && readConfig(file, flags, sections);
  const { values } = configSources(
    exporter.name,
    readArguments(flags, argv),
    readEnvironment(exporter.name, flags, env),
    says,
  );
  const [web, run] = [valuesOf(kit.web, values), valuesOf(kit.run, values)];
  const modules = moduleNames(exporter, says?.sections.get('modules') ?? exporter.modules);
  return {
    exporter,
    running: runningOf(collectors, values, { web, run }),
    sourceSettings: sources,
    values,
    web,
    modules,
  };
}

/** By default there is a module for each probe and probed source. */
function moduleNames({ probes, probed }: Exporter, written: unknown): string[] {
  const isMap = typeof written === 'object' && written !== null;
  return isMap ? Object.keys(written) : [...probes, ...probed].map(({ name }) => name);
}

/** What an exporter declares under its configuration. */
export function exporterProgram(configured: Configured): DeclaredProgram {
  const { exporter, running, sourceSettings, values, web, modules } = configured;
  const port = portOf(web.address);
  return declaredExporter({
    exporter,
    collectors: running,
    scraped: { path: web.path, modules },
    targetLabels: targetLabels(sourceSettings, values),
    itself: ownFamilies(configured),
    ...(port === undefined ? {} : { port }),
  });
}

/** Labels of the sources whose targets have names. */
export function targetLabels(sources: readonly SourceSettings[], values: FlagValues): ReadonlyMap<Source, string> {
  const named = sources.filter(({ targets }) => targets !== undefined && values.get(targets.name) !== undefined);
  return new Map(named.map(({ source }) => [source, source.label]));
}

function portOf([address]: readonly string[]): number | undefined {
  const port = /^(?!unix:).*:(\d+)$/.exec(address ?? '')?.[1];
  return port === undefined || port === '0' ? undefined : Number(port);
}

/** Families that are declared where they are counted. */
function ownFamilies({ exporter, web, isServed = false }: Configured): OwnFamilies[] {
  if (web.withoutOwnMetrics) return [];
  const { namespace } = exporter;
  return [
    { name: 'requests', metrics: requestMetrics().selfMetrics.metrics },
    ...(canProbe(exporter)
      ? [{ name: 'probes', metrics: countDroppedProbeSamples(exporter).selfMetrics.metrics }]
      : []),
    ...(isServed
      ? []
      : [
          { name: 'configuration', metrics: reloadFamilies(namespace), when: 'with a config file' },
          { name: 'web configuration', metrics: webConfigFamilies(namespace), when: 'with --web.config.file' },
        ]),
  ];
}
