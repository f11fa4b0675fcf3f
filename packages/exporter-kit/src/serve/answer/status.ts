import type { Gatherer } from '../../collect/scrape/gather.ts';
import { type HttpResponse, textResponse } from './http-message.ts';

/** What a process knows of itself beside its gatherer. */
export interface StatusFacts {
  /** Collectors that don't run. */
  readonly disabled?: readonly string[];
  /** How its configuration was last read. */
  readonly config?: {
    readonly lastReloadSuccessful: boolean;
    /** In milliseconds since the epoch. */
    readonly lastSuccessAt: number;
  };
}

/**
 * How the process is, as JSON: its collectors with their last runs, readiness, configuration. Of errors it has the code or
 * the class alone, as their texts may hold secrets; those go to the log.
 */
export function status({ exporter, runners }: Gatherer, ready: boolean, facts: StatusFacts): HttpResponse {
  const running = runners.map((runner) => {
    const last = runner.last();
    const ageMs = runner.cacheAgeMs();
    return {
      name: runner.collector.name,
      enabled: true,
      status: runner.isOverdue() ? 'busy' : (last?.status ?? 'never run'),
      ...(last === undefined
        ? {}
        : { lastRun: iso(last.at), durationSeconds: last.durationMs / 1000, series: last.series, error: last.error }),
      ...(ageMs === undefined ? {} : { cacheAgeSeconds: ageMs / 1000 }),
    };
  });
  const { disabled = [], config } = facts;
  const said = {
    exporter: exporter.name,
    version: exporter.version,
    node: process.version,
    started: iso(performance.timeOrigin),
    ready,
    ...(config === undefined
      ? {}
      : { config: { lastReloadSuccessful: config.lastReloadSuccessful, lastSuccess: iso(config.lastSuccessAt) } }),
    collectors: [...running, ...disabled.map((name) => ({ name, enabled: false }))],
  };
  return textResponse(200, `${JSON.stringify(said, undefined, 2)}\n`, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
}

const iso = (at: number): string => new Date(at).toISOString();
