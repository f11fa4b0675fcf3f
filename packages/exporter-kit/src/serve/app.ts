import { type Logger, safeLogger } from '../collect/context.ts';
import { canProbe } from '../collect/exporter.ts';
import type { Gatherer } from '../collect/scrape/gather.ts';
import type { Shard } from '../collect/source/shard.ts';
import type { Modules } from '../probe/modules.ts';
import { probesJson } from '../probe/recent-status.ts';
import { type ProbingOptions, probeRoutes } from '../probe/route.ts';
import { type HttpRequest, type HttpResponse, textResponse } from './answer/http-message.ts';
import { type StatusFacts, status } from './answer/status.ts';
import { discovery } from './discovery.ts';
import { lazyPages, PAGE_PATHS, type Pages, type Subject } from './lazy-pages.ts';
import { counted, type MetricsOptions, metricsHandler, type RequestMetrics } from './scrape/metrics.ts';

/** Options of {@link app}. */
export interface AppOptions extends MetricsOptions, ProbingOptions {
  /** Path of the metrics; default `/metrics`. */
  readonly path?: string;
  /** Modules of `/probe`. */
  readonly modules?: Modules;
  /** Leaves module targets of other shards out of `/-/sd`. */
  readonly shard?: Shard;
  /** What `/-/ready` answers: false while the server drains. */
  readonly ready?: () => boolean;
  /** Counts the scrapes. */
  readonly traffic?: RequestMetrics;
  /** Further facts for `/-/status.json`. */
  readonly facts?: () => StatusFacts;
  /** What pages have recorded so far; default: nothing. */
  readonly pages?: Pages;
}

/** Answers requests, independent of the server. */
export type App = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

const ALLOW = 'GET, HEAD, OPTIONS';

/** The app's response; an error it throws is logged and answered with a 500. */
export async function respond(app: App, request: HttpRequest, log: Logger): Promise<HttpResponse> {
  try {
    return await app(request);
  } catch (err) {
    const tell = safeLogger(log);
    if (request.isGone) tell.debug({ path: request.path }, 'client disconnected');
    else tell.error({ err, path: request.path }, 'request failed');
    return textResponse(500, 'internal error; see the log\n');
  }
}

/**
 * Routes requests to metrics, probes, landing page, health, readiness and status; otherwise 404 or 405.
 *
 * @throws TypeError for an invalid path; Error for invalid probe modules or rules.
 */
export function app(gatherer: Gatherer, options: AppOptions = {}): App {
  const { path = '/metrics', ready = () => true, traffic, facts = () => ({}) } = options;
  if (!path.startsWith('/')) {
    throw new TypeError(`path: ${JSON.stringify(path)} is not a path; write one such as "/metrics".`);
  }
  const metrics = metricsHandler(gatherer, options);
  const { modules = new Map(), shard, pages = lazyPages() } = options;
  const probes = canProbe(gatherer.exporter) ? probeRoutes(gatherer.exporter, modules, options) : undefined;
  const subject: Subject = { gatherer, modules, probes, path, facts };
  const page = (request: HttpRequest): Promise<HttpResponse> => pages.answer(request, subject);
  const routes = new Map<string, (request: HttpRequest) => HttpResponse | Promise<HttpResponse>>([
    ['/', page],
    ...PAGE_PATHS.map((one) => [one, page] as const),
    ['/-/healthy', () => textResponse(200, 'healthy\n')],
    ['/-/ready', () => (ready() ? textResponse(200, 'ready\n') : textResponse(503, 'draining\n'))],
    ['/-/status.json', () => status(gatherer, ready(), facts())],
    [path, traffic === undefined ? metrics : counted(metrics, traffic)],
  ]);
  if (probes !== undefined) {
    routes
      .set('/probe', probes.probe)
      .set('/-/probes', async (request) => (wantsJson(request) ? probesJson(probes.status()) : page(request)));
  }
  const { targets } = gatherer.sources;
  if (targets.length > 0 || probes !== undefined) {
    routes.set('/-/sd', discovery({ targets, modules, path, ...(shard && { shard }) }));
  }
  return (request) => {
    const route = routes.get(request.path) ?? (request.path.startsWith('/-/views/') ? page : undefined);
    if (route === undefined) return textResponse(404, 'not found\n');
    const { method } = request;
    if (method === 'OPTIONS') return { status: 204, headers: { allow: ALLOW }, body: '' };
    if (method !== 'GET' && method !== 'HEAD') return textResponse(405, 'method not allowed\n', { allow: ALLOW });
    return route(request);
  };
}

const wantsJson = (request: HttpRequest): boolean =>
  request.query.get('format') === 'json' || /^application\/json\b/i.test(request.header('accept') ?? '');
