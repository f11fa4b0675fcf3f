import type { Gatherer } from '../../collect/scrape/gather.ts';
import { type HttpResponse, textResponse } from './http-message.ts';

/** Facts for the status that the gatherer does not know. */
export interface StatusFacts {
  /** Names of disabled collectors. */
  readonly disabled?: readonly string[];
  /** Result of the last configuration reload. */
  readonly config?: {
    readonly lastReloadSuccessful: boolean;
    /** In milliseconds since the epoch. */
    readonly lastSuccessAt: number;
  };
}

/**
 * Status as JSON: readiness, configuration, collectors with their last runs. Errors are shown by code or class only, since
 * their messages may contain secrets.
 */
export function status(
  { exporter, runners }: Gatherer,
  ready: boolean,
  { disabled = [], config }: StatusFacts,
): HttpResponse {
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
  const facts = {
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
  return textResponse(200, `${JSON.stringify(facts, undefined, 2)}\n`, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
}

const iso = (at: number): string => new Date(at).toISOString();
