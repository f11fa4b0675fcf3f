import type { Snapshot } from '../collect/snapshot.ts';
import { type Body, bodyOf } from '../encode/body.ts';
import { gzipPages } from '../encode/gzip.ts';
import type { Format } from '../encode/negotiate.ts';
import type { Answer } from './answer.ts';

/** How answers are compressed, for those who ask for it. */
export interface Compression {
  /** 1 (fast, the default) to 9 (small), or 0 for none. */
  readonly gzipLevel?: number;
  /** Bytes from which on it is worth it; default 4096. */
  readonly gzipFrom?: number;
}

// What is not longer is sent with its length.
const WHOLE_PAGES = 16;

interface Shared {
  readonly body: Body;
  zipped: Promise<Uint8Array[]> | undefined;
  users: number;
}

/** Renders snapshots; those who share a snapshot share its body in each format, zipped or not. */
export function renderer({ gzipLevel = 1, gzipFrom = 4096 }: Compression) {
  const shared = new WeakMap<Snapshot, Map<Format['encoding'], Shared>>();

  function use(snapshot: Snapshot, { encoding }: Format): Shared {
    const bodies = shared.get(snapshot) ?? new Map<Format['encoding'], Shared>();
    shared.set(snapshot, bodies);
    const one = bodies.get(encoding) ?? { body: bodyOf(snapshot, encoding), zipped: undefined, users: 0 };
    bodies.set(encoding, one);
    one.users++;
    return one;
  }

  function leave(snapshot: Snapshot, { encoding }: Format, one: Shared): void {
    if (--one.users === 0) {
      one.body.close();
      shared.get(snapshot)?.delete(encoding);
    }
    snapshot.release();
  }

  /** Answers with a snapshot; takes over one hold of it. */
  return async (snapshot: Snapshot, format: Format, wantsGzip: boolean): Promise<Answer> => {
    const one = use(snapshot, format);
    const headers = { 'content-type': format.contentType, vary: 'Accept, Accept-Encoding' };
    const length = lengthOf(one.body);
    if (!wantsGzip || gzipLevel === 0 || (length !== undefined && length < gzipFrom)) {
      return {
        status: 200,
        headers: length === undefined ? headers : { ...headers, 'content-length': String(length) },
        body: { page: (index) => one.body.page(index), done: () => leave(snapshot, format, one) },
      };
    }
    try {
      one.zipped ??= gzipPages((index) => one.body.page(index), gzipLevel);
      const body = await one.zipped;
      const size = body.reduce((sum, { length: bytes }) => sum + bytes, 0);
      return { status: 200, headers: { ...headers, 'content-encoding': 'gzip', 'content-length': String(size) }, body };
    } finally {
      leave(snapshot, format, one);
    }
  };
}

/** The length of a body that is not long. */
function lengthOf(body: Body): number | undefined {
  let length = 0;
  for (let index = 0; index < WHOLE_PAGES; index++) {
    const { bytes, last, give } = body.page(index);
    length += bytes.length;
    give();
    if (last) return length;
  }
  return undefined;
}
