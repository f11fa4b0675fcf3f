import type { Logger } from '../../collect/context.ts';
import type { Exporter } from '../../collect/exporter.ts';
import { type SelfMetrics, selfMetrics } from '../../collect/scrape/self-metrics.ts';
import { gauge } from '../../metric/declare.ts';
import type { Gauge } from '../../metric/metric.ts';
import { below } from '../../metric/views.ts';
import { type HttpRequest, type HttpResponse, textResponse } from '../../serve/answer/http-message.ts';
import type { App } from '../../serve/app.ts';
import { problemsOf } from '../config/config-error.ts';

/** Reloads the configuration, one reload at a time. */
export interface Reloader {
  /**
   * Reads it and puts it into effect; resolves to whether that succeeded. During a reload, a call waits for one more: the
   * file may have changed after it was read.
   *
   * @param by what asked for it, for the log.
   */
  reload(by: string): Promise<boolean>;
  readonly state: ReloadState;
  /** The same as metrics, named as in Prometheus. */
  readonly selfMetrics: SelfMetrics<undefined>;
}

/** Outcome of the last reload. */
export interface ReloadState {
  readonly lastReloadSuccessful: boolean;
  /** Last success, in milliseconds since the epoch. */
  readonly lastSuccessAt: number;
}

type Plain = Gauge<readonly [value: number]>;

/** Declares the metrics about reloads. */
export function reloadFamilies(namespace: string): { readonly [K in 'successful' | 'at']: Plain } {
  const waive = "the prefix is the user's choice";
  return {
    successful: gauge({
      name: `${namespace}_config_last_reload_successful`,
      help: 'Whether the last configuration reload was successful.',
      waive,
      alert: { name: 'ConfigReloadFailed', when: below(1), for: '10m', summary: 'Configuration was not reloaded.' },
    }),
    at: gauge({
      name: `${namespace}_config_last_reload_success_timestamp_seconds`,
      help: 'Unix time of the last successful configuration reload.',
      unit: 'seconds',
      waive,
    }),
  };
}

/**
 * Makes a reloader.
 *
 * @param apply reads the configuration and puts it into effect; if it throws, nothing has changed.
 */
export function reloader({ namespace }: Exporter, log: Logger, apply: () => Promise<void>): Reloader {
  let state: ReloadState = { lastReloadSuccessful: true, lastSuccessAt: Date.now() };
  let last: Promise<boolean> = Promise.resolve(true);
  // Requested but not started.
  let next: Promise<boolean> | undefined;

  async function once(by: string): Promise<boolean> {
    try {
      await apply();
      state = { lastReloadSuccessful: true, lastSuccessAt: Date.now() };
      log.info({ by }, 'configuration reloaded');
    } catch (error) {
      state = { ...state, lastReloadSuccessful: false };
      log.error(
        { by, err: problemsOf(error).join('; ') },
        'configuration not reloaded; the last good one stays in effect',
      );
    }
    return state.lastReloadSuccessful;
  }

  return {
    get state() {
      return state;
    },
    reload(by) {
      next ??= last.then(() => {
        next = undefined;
        return once(by);
      });
      last = next;
      return next;
    },
    selfMetrics: selfMetrics(reloadFamilies(namespace), (write, _facts: undefined) => {
      write.successful.set(state.lastReloadSuccessful ? 1 : 0);
      write.at.set(state.lastSuccessAt / 1000);
    }),
  };
}

const PATH = '/-/reload';

/** Adds `POST /-/reload` to an app; it answers 403 unless `enabled`. */
export function lifecycle(app: App, enabled: boolean, reload: (by: string) => Promise<boolean>): App {
  return async (request) => (request.path === PATH ? answer(request) : app(request));

  async function answer(request: HttpRequest): Promise<HttpResponse> {
    if (!enabled) return textResponse(403, 'not enabled; start with --web.enable-lifecycle\n');
    if (request.method !== 'POST' && request.method !== 'PUT') {
      return textResponse(405, 'method not allowed; use POST\n', { allow: 'POST, PUT' });
    }
    if (isFromOtherSite(request)) return textResponse(403, 'cross-site requests are not allowed\n');
    const went = await reload(`POST ${PATH}`);
    return went ? textResponse(200, 'reloaded\n') : textResponse(500, 'not reloaded; see the log\n');
  }
}

/** Whether a browser sends the request for a page of another origin. Other clients send neither header. */
function isFromOtherSite(request: HttpRequest): boolean {
  const site = request.header('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = request.header('origin');
  return origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === request.header('host'));
}
