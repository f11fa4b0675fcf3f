import { Buffer } from 'node:buffer';
import type { SharedPage } from '../../encode/body.ts';

/** A request, as far as the kit looks at it. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The address of the one who asks, where the server tells it. */
  readonly from?: string | undefined;
  /** Value of a header, several joined by commas as HTTP has it. */
  header(name: string): string | undefined;
  /** Aborts when the one who asked is gone. */
  readonly signal: AbortSignal;
}

/** A body that is made while it is sent. */
export interface Pages {
  /** Pages from 0 on, one after the other; whoever takes one gives it back. */
  page(index: number): SharedPage;
  /** All is sent, or nobody reads any more. To be called once. */
  done(): void;
}

/** An answer, independent of the server that sends it. */
export interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | readonly Uint8Array[] | Pages;
}

/** Whether a body is made while it is sent. */
export function isPages(body: Answer['body']): body is Pages {
  return typeof body === 'object' && 'page' in body;
}

/** A body that is there already, page by page. */
export function pagesOf(parts: readonly Uint8Array[]): Pages {
  return {
    page: (index) => ({ bytes: parts[index]!, last: index === parts.length - 1, give() {} }),
    done() {},
  };
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
