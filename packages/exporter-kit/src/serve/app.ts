import { careful, type Logger } from '../collect/context.ts';
import type { Gatherer } from '../collect/scrape/gather.ts';
import { type ProbingOptions, probeRoutes } from '../probe/route.ts';
import { type Answer, type Asked, isPages, plain } from './answer/http-message.ts';
import { landing } from './answer/landing-page.ts';
import { type StatusFacts, status } from './answer/status.ts';
import { type MetricsOptions, metricsHandler } from './scrape/metrics.ts';
import type { Traffic } from './scrape/request-metrics.ts';

/** What the app needs beside its gatherer. */
export interface AppOptions extends MetricsOptions, ProbingOptions {
  /** Where metrics are; default `/metrics`. */
  readonly path?: string;
  /** Turns false when the server drains. */
  readonly ready?: () => boolean;
  /** Told of each scrape. */
  readonly traffic?: Traffic;
  /** More for `/-/status.json`. */
  readonly facts?: () => StatusFacts;
}

/** Answers requests; knows no server. */
export type App = (asked: Asked) => Promise<Answer>;

const ALLOW = 'GET, HEAD, OPTIONS';

/** As the app does; what it throws becomes a 500, and goes to the log. */
export async function answerSafely(app: App, asked: Asked, log: Logger): Promise<Answer> {
  try {
    return await app(asked);
  } catch (err) {
    const tell = careful(log);
    if (asked.signal.aborted) tell.debug({ path: asked.path }, 'the scraper hung up');
    else tell.error({ err, path: asked.path }, 'request failed');
    return plain(500, 'internal error; the log says more\n');
  }
}

/**
 * Routes a request: the metrics, probes, the landing page, health, readiness and status; 404 and 405 otherwise.
 *
 * @throws TypeError for a path that no request has; Error for modules or rules of probes that make no sense.
 */
export function app(gatherer: Gatherer, options: AppOptions = {}): App {
  const { path = '/metrics', ready = () => true, traffic, facts = () => ({}) } = options;
  if (!path.startsWith('/')) {
    throw new TypeError(`path: ${JSON.stringify(path)} is no path; write one such as "/metrics".`);
  }
  const metrics = metricsHandler(gatherer, options);
  let page: Promise<Answer> | undefined;
  const routes = new Map<string, (asked: Asked) => Answer | Promise<Answer>>([
    [
      '/',
      () => {
        page ??= landing(gatherer.exporter, gatherer.collectors, path);
        return page;
      },
    ],
    ['/-/healthy', () => plain(200, 'healthy\n')],
    ['/-/ready', () => (ready() ? plain(200, 'ready\n') : plain(503, 'draining\n'))],
    ['/-/status.json', () => status(gatherer, ready(), facts())],
    [path, traffic === undefined ? metrics : counting(metrics, traffic)],
  ]);
  if (gatherer.exporter.probes.length > 0) {
    const { probe, recent } = probeRoutes(gatherer.exporter, options);
    routes.set('/probe', probe).set('/-/probes', recent);
  }
  return async (asked) => {
    const route = routes.get(asked.path);
    if (route === undefined) return plain(404, 'not found\n');
    if (asked.method === 'OPTIONS') return { status: 204, headers: { allow: ALLOW }, body: '' };
    if (asked.method !== 'GET' && asked.method !== 'HEAD') return plain(405, 'method not allowed\n', { allow: ALLOW });
    return route(asked);
  };
}

/** Tells of each scrape once its answer is made, or, if that is made while it is sent, once it is sent. */
function counting(metrics: (asked: Asked) => Promise<Answer>, traffic: Traffic): (asked: Asked) => Promise<Answer> {
  return async (asked) => {
    traffic.began();
    let made: Answer;
    try {
      made = await metrics(asked);
    } catch (error) {
      // 499 is what nginx calls a request whose sender has left.
      traffic.ended(asked.signal.aborted ? 499 : 500, 0);
      throw error;
    }
    const { status, body } = made;
    if (!isPages(body)) {
      traffic.ended(status, asked.method === 'HEAD' ? 0 : Number(made.headers['content-length'] ?? 0));
      return made;
    }
    let bytes = 0;
    return {
      ...made,
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
