import type { SocketReader } from './socket-reader.ts';

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
  async function line(): Promise<string> {
    const text = await input.line(left);
    left -= text.length + 1;
    return text;
  }
  for (;;) {
    if (!(await input.begins('HTTP/'))) throw new Error('the response is not HTTP');
    const [, version, code] = /^HTTP\/(\d\.\d) +(\d{3})(?!\S)/.exec(await line()) ?? [];
    if (version === undefined) throw new Error('the response has no status line of HTTP/1');
    const headers = await readFields(line);
    const status = Number(code);
    if (status === 101 || status < 100 || status > 199) return { version, status, headers };
  }
}

async function readFields(line: () => Promise<string>): Promise<Head['headers']> {
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
