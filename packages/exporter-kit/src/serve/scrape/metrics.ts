import type { Gathered, Gatherer, Scrape, Selection } from '../../collect/scrape/gather.ts';
import { TooManyScrapes } from '../../collect/scrape/rounds.ts';
import type { Outcome } from '../../collect/scrape/runner.ts';
import { hasFailed, type SelfMetrics, selfMetrics } from '../../collect/scrape/self-metrics.ts';
import { acceptsGzip, type FormatOptions, negotiate } from '../../encode/negotiate.ts';
import { isError } from '../../errors/thrown.ts';
import { counter, gauge } from '../../metric/declare.ts';
import {
  type Compression,
  deadlineOf,
  type HttpRequest,
  type HttpResponse,
  isStreamed,
  type ScrapeTimeouts,
  snapshotResponder,
  textResponse,
} from '../answer/http-message.ts';
import { limiter } from '../answer/limiter.ts';

/** How scrapes are answered. */
export interface MetricsOptions extends ScrapeTimeouts, Compression, FormatOptions {
  /**
   * `partial` (the default) serves what succeeded; the verdict families report the rest. `strict` fails the scrape if any
   * collector fails, except those marked `optional`. If nothing succeeded, a scrape is answered with 500 under either
   * policy, unless all its collectors are optional. A source that is down fails no scrape: its `up` is 0.
   */
  readonly policy?: 'partial' | 'strict';
  /**
   * Maximum concurrent collection rounds; identical scrapes share one. Default 40, 0 for no limit. Scrapes beyond it are
   * answered with 503. Scrapes of single targets (`target[]`) count as probes instead.
   */
  readonly maxRequests?: number;
  /** Maximum concurrent scrapes of single targets; default 200, 0 for no limit. Others wait, for three quarters of their timeout at most. */
  readonly maxProbes?: number;
}

/** Handles `GET /metrics`: selection, deadline, collection, then the format and encoding the client accepts. */
export function metricsHandler(
  gatherer: Gatherer,
  options: MetricsOptions = {},
): (request: HttpRequest) => Promise<HttpResponse> {
  const { policy = 'partial', maxRequests = 40, maxProbes = 200 } = options;
  const render = snapshotResponder(options);
  const maxRounds = maxRequests > 0 ? maxRequests : undefined;
  const enter = limiter({ total: maxProbes });

  async function gatherTargets(scrape: Scrape, { signal }: HttpRequest): Promise<Gathered> {
    // A scrape that starts later would be short of time, and blame the target.
    const leave = await enter({ key: '', until: (performance.now() + scrape.deadline) / 2, signal });
    if (typeof leave === 'string') throw new TooManyScrapes();
    try {
      return await gatherer.gather(scrape);
    } finally {
      leave();
    }
  }

  return async (request) => {
    const deadline = deadlineOf(request.header('x-prometheus-scrape-timeout-seconds'), performance.now(), options);
    try {
      const format = negotiate(request.header('accept'), options);
      const { natives } = format;
      const selection = readSelection(request.query, gatherer);
      const { snapshot, outcomes, answers } = await (selection.targets === undefined
        ? gatherer.gather({ deadline, client: request, natives, maxRounds, ...selection })
        : gatherTargets({ deadline, client: request, natives, ...selection }, request));
      const failure = failureOf(outcomes, policy, answers.length > 0);
      if (failure !== undefined) {
        snapshot.release();
        return textResponse(500, failure);
      }
      const gzip = acceptsGzip(request.header('accept-encoding'));
      return await render(snapshot, format, gzip, request);
    } catch (error) {
      if (!isError(error)) throw error;
      if (error instanceof SelectionError) return textResponse(400, `${error.message}\n`);
      if (error instanceof TooManyScrapes) return textResponse(503, `${error.message}\n`, { 'retry-after': '1' });
      throw error;
    }
  };
}

/**
 * Why the scrape fails, naming collectors only; the reasons are in the log. A source that is down fails no scrape, and an
 * answer that says whether sources are up is worth serving.
 */
function failureOf(
  outcomes: readonly Outcome[],
  policy: MetricsOptions['policy'],
  hasSources: boolean,
): string | undefined {
  const failed = outcomes.filter((one) => hasFailed(one) && one.status !== 'down');
  if (failed.length === 0) return undefined;
  const judged = outcomes.filter(({ collector }) => !collector.auxiliary);
  const allFailed = !hasSources && judged.every(hasFailed) && judged.some(({ collector }) => !collector.optional);
  const counted = allFailed ? failed : failed.filter(({ collector }) => !collector.optional);
  if (!allFailed && (policy === 'partial' || counted.length === 0)) return undefined;
  return `collectors failed: ${counted.map(({ collector }) => collector.name).join(', ')}; see the log\n`;
}

/**
 * Reads `collect[]`, `exclude[]` (collector names), `name[]` (family names) and `target[]` or `target` (names of targets, or of
 * sources whose target has none); each may be repeated. Excluding every collector is allowed, and an unknown family matches
 * nothing.
 *
 * @throws SelectionError for an unknown or disabled collector, for an unknown target, and, like node_exporter, for
 * `collect[]` with `exclude[]`.
 */
export function readSelection(
  query: URLSearchParams,
  { collectors, sources }: Pick<Gatherer, 'collectors' | 'sources'>,
): Selection {
  if (query.size === 0) return ALL;
  const [collect, exclude, names] = ['collect[]', 'exclude[]', 'name[]'].map((key) => query.getAll(key)) as [
    string[],
    string[],
    string[],
  ];
  // As /-/sd writes it: a label of Prometheus 2 can't have brackets.
  const targets = [...query.getAll('target[]'), ...query.getAll('target')];
  if (collect.length > 0 && exclude.length > 0) {
    throw new SelectionError('collect[] and exclude[] cannot be combined');
  }
  const collectorNames = [...new Set(collectors.map(({ name }) => name))];
  // The unknown name is not repeated: it is text from the client.
  if ([...collect, ...exclude].some((name) => !collectorNames.includes(name))) {
    throw new SelectionError(`unknown collector in collect[] or exclude[]; available: ${collectorNames.join(', ')}`);
  }
  const { byName } = sources;
  if (targets.some((name) => !byName.has(name))) {
    throw new SelectionError(`unknown target in target[]; ${byName.size} are known, see /-/status.json`);
  }
  return {
    ...(collect.length > 0 ? { only: new Set(collect) } : {}),
    ...(exclude.length > 0 ? { only: new Set(collectorNames.filter((name) => !exclude.includes(name))) } : {}),
    ...(names.length > 0 ? { families: new Set(names) } : {}),
    ...(targets.length > 0 ? { targets: new Set(targets) } : {}),
  };
}

const ALL: Selection = {};

/** An invalid selection; the message is sent to the client. */
export class SelectionError extends Error {
  override readonly name: string = 'SelectionError';
}

/** Counts scrapes, under promhttp's names. */
export interface RequestMetrics {
  readonly selfMetrics: SelfMetrics<undefined>;
  began(): void;
  ended(code: number, bytes: number): void;
}

export function requestMetrics(): RequestMetrics {
  const requests = new Map([200, 500, 503].map((code) => [code, 0]));
  let inFlight = 0;
  let sent = 0;
  const metrics = {
    requests: counter({
      name: 'promhttp_metric_handler_requests_total',
      help: 'Total number of scrapes by HTTP status code.',
      labels: ['code'],
    }),
    inFlight: gauge({
      name: 'promhttp_metric_handler_requests_in_flight',
      help: 'Current number of scrapes being served, including this one.',
    }),
    sent: counter({
      name: 'promhttp_metric_handler_response_bytes_total',
      help: 'Total bytes sent in response bodies, after compression.',
      unit: 'bytes',
    }),
  };
  return {
    selfMetrics: selfMetrics(metrics, (write, _facts: undefined) => {
      for (const [code, count] of requests) write.requests.set({ code }, count);
      write.inFlight.set(inFlight);
      write.sent.set(sent);
    }),
    began() {
      inFlight++;
    },
    ended(code, bytes) {
      inFlight--;
      sent += bytes;
      requests.set(code, (requests.get(code) ?? 0) + 1);
    },
  };
}

/** Counts a handler's requests; a streamed response counts once it is sent. */
export function counted(
  handle: (request: HttpRequest) => Promise<HttpResponse>,
  traffic: RequestMetrics,
): (request: HttpRequest) => Promise<HttpResponse> {
  return async (request) => {
    traffic.began();
    let response: HttpResponse;
    try {
      response = await handle(request);
    } catch (error) {
      // 499 is nginx's status for a client that has disconnected.
      traffic.ended(request.isGone ? 499 : 500, 0);
      throw error;
    }
    const { status, body, headers } = response;
    if (!isStreamed(body)) {
      traffic.ended(status, request.method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0));
      return response;
    }
    let bytes = 0;
    return {
      ...response,
      body: {
        page(index) {
          const page = body.page(index);
          bytes += page.bytes.length;
          return page;
        },
        done() {
          traffic.ended(status, bytes);
          body.done();
        },
      },
    };
  };
}
