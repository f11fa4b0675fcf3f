import type { Page } from '../encode/page.ts';

/** A request, as far as the kit looks at it. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Value of a header, several joined by commas as HTTP has it. */
  header(name: string): string | undefined;
  /** Aborts when the one who asked is gone. */
  readonly signal: AbortSignal;
}

/** An answer, independent of the server that sends it. */
export interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  /** Text, bytes, or pages that are made while they are sent; whoever takes a page gives it back. */
  readonly body: string | Uint8Array | Iterator<Page>;
}

/** A short plain-text answer. */
export function plain(status: number, body: string, headers: { readonly [name: string]: string } = {}): Answer {
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
