import { type Channel, channel } from 'node:diagnostics_channel';
import type { Collector } from '../collect/collector.ts';
import { histogram, type LabelledObserving, type LiveDeclaration, live } from '../live/index.ts';
import { buckets, type Method, methodLabel, methods } from './labels.ts';

/** Options of {@link httpClient}; the others are those of `live`. */
export interface HttpClientOptions extends Pick<LiveDeclaration<never>, 'maxSeries' | 'idleAfterMs' | 'span' | 'tune'> {
  /**
   * Hosts that have a label of their own, as in URLs: `api.example.com`, `localhost:8080`; the others are `other`. Default:
   * the first 100 that are called.
   */
  readonly hosts?: readonly string[];
  /** Bounds of the durations, in seconds; default: OpenTelemetry's, from 5 ms to 10 s. */
  readonly buckets?: readonly number[];
}

/** Counts calls of `fetch`. Its instrument is live, and `collector` exposes it. */
export interface HttpClient {
  readonly collector: Collector;
  readonly duration: LabelledObserving<{ readonly method: Method; readonly host: string; readonly code: string }>;
  /** Starts to count; the function that it returns ends that. Calls that are under way then are not counted. */
  start(): () => void;
}

const MAX_HOSTS = 100;

/**
 * Counts the requests that this process sends with `fetch` or undici, once started:
 * `http_client_request_duration_seconds{method,host,code}`, from sending to the end of the response. The code is `error` if
 * that was not reached. Each request of a redirect counts.
 *
 * @example
 * const outgoing = httpClient();
 * const stop = outgoing.start();
 * await serve(exporter({ name: 'shop_exporter', collectors: [outgoing.collector] }));
 * @throws TypeError for invalid options.
 */
export function httpClient({ hosts, buckets: bounds = buckets, ...options }: HttpClientOptions = {}): HttpClient {
  const { duration, collector } = live({
    ...options,
    name: 'http_client',
    metrics: {
      duration: histogram({
        name: 'http_client_request_duration_seconds',
        help: 'Time from sending a request to the end of its response; code "error" if that was not reached.',
        unit: 'seconds',
        labels: { method: methods, host: String, code: String },
        buckets: bounds,
      }),
    },
  });
  const hostOf = hostLabels(hosts);
  let starts = 0;
  let subscribed: { unsubscribe(): void } | undefined;
  return {
    duration,
    collector,
    start() {
      starts++;
      subscribed ??= subscribe(
        () => duration.start(),
        ({ method, origin }, code, end) => end({ method: methodLabel(method), host: hostOf(String(origin)), code }),
      );
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        if (--starts > 0) return;
        subscribed?.unsubscribe();
        subscribed = undefined;
      };
    },
  };
}

/** @returns what makes an origin, such as `https://api.example.com`, a label: its host, or `other`. */
function hostLabels(named: readonly string[] | undefined): (origin: string) => string {
  const wanted = named && new Set(named);
  const known = new Map<string, string>();
  return (origin) => {
    const earlier = known.get(origin);
    if (earlier !== undefined) return earlier;
    const host = URL.canParse(origin) ? new URL(origin).host : '';
    if (host === '' || (wanted === undefined ? known.size >= MAX_HOSTS : !wanted.has(host))) return 'other';
    known.set(origin, host);
    return host;
  };
}

/** A request of undici, as its channels show it. */
interface UndiciRequest {
  readonly method?: string;
  readonly origin?: string | URL;
}

/**
 * @param start called for each request, where it is made; what it returns is given to `ended`, at the request's end.
 */
function subscribe<Timer>(
  start: () => Timer,
  ended: (request: UndiciRequest, code: string, timer: Timer) => void,
): { unsubscribe(): void } {
  const running = new WeakMap<UndiciRequest, { readonly timer: Timer; code?: number }>();
  const end = (request: UndiciRequest, failed: boolean): void => {
    const one = running.get(request);
    if (one === undefined) return;
    running.delete(request);
    ended(request, failed ? 'error' : String(one.code), one.timer);
  };
  const listeners: { readonly [event: string]: (message: never) => void } = {
    create: ({ request }: { request: UndiciRequest }) => {
      running.set(request, { timer: start() });
    },
    headers: ({ request, response }: { request: UndiciRequest; response: { statusCode: number } }) => {
      const one = running.get(request);
      if (one !== undefined) one.code = response.statusCode;
    },
    trailers: ({ request }: { request: UndiciRequest }) => end(request, false),
    error: ({ request }: { request: UndiciRequest }) => end(request, true),
  };
  const channels = Object.entries(listeners).map(([event, listener]): readonly [Channel, typeof listener] => [
    channel(`undici:request:${event}`),
    listener,
  ]);
  for (const [to, listener] of channels) to.subscribe(listener as never);
  return {
    unsubscribe() {
      for (const [to, listener] of channels) to.unsubscribe(listener as never);
    },
  };
}
