import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { HttpConfig } from './config.ts';

const decoders = { gzip: createGunzip, br: createBrotliDecompress, deflate: createInflate } as const;

// Of a body to search, as it is kept in memory.
const MOST_SEARCHED = 16 * 2 ** 20;

/** A body, read to its end or to a failure. */
export interface ReadBody {
  /** Decompressed, in bytes. */
  readonly length: number;
  /** `undefined` unless it was to be kept. */
  readonly text: string | undefined;
  /** Why the rest was not read. */
  readonly failure: string | undefined;
}

/** Reads and decompresses a body; `keep` returns its text, to search it. Never rejects. */
export async function readBody(
  source: Readable,
  { compression, body_size_limit: limit }: Pick<HttpConfig, 'compression' | 'body_size_limit'>,
  keep: boolean,
): Promise<ReadBody> {
  const body = compression === '' || compression === 'identity' ? source : decoded(source, decoders[compression]());
  const parts: Buffer[] = [];
  let length = 0;
  const failed = (failure: string): ReadBody => ({ length, text: undefined, failure });
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      length += part.length;
      if (limit > 0 && length > limit) {
        length = limit;
        return failed(`the body is longer than ${limit} bytes`);
      }
      if (!keep) continue;
      if (length > MOST_SEARCHED) return failed(`the body is longer than ${MOST_SEARCHED} bytes, too long to search`);
      parts.push(part);
    }
  } catch (error) {
    return failed(`cannot read the body: ${(error as Error).message}`);
  } finally {
    source.destroy();
  }
  return { length, text: keep ? Buffer.concat(parts).toString() : undefined, failure: undefined };
}

function decoded<D extends NodeJS.WritableStream & Readable>(source: Readable, decoder: D): D {
  source.on('error', (error) => decoder.destroy(error));
  return source.pipe(decoder);
}
