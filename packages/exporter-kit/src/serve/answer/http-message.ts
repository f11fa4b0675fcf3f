import { Buffer } from 'node:buffer';
import type { SharedPage } from '../../encode/body.ts';

/** A request, independent of the server that received it. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The client's address, where the server knows it. */
  readonly from?: string | undefined;
  /** A header's value; several are joined by commas. */
  header(name: string): string | undefined;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
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
