import { Buffer } from 'node:buffer';
import type { Client } from '../../collect/scrape/rounds.ts';
import type { Snapshot } from '../../collect/scrape/snapshot.ts';
import { type Body, bodyOf, type PageReader, type SharedPage } from '../../encode/body.ts';
import type { Encoding, PageEncoding } from '../../encode/encode.ts';
import { gzipPages } from '../../encode/gzip.ts';
import type { Format, LazyEncoding } from '../../encode/negotiate.ts';
import { unlessAborted } from '../../time/wait.ts';

/** A request, independent of the server that received it. */
export interface HttpRequest extends Client {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Default `http`. */
  readonly scheme?: 'http' | 'https';
  /** The client's address, where the server knows it. */
  readonly from?: string | undefined;
  /** A header's value; several are joined by commas. */
  header(name: string): string | undefined;
}

/** A response, independent of the server that sends it. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | readonly Uint8Array[] | StreamedBody;
}

/** A body that is encoded while it is sent. */
export interface StreamedBody {
  /** Pages in order, from 0; the reader releases each of them. */
  page(index: number): SharedPage;
  /** Call once, when everything is sent or the client is gone. */
  done(): void;
}

export function isStreamed(body: HttpResponse['body']): body is StreamedBody {
  return typeof body === 'object' && 'page' in body;
}

/** Complete bytes, in the form of a streamed body. */
export function streamedBody(parts: readonly Uint8Array[]): StreamedBody {
  return {
    page: (index) => ({ bytes: parts[index]!, last: index === parts.length - 1, release() {} }),
    done() {},
  };
}

/** A short plain-text response. */
export function textResponse(
  status: number,
  body: string,
  headers: { readonly [name: string]: string } = {},
): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body,
  };
}

/** How long a scrape may take. */
export interface ScrapeTimeouts {
  /** Subtracted from the scraper's timeout, for encoding and the network; default 500. */
  readonly timeoutOffsetMs?: number;
  /** Timeout when the scraper sends none; default 10 000. */
  readonly defaultTimeoutMs?: number;
  /** Upper bound for any scraper's timeout; default 120 000. */
  readonly maxTimeoutMs?: number;
}

/**
 * When the collectors must be done, on the clock of `performance.now()`: the scraper's timeout
 * (`X-Prometheus-Scrape-Timeout-Seconds`) less the offset, but at least half of it. A header that is not a positive number
 * is ignored.
 */
export function deadlineOf(header: string | undefined, now: number, timeouts: ScrapeTimeouts = {}): number {
  const { timeoutOffsetMs = 500, defaultTimeoutMs = 10_000, maxTimeoutMs = 120_000 } = timeouts;
  const seconds = header === undefined || header.trim() === '' ? Number.NaN : Number(header);
  if (!(seconds > 0 && seconds < Infinity)) return now + defaultTimeoutMs;
  const timeoutMs = seconds * 1000;
  return now + Math.min(maxTimeoutMs, Math.max(timeoutMs - timeoutOffsetMs, timeoutMs / 2));
}

/** How responses are compressed, for clients that accept gzip. */
export interface Compression {
  /** 1 (fast, the default) to 9 (small), or 0 for none. */
  readonly gzipLevel?: number;
  /** Smallest body to compress, in bytes; default 4096. */
  readonly gzipFrom?: number;
}

// Bodies up to this size are sent with a Content-Length.
const WHOLE_PAGES = 16;

// Without a reason, each abort would create an error with its stack.
const NO_CLIENT_LEFT = new Error('all clients have disconnected');

type Loaded = Encoding | PageEncoding;

interface Shared {
  readonly body: Body;
  /** `Infinity` if long. */
  length: number | undefined;
  zipped: Promise<Uint8Array[]> | undefined;
  /** Until `zipped` is there; aborts when all clients have disconnected. */
  left: AbortController | undefined;
  users: number;
}

/** Responds with snapshots; clients that share a snapshot share its body in each format, compressed or not. */
export function snapshotResponder({ gzipLevel = 1, gzipFrom = 4096 }: Compression) {
  const shared = new WeakMap<Snapshot, Map<Loaded, Shared>>();

  function use(snapshot: Snapshot, encoding: Loaded): Shared {
    const bodies = shared.get(snapshot) ?? new Map<Loaded, Shared>();
    shared.set(snapshot, bodies);
    const one = bodies.get(encoding) ?? {
      body: bodyOf(snapshot, encoding),
      length: undefined,
      zipped: undefined,
      left: undefined,
      users: 0,
    };
    bodies.set(encoding, one);
    one.users++;
    return one;
  }

  function leave(snapshot: Snapshot, encoding: Loaded, one: Shared): void {
    if (--one.users === 0) {
      one.left?.abort(NO_CLIENT_LEFT);
      shared.get(snapshot)?.delete(encoding);
    }
    snapshot.release();
  }

  function zip(reader: PageReader, left: AbortController): Promise<Uint8Array[]> {
    const zipped = gzipPages(reader, gzipLevel, left.signal).finally(() => reader.close());
    // Nobody may be left to handle a rejection.
    zipped.catch(() => {});
    return zipped;
  }

  async function zipped(
    snapshot: Snapshot,
    encoding: Loaded,
    one: Shared,
    reader: PageReader,
    headers: HttpResponse['headers'],
    client: Client,
  ): Promise<HttpResponse> {
    try {
      if (one.zipped !== undefined) reader.close();
      else {
        one.left = new AbortController();
        one.zipped = zip(reader, one.left);
      }
      const body = await unlessAborted(one.zipped, client.signal);
      one.left = undefined;
      const size = body.reduce((sum, { length: bytes }) => sum + bytes, 0);
      return { status: 200, headers: { ...headers, 'content-encoding': 'gzip', 'content-length': String(size) }, body };
    } finally {
      leave(snapshot, encoding, one);
    }
  }

  function respond(
    snapshot: Snapshot,
    encoding: Loaded,
    contentType: string,
    wantsGzip: boolean,
    client: Client,
  ): HttpResponse | Promise<HttpResponse> {
    const one = use(snapshot, encoding);
    const reader = one.body.reader();
    one.length ??= lengthOf(one.body);
    const { length } = one;
    const headers = { 'content-type': contentType, vary: 'Accept, Accept-Encoding' };
    if (!wantsGzip || gzipLevel === 0 || length < gzipFrom) {
      return {
        status: 200,
        headers: length === Infinity ? headers : { ...headers, 'content-length': String(length) },
        body: {
          page: (index) => reader.page(index),
          done() {
            reader.close();
            leave(snapshot, encoding, one);
          },
        },
      };
    }
    return zipped(snapshot, encoding, one, reader, headers, client);
  }

  /** Takes over one hold of the snapshot. Rejects with the reason of the client's signal if it disconnects. */
  return (
    snapshot: Snapshot,
    { encoding, contentType }: Format,
    wantsGzip: boolean,
    client: Client,
  ): HttpResponse | Promise<HttpResponse> =>
    'load' in encoding
      ? loaded(snapshot, encoding).then((one) => respond(snapshot, one, contentType, wantsGzip, client))
      : respond(snapshot, encoding, contentType, wantsGzip, client);
}

/** If the encoding can't be loaded, the snapshot is released. */
async function loaded(snapshot: Snapshot, encoding: LazyEncoding): Promise<Loaded> {
  try {
    return await encoding.load();
  } catch (error) {
    snapshot.release();
    throw error;
  }
}

/** The length of a body, or `Infinity` if it is long. */
function lengthOf(body: Body): number {
  const reader = body.reader();
  let length = 0;
  for (let index = 0; index < WHOLE_PAGES; index++) {
    const { bytes, last, release } = reader.page(index);
    length += bytes.length;
    release();
    // Much is to be done before the next page.
    if (bytes.length === 0 && !last) break;
    if (!last) continue;
    reader.close();
    return length;
  }
  reader.close();
  return Infinity;
}
