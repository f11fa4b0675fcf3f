import { Buffer } from 'node:buffer';
import { familiesOf, type Snapshot } from '../collect/scrape/snapshot.ts';
import { encode, releasePage, text } from '../encode/encode.ts';
import { gzipPages } from '../encode/gzip.ts';
import { messageOf } from '../errors/thrown.ts';
import { checkClashes, checkGroup } from './group.ts';
import { type EndpointOptions, endpointOf } from './http/endpoint.ts';
import type { Message } from './http/exchange.ts';
import { permanentFailure } from './permanent-failure.ts';
import type { Group, Grouping, Sink, SinkContext } from './sink.ts';

/** Connection settings and time limits for a Pushgateway. */
export interface PushgatewayOptions extends EndpointOptions {
  /** Time limit for all attempts, pauses included; default 10 000. */
  readonly timeoutMs?: number;
  /** Time limit for one attempt, from the first byte sent to the last one read; default 5000. */
  readonly attemptTimeoutMs?: number;
  /**
   * Whether bodies are compressed, which Pushgateway supports since 1.5.0 (2022). Default: only those above 1 MiB, as
   * proxies commonly reject larger ones.
   */
  readonly gzip?: boolean;
}

/** nginx's default limit, for example. */
const LARGE = 1024 * 1024;

/**
 * Delivers to a Pushgateway: `replace` is a PUT, `add` a POST, `remove` a DELETE. Names outside the legacy syntax are
 * written with underscores, as a Pushgateway accepts no others.
 *
 * Temporary failures (no connection, incomplete response, 5xx, 429) are retried until `timeoutMs` is over: after 200 ms,
 * 400 ms and so on up to 5 s, each ±25 %, and not before the gateway's `Retry-After`. Anything else (other statuses,
 * certificates, redirects, web pages) fails at once.
 *
 * @example
 * const gateway = pushgateway('https://push.example:9091', {
 *   username: 'batch',
 *   password: { file: '/run/secrets/push-password' },
 *   tls: { caFile: '/etc/ssl/our-ca.pem' },
 * });
 * await runJob(backup, { grouping: { instance: 'db1' }, to: [gateway] });
 * @throws TypeError for an invalid URL, or options that contradict each other; its `deliver` rejects with the gateway's
 * own message.
 */
export function pushgateway(url: string, options: PushgatewayOptions = {}): Sink {
  const { timeoutMs = 10_000, attemptTimeoutMs = 5000, gzip } = options;
  const endpoint = endpointOf('pushgateway', url, 'http://host:9091', options);
  const { name } = endpoint;
  if (endpoint.url.search !== '')
    throw new TypeError(`${name}: the URL has a query string; a Pushgateway accepts none, remove it.`);
  for (const [option, ms] of Object.entries({ timeoutMs, attemptTimeoutMs })) {
    if (!(ms > 0)) throw new TypeError(`${name}: ${option} is ${ms}; give milliseconds above 0.`);
  }
  const base = endpoint.url.pathname.replace(/\/$/, '');

  /** Sends one request, with retries. */
  async function deliverTo(
    { job, grouping }: Group,
    { signal }: SinkContext,
    make: () => Promise<Omit<Message, 'path'>>,
  ): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    try {
      checkGroup({ job, grouping });
      const message = { ...(await make()), path: base + groupPath(job, grouping) };
      // Loaded here, since most programs are scraped and push nothing.
      const { connectionTo } = await import('./http/connection.ts');
      const { judge, send } = await import('./http/send.ts');
      const connection = await connectionTo(endpoint);
      const limits = { deadline, attemptMs: attemptTimeoutMs, signal };
      await send(connection, message, (answer) => judge(answer, 'a Pushgateway'), limits);
    } catch (cause) {
      throw new Error(`${name}: ${messageOf(cause)}`, { cause });
    }
  }

  return {
    name,
    deliver: (delivery, context) =>
      deliverTo(delivery, context, async () => {
        checkClashes(delivery);
        checkFamilies(delivery.snapshot);
        const { body, zipped } = await bodyOf(delivery.snapshot, gzip, context.signal);
        return {
          method: delivery.mode === 'replace' ? 'PUT' : 'POST',
          headers: {
            'content-type': 'text/plain; version=0.0.4; charset=utf-8',
            ...(zipped ? { 'content-encoding': 'gzip' } : {}),
          },
          body,
        };
      }),
    remove: (group, context) =>
      deliverTo(group, context, async () => ({ method: 'DELETE', headers: {}, body: new Uint8Array() })),
  };
}

// Source: Pushgateway's README.
const GATEWAYS_OWN = new Set(['push_time_seconds', 'push_failure_time_seconds']);

/** @throws permanentFailure naming a family that the gateway writes itself. */
function checkFamilies(snapshot: Snapshot): void {
  const own = familiesOf(snapshot).find(({ metric }) => GATEWAYS_OWN.has(metric.name));
  if (own === undefined) return;
  throw permanentFailure(`${own.metric.name} is set by the Pushgateway itself; rename yours.`);
}

/** The request body, for all attempts: a copy of the encoder's pages, so that those are free for others. */
async function bodyOf(
  snapshot: Snapshot,
  gzip: boolean | undefined,
  signal: AbortSignal,
): Promise<{ readonly body: Uint8Array; readonly zipped: boolean }> {
  const pages: Uint8Array[] = [];
  let size = 0;
  for (const page of encode(snapshot, text)) {
    pages.push(Buffer.from(page.bytes.subarray(0, page.used)));
    size += page.used;
    releasePage(page);
  }
  if (!(gzip ?? size > LARGE)) return { body: pages.length === 1 ? pages[0]! : Buffer.concat(pages), zipped: false };
  const reader = {
    page: (index: number) => ({ bytes: pages[index]!, last: index === pages.length - 1, release() {} }),
    close() {},
  };
  return { body: Buffer.concat(await gzipPages(reader, 1, signal)), zipped: true };
}

/**
 * The path of a group. Values that a path can't hold (with a slash, empty, only dots, anything but plain characters) are
 * encoded as base64url.
 * Source: Pushgateway's README, "URL".
 */
export function groupPath(job: string, grouping: Grouping): string {
  return `/metrics${Object.entries({ job, ...grouping })
    .map(segment)
    .join('')}`;
}

function segment([label, value]: [string, string]): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(value)) return `/${label}/${value}`;
  return `/${label}@base64/${value === '' ? '=' : Buffer.from(value).toString('base64url')}`;
}
