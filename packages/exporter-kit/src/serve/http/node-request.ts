import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { HttpRequest } from '../answer/http-message.ts';

export type NodeRequest = IncomingMessage | Http2ServerRequest;
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** A request that a server of Node has received. What most scrapes have no use for is made when it is first read. */
export class ReceivedRequest implements HttpRequest {
  readonly path: string;
  readonly #url: URL | undefined;
  readonly #req: NodeRequest;
  readonly #res: NodeResponse;
  #leaving: AbortController | undefined;

  constructor(req: NodeRequest, res: NodeResponse) {
    this.#req = req;
    this.#res = res;
    const target = req.url ?? '/';
    if (isPlainPath.test(target)) {
      this.path = target;
      return;
    }
    // The origin only completes the URL; the Host header is ignored. An absolute-form target keeps its path.
    this.#url = URL.canParse(target, ORIGIN) ? new URL(target, ORIGIN) : new URL('/-/', ORIGIN);
    this.path = target.startsWith('//') ? target : this.#url.pathname;
  }

  get method(): string {
    return this.#req.method ?? 'GET';
  }

  get query(): URLSearchParams {
    return this.#url?.searchParams ?? NO_QUERY;
  }

  get scheme(): 'http' | 'https' {
    return 'encrypted' in this.#req.socket ? 'https' : 'http';
  }

  get from(): string | undefined {
    return this.#req.socket.remoteAddress;
  }

  header(name: string): string | undefined {
    const value = this.#req.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  get isGone(): boolean {
    return this.#leaving?.signal.aborted ?? hasLeft(this.#req, this.#res);
  }

  get signal(): AbortSignal {
    this.#leaving ??= hangUp(this.#req, this.#res);
    return this.#leaving.signal;
  }
}

const ORIGIN = 'http://localhost';
// What `URL` would not change. One test takes less than a tenth of parsing.
const isPlainPath = /^(?:\/[\w-]+)+$/;
// Never written to.
const NO_QUERY = new URLSearchParams();

/** Whether the connection has closed before the response was sent. */
function hasLeft(req: NodeRequest, res: NodeResponse): boolean {
  if ('stream' in res) {
    const { stream } = res;
    // Node ends the response of a reset stream, so that it looks finished.
    return stream.closed && (stream.aborted || stream.rstCode !== 0);
  }
  // A pipelined response that waits for its turn is not told.
  return !res.writableFinished && (res.destroyed || req.socket.destroyed);
}

/** Aborts if the connection closes before the response is sent. */
function hangUp(req: NodeRequest, res: NodeResponse): AbortController {
  const leaving = new AbortController();
  const look = (): void => {
    if (hasLeft(req, res)) leaving.abort(new Error('client disconnected'));
  };
  whenClosed(req, res, look);
  look();
  return leaving;
}

/** Calls back once the response is over or its connection is closed, possibly twice. */
export function whenClosed(req: NodeRequest, res: NodeResponse, closed: () => void): void {
  if ('stream' in res) res.stream.once('close', closed);
  else {
    res.once('close', closed);
    req.once('close', closed);
  }
}
