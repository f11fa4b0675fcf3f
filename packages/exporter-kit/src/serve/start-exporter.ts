import { type Logger, silent } from '../collect/context.ts';
import { canProbe, collectorsOf, type Exporter, withProbes } from '../collect/exporter.ts';
import { type Gatherer, gatherer as gathererOf } from '../collect/scrape/gather.ts';
import { resolveTargets, type SourceSettings, sourcesOf } from '../collect/source/targets.ts';
import { countDroppedProbeSamples, type DroppedProbeSamples } from '../probe/dropped-samples.ts';
import { type Modules, parseModules } from '../probe/modules.ts';
import { type OpenTargets, openTargets } from '../probe/open-targets.ts';
import { type RequestMetrics, requestMetrics } from './scrape/metrics.ts';

/** Options for an exporter, however it is served. */
export interface StartOptions {
  readonly log?: Logger;
  /** Omits metrics about the exporter itself: its requests, and collectors marked `auxiliary`. */
  readonly disableExporterMetrics?: boolean;
  /** For the exporter's `config.parse()`; `collector` has the collectors' own, by name. */
  readonly settings?: {
    readonly collector?: { readonly [collector: string]: unknown };
    readonly [key: string]: unknown;
  };
  /**
   * Settings of the exporter's sources by their names: of one target, `{ redis: { addr } }`, or of several,
   * `{ redis: { user, targets: { 'db-1': { addr } } } }`. Default: one target with default settings.
   */
  readonly sources?: SourceSettings;
  /** Replaces the exporter's modules; see {@link parseModules}. */
  readonly modules?: Modules;
}

/** A started exporter, with metrics about its scrapes and the samples its probes drop. */
export interface StartedExporter {
  readonly gatherer: Gatherer;
  readonly traffic: RequestMetrics;
  readonly probeDrops: DroppedProbeSamples;
  readonly modules: Modules;
  readonly openTargets: OpenTargets;
}

/**
 * Parses an exporter's settings and creates its enabled collectors.
 *
 * @throws Error if the exporter, a collector or a source rejects its settings.
 */
export function startExporter(declared: Exporter, options: StartOptions): StartedExporter {
  const { log = silent, settings = {}, disableExporterMetrics: bare = false } = options;
  const { collector = {}, ...own } = settings;
  const config = declared.config?.parse(own);
  const exporter = withProbes(declared, config);
  const all = collectorsOf(exporter, config);
  const targets = resolveTargets(sourcesOf(all), options.sources, exporter.probed);
  const collectors = all.filter(({ enabled, auxiliary }) => enabled && !(bare && auxiliary));
  const traffic = requestMetrics();
  const probeDrops = countDroppedProbeSamples(exporter);
  const selfMetrics = bare ? [] : [traffic.selfMetrics, ...(!canProbe(exporter) ? [] : [probeDrops.selfMetrics])];
  const gatherer = gathererOf(exporter, collectors, { log, settings: collector, targets, selfMetrics });
  const modules = options.modules ?? parseModules([...exporter.probes, ...exporter.probed], exporter.modules, all);
  const opened = openTargets(exporter, log);
  opened.configure(modules, { collectors: all, enabled: collectors, settings: collector });
  return { gatherer, traffic, probeDrops, modules, openTargets: opened };
}
