import type { Buffer } from 'node:buffer';
import type { Head } from './head.ts';
import { type SocketReader, truncated } from './socket-reader.ts';

/** Where a body ends: after a number of bytes, with the last chunk, or with the connection. */
export type Framing = number | 'chunked' | 'close';

/**
 * The framing of a response body. Source: RFC 9112, 6.3.
 *
 * @throws Error if the headers contradict each other.
 */
export function responseFraming({ status, headers }: Head, method: string): Framing {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 0;
  if (method === 'CONNECT' && status < 300) return 0;
  const codings = listed(headers, 'transfer-encoding').filter((coding) => coding !== 'identity');
  const other = codings.find((coding) => coding !== 'chunked');
  if (other !== undefined) throw new Error('the response has a transfer encoding other than chunked');
  if (codings.length > 0) return 'chunked';
  const [length, ...others] = new Set(listed(headers, 'content-length'));
  if (length === undefined) return 'close';
  if (others.length === 0 && /^\d{1,15}$/.test(length)) return Number(length);
  throw new Error('the response has no valid Content-Length');
}

function listed(headers: Head['headers'], name: string): string[] {
  const values = (headers.get(name) ?? []).flatMap((value) => value.split(','));
  return values.map((value) => value.trim().toLowerCase()).filter(Boolean);
}

// A chunk's size line with extensions; Go's limit.
const LONGEST_SIZE = 4096;
const MOST_TRAILERS = 65_536;

/**
 * Streams a body.
 *
 * @throws Error if it is truncated, or a chunk is malformed.
 */
export async function* readFramed(input: SocketReader, framing: Framing): AsyncGenerator<Buffer, void> {
  if (framing === 'close') {
    for (let part = await input.some(Infinity); part !== undefined; part = await input.some(Infinity)) yield part;
    return;
  }
  if (framing !== 'chunked') {
    yield* exactly(input, framing);
    return;
  }
  for (let size = sizeOf(await input.line(LONGEST_SIZE)); size > 0; size = sizeOf(await input.line(LONGEST_SIZE))) {
    yield* exactly(input, size);
    if ((await input.line(LONGEST_SIZE)) !== '')
      throw new Error('the response has a chunk longer than its stated size');
  }
  for (let left = MOST_TRAILERS, line = ' '; line !== ''; left -= line.length + 1) line = await input.line(left);
}

async function* exactly(input: SocketReader, size: number): AsyncGenerator<Buffer, void> {
  for (let left = size; left > 0; ) {
    const part = await input.some(left);
    if (part === undefined) throw truncated('the connection was closed before the response was complete');
    left -= part.length;
    yield part;
  }
}

function sizeOf(line: string): number {
  const [, digits] = /^0*([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line) ?? [];
  if (digits === undefined) throw new Error('the response has a chunk without a size');
  return Number.parseInt(digits, 16);
}
