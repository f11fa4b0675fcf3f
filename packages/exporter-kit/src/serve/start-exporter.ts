import { type Logger, silent } from '../collect/context.ts';
import { collectorsOf, type Exporter } from '../collect/exporter.ts';
import { type Gatherer, gatherer } from '../collect/scrape/gather.ts';
import { countDroppedProbeSamples, type DroppedProbeSamples } from '../probe/dropped-samples.ts';
import { type RequestMetrics, requestMetrics } from './scrape/request-metrics.ts';

/** What an exporter needs to be scraped, wherever it is served. */
export interface StartOptions {
  readonly log?: Logger;
  /** Leave out what is about the exporter itself: its requests, and collectors marked `auxiliary`. */
  readonly disableExporterMetrics?: boolean;
  /** For the exporter's `config.parse()`; what is under `collector` is for the collectors, by name. */
  readonly settings?: {
    readonly collector?: { readonly [collector: string]: unknown };
    readonly [key: string]: unknown;
  };
}

/** An exporter that can be scraped, with the counts of its scrapes and of what its probes drop. */
export interface StartedExporter {
  readonly live: Gatherer;
  readonly traffic: RequestMetrics;
  readonly probeDrops: DroppedProbeSamples;
}

/**
 * Reads an exporter's settings, chooses its collectors and brings them to life.
 *
 * @throws Error when the exporter or a collector refuses its settings.
 */
export function startExporter(exporter: Exporter, options: StartOptions): StartedExporter {
  const { log = silent, settings = {}, disableExporterMetrics: bare = false } = options;
  const { collector = {}, ...own } = settings;
  const collectors = collectorsOf(exporter, exporter.config?.parse(own)).filter(
    ({ enabled, auxiliary }) => enabled && !(bare && auxiliary),
  );
  const traffic = requestMetrics();
  const probeDrops = countDroppedProbeSamples(exporter);
  const about = bare ? [] : [traffic.about, ...(exporter.probes.length === 0 ? [] : [probeDrops.about])];
  return { live: gatherer(exporter, collectors, { log, settings: collector, about }), traffic, probeDrops };
}
