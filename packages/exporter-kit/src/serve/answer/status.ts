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
 * Status as JSON: readiness, configuration, collectors with their last runs, and targets of sources. Errors are shown by
 * code or class only, since their messages may contain secrets.
 */
export function status(
  { exporter, runners, sources }: Gatherer,
  ready: boolean,
  { disabled = [], config }: StatusFacts,
): HttpResponse {
  const running = runners.map((runner) => {
    const last = runner.last();
    const ageMs = runner.cacheAgeMs();
    const isDown = runner.target?.state().error !== undefined;
    return {
      name: runner.collector.name,
      ...labelled(runner.collector.constLabels),
      enabled: true,
      status: isDown ? 'down' : runner.isOverdue() ? 'busy' : (last?.status ?? 'never run'),
      ...(last === undefined
        ? {}
        : { lastRun: iso(last.at), durationSeconds: last.durationMs / 1000, series: last.series, error: last.error }),
      ...(ageMs === undefined ? {} : { cacheAgeSeconds: ageMs / 1000 }),
    };
  });
  const targets = sources.targets.map(({ source, labels, state }) => {
    const { since, status: now, opens, error } = state();
    return { name: source.name, ...labelled(labels), status: now, since: iso(since), opens, error };
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
    ...(targets.length === 0 ? {} : { sources: targets }),
  };
  return textResponse(200, `${JSON.stringify(facts, undefined, 2)}\n`, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
}

const labelled = (labels: object): object => (Object.keys(labels).length === 0 ? {} : { labels });

const iso = (at: number): string => new Date(at).toISOString();
