import type { Snapshot } from '../../collect/scrape/snapshot.ts';
import { type Body, bodyOf, type PageReader } from '../../encode/body.ts';
import { gzipPages } from '../../encode/gzip.ts';
import type { Format } from '../../encode/negotiate.ts';
import { unlessAborted } from '../../time/wait.ts';
import type { HttpResponse } from './http-message.ts';

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

interface Shared {
  readonly body: Body;
  /** `Infinity` if long. */
  length: number | undefined;
  zipped: Promise<Uint8Array[]> | undefined;
  /** Aborts when all clients have disconnected. */
  readonly left: AbortController;
  users: number;
}

/** Responds with snapshots; clients that share a snapshot share its body in each format, compressed or not. */
export function snapshotResponder({ gzipLevel = 1, gzipFrom = 4096 }: Compression) {
  const shared = new WeakMap<Snapshot, Map<Format['encoding'], Shared>>();

  function use(snapshot: Snapshot, { encoding }: Format): Shared {
    const bodies = shared.get(snapshot) ?? new Map<Format['encoding'], Shared>();
    shared.set(snapshot, bodies);
    const one = bodies.get(encoding) ?? {
      body: bodyOf(snapshot, encoding),
      length: undefined,
      zipped: undefined,
      left: new AbortController(),
      users: 0,
    };
    bodies.set(encoding, one);
    one.users++;
    return one;
  }

  function leave(snapshot: Snapshot, { encoding }: Format, one: Shared): void {
    if (--one.users === 0) {
      one.left.abort(NO_CLIENT_LEFT);
      shared.get(snapshot)?.delete(encoding);
    }
    snapshot.release();
  }

  function zip(reader: PageReader, { signal }: AbortController): Promise<Uint8Array[]> {
    const zipped = gzipPages(reader, gzipLevel, signal).finally(() => reader.close());
    // Nobody may be left to handle a rejection.
    zipped.catch(() => {});
    return zipped;
  }

  /** Takes over one hold of the snapshot. Throws the signal's reason if it aborts. */
  return async (snapshot: Snapshot, format: Format, wantsGzip: boolean, signal: AbortSignal): Promise<HttpResponse> => {
    const one = use(snapshot, format);
    const reader = one.body.reader();
    one.length ??= lengthOf(one.body);
    const { length } = one;
    const headers = { 'content-type': format.contentType, vary: 'Accept, Accept-Encoding' };
    if (!wantsGzip || gzipLevel === 0 || length < gzipFrom) {
      return {
        status: 200,
        headers: length === Infinity ? headers : { ...headers, 'content-length': String(length) },
        body: {
          page: (index) => reader.page(index),
          done() {
            reader.close();
            leave(snapshot, format, one);
          },
        },
      };
    }
    try {
      if (one.zipped === undefined) one.zipped = zip(reader, one.left);
      else reader.close();
      const body = await unlessAborted(one.zipped, signal);
      const size = body.reduce((sum, { length: bytes }) => sum + bytes, 0);
      return { status: 200, headers: { ...headers, 'content-encoding': 'gzip', 'content-length': String(size) }, body };
    } finally {
      leave(snapshot, format, one);
    }
  };
}

/** The length of a body, or `Infinity` if it is long. */
function lengthOf(body: Body): number {
  const reader = body.reader();
  let length = 0;
  for (let index = 0; index < WHOLE_PAGES; index++) {
    const { bytes, last, release } = reader.page(index);
    length += bytes.length;
    release();
    if (!last) continue;
    reader.close();
    return length;
  }
  reader.close();
  return Infinity;
}
