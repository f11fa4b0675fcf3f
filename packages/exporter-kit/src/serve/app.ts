import type { Gatherer } from '../collect/gather.ts';
import { type Answer, type Asked, plain } from './answer.ts';
import type { Patience } from './deadline.ts';
import { landing } from './landing.ts';
import { metrics } from './metrics.ts';

/** What the app needs beside its gatherer. */
export interface AppOptions extends Patience {
  /** Where metrics are; default `/metrics`. */
  readonly path?: string;
  /** Turns false when the server drains. */
  readonly ready?: () => boolean;
}

/** Answers requests; knows no server. */
export type App = (asked: Asked) => Promise<Answer>;

const ALLOW = 'GET, HEAD, OPTIONS';

/** Routes a request: the metrics, the landing page, health and readiness; 404 and 405 otherwise. */
export function app(gatherer: Gatherer, options: AppOptions = {}): App {
  const { path = '/metrics', ready = () => true } = options;
  const page = landing(gatherer.exporter, gatherer.collectors, path);
  const routes = new Map<string, (asked: Asked) => Answer | Promise<Answer>>([
    ['/', () => page],
    ['/-/healthy', () => plain(200, 'healthy\n')],
    ['/-/ready', () => (ready() ? plain(200, 'ready\n') : plain(503, 'draining\n'))],
    [path, (asked) => metrics(gatherer, asked, options)],
  ]);
  return async (asked) => {
    const route = routes.get(asked.path);
    if (route === undefined) return plain(404, 'not found\n');
    if (asked.method === 'OPTIONS') return { status: 204, headers: { allow: ALLOW }, body: '' };
    if (asked.method !== 'GET' && asked.method !== 'HEAD') return plain(405, 'method not allowed\n', { allow: ALLOW });
    return route(asked);
  };
}
