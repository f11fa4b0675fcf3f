import type { DeclaredProgram } from '../declared.ts';

/** How Prometheus reaches an exporter. */
export interface Endpoint {
  /** Label `job` of what it scrapes there. */
  readonly job: string;
  /** `host:port`, if it is known. */
  readonly address?: string;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  /** Whether its targets have names: `/-/sd` lists them, to be scraped one by one. */
  readonly listsTargets: boolean;
  /** Modules of `/probe`. */
  readonly modules: readonly string[];
}

/** An exporter's endpoint, as far as it is declared or configured. */
export function endpointOf({ name, port, views, scraped = {} }: DeclaredProgram): Endpoint {
  const { job = name } = views ?? {};
  const { address = port === undefined ? undefined : `localhost:${port}` } = scraped;
  return {
    job: typeof job === 'string' ? job : job[0]!,
    ...(address === undefined ? {} : { address }),
    path: scraped.path ?? '/metrics',
    scheme: scraped.scheme ?? 'http',
    listsTargets: scraped.listsTargets ?? false,
    modules: scraped.modules ?? [],
  };
}

/** What is scraped at `/probe` has jobs of its own, so that it can be told apart; alerts and panels find them by this name. */
export const probeJob = ({ job }: Endpoint, module: string): string => `${job}_${module}`;
