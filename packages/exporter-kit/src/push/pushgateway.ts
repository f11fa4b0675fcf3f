import { Buffer } from 'node:buffer';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { messageOf } from '../collect/runner.ts';
import { encodeToString } from '../encode/encode.ts';
import { text } from '../encode/text.ts';
import type { Delivery, Grouping, Sink } from './sink.ts';

/** How a Pushgateway is reached. */
export interface PushgatewayOptions {
  /** Basic auth; also taken from the URL. */
  readonly username?: string;
  readonly password?: string;
  /** From the first byte sent to the last one read; default 10 000. */
  readonly timeoutMs?: number;
}

/**
 * Delivers to a Pushgateway: `replace` is a PUT, `add` a POST.
 *
 * @example
 * await runJob(backup, { grouping: { instance: 'db1' }, to: [pushgateway('http://127.0.0.1:9091')] });
 * @throws TypeError for a URL that is none; its `deliver` rejects with the gateway's own words.
 */
export function pushgateway(url: string, options: PushgatewayOptions = {}): Sink {
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url)) {
    throw new TypeError(
      `pushgateway: ${JSON.stringify(withoutSecrets(url))} is not an http(s) URL; write http://host:9091.`,
    );
  }
  const base = new URL(url);
  const username = options.username ?? decodeURIComponent(base.username);
  const password = options.password ?? decodeURIComponent(base.password);
  const { timeoutMs = 10_000 } = options;
  const name = `pushgateway ${base.origin}${base.pathname.replace(/\/$/, '')}`;
  return {
    name,
    async deliver(delivery) {
      const body = Buffer.from(encodeToString(delivery.snapshot, text));
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const send = base.protocol === 'https:' ? (await import('node:https')).request : httpRequest;
        const answer = await exchange(
          send,
          base,
          delivery,
          body,
          signal,
          username === '' ? undefined : `${username}:${password}`,
        );
        judge(answer);
      } catch (cause) {
        const why = signal.aborted ? `no whole answer within ${timeoutMs / 1000} s` : messageOf(cause) || codeOf(cause);
        throw new Error(`${name}: ${why}`, { cause });
      }
    },
  };
}

/**
 * The path of a group. Values that a path can't hold as they are (a slash, nothing, dots alone, anything but plain
 * characters) are written as base64url, which the gateway reads back.
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

interface Received {
  readonly status: number;
  readonly type: string;
  readonly location: string | undefined;
  /** The first few hundred bytes. */
  readonly text: string;
}

const KEPT = 500;

function exchange(
  send: typeof httpRequest,
  base: URL,
  { job, grouping, mode }: Delivery,
  body: Buffer,
  signal: AbortSignal,
  auth: string | undefined,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const req = send(
      {
        hostname: base.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: base.port,
        path: base.pathname.replace(/\/$/, '') + groupPath(job, grouping),
        method: mode === 'replace' ? 'PUT' : 'POST',
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'content-length': body.length },
        signal,
        ...(auth === undefined ? {} : { auth }),
      },
      (res) => receive(res).then(resolve, reject),
    );
    req.once('error', reject);
    req.end(body);
  });
}

async function receive(res: IncomingMessage): Promise<Received> {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of res as AsyncIterable<Buffer>) {
    if (size < KEPT) kept.push(chunk);
    size += chunk.length;
  }
  return {
    status: res.statusCode ?? 0,
    type: res.headers['content-type'] ?? '',
    location: res.headers.location,
    text: Buffer.concat(kept).toString('utf8').slice(0, KEPT).trim(),
  };
}

function judge({ status, type, location, text: said }: Received): void {
  if (status === 200 || status === 202) {
    if (!type.startsWith('text/html')) return;
    throw new Error('answered with a web page, so something else than a Pushgateway is there; check the URL.');
  }
  if (status >= 300 && status < 400) throw new Error(`redirects to ${location}; push to the right URL yourself.`);
  throw new Error(`answered ${status}${said === '' ? '' : `: ${said}`}`);
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'failed';

const withoutSecrets = (url: string): string => url.replace(/\/\/[^/@]*@/, '//');
