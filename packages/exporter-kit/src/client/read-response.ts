import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';

/** Status and headers of a response. */
export interface Head {
  /** `1.1` */
  readonly version: string;
  readonly status: number;
  /** Each header's values, by lower-case name. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

// For all heads of a response, including interim ones.
const MOST_BYTES = 2 ** 20;

// Source: RFC 9110, 5.6.2.
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * Reads the head of the final response; interim ones (100, 102, 103) are skipped, and 101 is final.
 *
 * Lenient like curl and Go: lines may end in LF, headers may be folded or long, and a header with an invalid name is
 * ignored.
 *
 * @throws Error if it is not HTTP, or too long, or the connection fails.
 */
export async function readHead(input: SocketReader): Promise<Head> {
  let left = MOST_BYTES;
  const counted = (text: string): string => {
    left -= text.length + 1;
    return text;
  };
  const line = (): string | Promise<string> => {
    const text = input.line(left);
    return typeof text === 'string' ? counted(text) : text.then(counted);
  };
  for (;;) {
    if (!(await input.begins('HTTP/'))) throw new Error('the response is not HTTP');
    const [, version, code] = /^HTTP\/(\d\.\d) +(\d{3})(?!\S)/.exec(await line()) ?? [];
    if (version === undefined) throw new Error('the response has no status line of HTTP/1');
    const headers = await readFields(line);
    const status = Number(code);
    if (status === 101 || status < 100 || status > 199) return { version, status, headers };
  }
}

async function readFields(line: () => string | Promise<string>): Promise<Head['headers']> {
  const fields: { readonly name: string; value: string }[] = [];
  for (let text = await line(); text !== ''; text = await line()) {
    const last = fields.at(-1);
    const colon = text.indexOf(':');
    if (/^[ \t]/.test(text) && last !== undefined) last.value += ` ${withoutBlanks(text)}`;
    else if (/^[ \t]/.test(text) || colon < 0) throw new Error('the response has a header line without a colon');
    else fields.push({ name: text.slice(0, colon).toLowerCase(), value: text.slice(colon + 1) });
  }
  const headers = new Map<string, string[]>();
  for (const { name, value } of fields) {
    if (!token.test(name)) continue;
    const values = headers.get(name) ?? [];
    headers.set(name, values);
    // Source: RFC 9110, 5.5.
    values.push(withoutBlanks(value.replace(/[\r\0]/g, ' ')));
  }
  return headers;
}

/** Not `trim()`, which would remove bytes of UTF-8 characters. */
function withoutBlanks(text: string): string {
  const blank = (at: number): boolean => text[at] === ' ' || text[at] === '\t';
  let [start, end] = [0, text.length];
  while (start < end && blank(start)) start++;
  while (start < end && blank(end - 1)) end--;
  return text.slice(start, end);
}

/** Reads the bytes of a connection; its errors reject the reads. */
export interface SocketReader {
  /** The next bytes, at most `most`; `undefined` at the end. */
  some(most: number): Promise<Buffer | undefined>;
  /**
   * The next line as Latin-1, without its LF or CRLF; at once if it has arrived.
   *
   * @throws Error if it is longer than `most`, or truncated.
   */
  line(most: number): string | Promise<string>;
  /** Whether these bytes come next; resolves at the first difference. */
  begins(text: string): Promise<boolean>;
  /** Stops reading, so that the socket can be used otherwise. @returns whether all bytes read were consumed. */
  release(): Promise<boolean>;
}

/** The error for a truncated response; its code marks it as a network failure. */
export function truncated(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

const tooLong = (): Error => new Error('the headers of the response are too long');

const LF = 10;

function withoutCr(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end--;
  return line.slice(0, end);
}

export function socketReader(socket: Readable): SocketReader {
  const parts = socket.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  let kept: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const { value, done } = await parts.next();
    if (done) return false;
    kept = kept.length === 0 ? value : Buffer.concat([kept, value]);
    return true;
  }

  /** A line that has begun to arrive. */
  async function restOf(most: number): Promise<string> {
    const pieces: Buffer[] = [];
    for (let size = 0; ; ) {
      const at = kept.indexOf(LF);
      const piece = kept.subarray(0, at < 0 ? kept.length : at);
      size += piece.length;
      if (size > most) throw tooLong();
      pieces.push(piece);
      kept = kept.subarray(at < 0 ? kept.length : at + 1);
      if (at >= 0) return withoutCr(Buffer.concat(pieces).toString('latin1'));
      if (!(await more())) throw truncated('the connection was closed before the response was complete');
    }
  }

  return {
    async some(most) {
      if (kept.length === 0 && !(await more())) return undefined;
      const taken = kept.subarray(0, most);
      kept = kept.subarray(taken.length);
      return taken;
    },
    line(most) {
      const at = kept.indexOf(LF);
      if (at < 0) return restOf(most);
      if (at > most) throw tooLong();
      const text = kept.toString('latin1', 0, at);
      kept = kept.subarray(at + 1);
      return withoutCr(text);
    },
    async begins(text) {
      while (kept.length < text.length && text.startsWith(kept.toString('latin1'))) {
        if (!(await more())) break;
      }
      if (kept.length === 0) throw truncated('the connection was closed without a response');
      return kept.toString('latin1', 0, text.length) === text;
    },
    async release() {
      await parts.return?.();
      return kept.length === 0;
    },
  };
}

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
