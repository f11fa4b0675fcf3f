import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alertmanager } from './alertmanager.ts';
import { type QueryResult, query } from './query.ts';
import { type RuleState, rulesOf } from './rules.ts';
import { type Server, startServer, until } from './server.ts';

/** One entry of `scrape_configs`. */
export interface ScrapeConfig {
  readonly job_name: string;
  readonly [key: string]: unknown;
}

export interface PrometheusOptions {
  /** A list of objects, or the same as YAML. */
  readonly scrapeConfigs: readonly ScrapeConfig[] | string;
  readonly flags?: readonly string[];
  /** Rule files, evaluated every second. */
  readonly ruleFiles?: readonly string[];
  /** Where alerts go. */
  readonly alertmanager?: Alertmanager;
  /** Further sections of its configuration, such as `remote_write`. */
  readonly sections?: { readonly [section: string]: unknown };
}

export interface Prometheus extends Server {
  /** An instant query; a scalar becomes one result without labels. */
  query(promql: string): Promise<QueryResult[]>;
  /** Its rules, with what they found at their last evaluation. */
  rules(): Promise<RuleState[]>;
  /**
   * Repeats a query until `predicate` holds; by default, until there is a result.
   * The first scrape is about 5.5 s after the start, so the default `timeoutMs` is 20 000.
   *
   * @throws Error with the last result and the state of the targets after `timeoutMs`.
   */
  waitFor(
    promql: string,
    predicate?: (results: QueryResult[]) => boolean,
    timeoutMs?: number,
  ): Promise<[QueryResult, ...QueryResult[]]>;
}

/**
 * Starts a real Prometheus that scrapes every second, with a temporary data folder.
 *
 * @example
 * const prometheus = await startPrometheus({ scrapeConfigs: [scrapeOf('host', 'http://127.0.0.1:19100/metrics')] });
 * const [up] = await prometheus.waitFor('up == 1');
 */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { scrapeConfigs, flags = [] } = options;
  const folder = await mkdtemp(join(tmpdir(), 'peers-prometheus-'));
  const clear = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  let server: Server | undefined;
  try {
    // JSON is YAML.
    const list = typeof scrapeConfigs === 'string' ? `\n${scrapeConfigs}` : JSON.stringify(scrapeConfigs);
    const others = Object.entries(sectionsOf(options)).map(
      ([section, value]) => `${section}: ${JSON.stringify(value)}\n`,
    );
    await writeFile(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }\n${others.join('')}scrape_configs: ${list}\n`,
    );
    const started = await startServer(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        // What fires before Alertmanager is discovered is not kept for it.
        '--rules.alert.resend-delay=1s',
        ...flags,
      ],
      '/-/ready',
    );
    server = started;
    return {
      ...started,
      query: (promql) => query(started.url, promql),
      rules: () => rulesOf(started.url),
      waitFor: (promql, predicate, timeoutMs) => waitFor(started.url, promql, predicate, timeoutMs),
      async stop() {
        await started.stop();
        await clear();
      },
    };
  } catch (error) {
    await server?.stop();
    await clear();
    throw error;
  }
}

function sectionsOf({ ruleFiles, alertmanager, sections }: PrometheusOptions): { readonly [section: string]: unknown } {
  const alertmanagers = alertmanager && [{ static_configs: [{ targets: [alertmanager.address] }] }];
  return {
    ...(ruleFiles && { rule_files: ruleFiles }),
    ...(alertmanagers && { alerting: { alertmanagers } }),
    ...sections,
  };
}

/** A scrape config for one URL. */
export function scrapeOf(jobName: string, url: string, more: { readonly [key: string]: unknown } = {}): ScrapeConfig {
  const { protocol, host, pathname } = new URL(url);
  return {
    job_name: jobName,
    scheme: protocol.slice(0, -1),
    metrics_path: pathname === '/' ? '/metrics' : pathname,
    static_configs: [{ targets: [host] }],
    ...more,
  };
}

async function waitFor(
  url: string,
  promql: string,
  predicate: (results: QueryResult[]) => boolean = () => true,
  timeoutMs = 60_000,
): Promise<[QueryResult, ...QueryResult[]]> {
  let last: QueryResult[] = [];
  try {
    return await until(
      promql,
      async () => {
        last = await query(url, promql);
        const [first, ...rest] = last;
        return first !== undefined && predicate(last) ? [first, ...rest] : undefined;
      },
      timeoutMs,
    );
  } catch (error) {
    const facts = `last answer: ${JSON.stringify(last)}; targets: ${JSON.stringify(await targets(url))}`;
    throw new Error(`${(error as Error).message}; ${facts}`, { cause: error });
  }
}

async function targets(url: string): Promise<unknown> {
  type Target = { scrapeUrl: string; health: string; lastError: string };
  const answer = (await (await fetch(`${url}/api/v1/targets`)).json()) as { data: { activeTargets: Target[] } };
  return answer.data.activeTargets.map(({ scrapeUrl, health, lastError }) => ({ scrapeUrl, health, lastError }));
}
