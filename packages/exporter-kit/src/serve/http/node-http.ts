import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { careful, type Logger } from '../../collect/context.ts';
import { slices } from '../../time/slices.ts';
import {
  type HttpRequest,
  type HttpResponse,
  isStreamed,
  type StreamedBody,
  streamedBody,
  textResponse,
} from '../answer/http-message.ts';
import { type App, respond } from '../app.ts';

/** How long readers are waited for. */
export interface SendOptions {
  /** For how long the reader of an answer may take nothing of it before he is cut; default 15 000. Node takes up to twice that. */
  readonly stallMs?: number;
}

type NodeRequest = IncomingMessage | Http2ServerRequest;
type NodeResponse = ServerResponse | Http2ServerResponse;

/** Makes an app a request listener for node:http and node:https, and for node:http2. */
export function nodeHandler(
  app: App,
  { log, stallMs = 15_000 }: SendOptions & { readonly log: Logger },
): (req: NodeRequest, res: NodeResponse) => void {
  return (req, res) => {
    const gone = hangUp(req, res);
    // A body is of no use here; to read it to its end would be work for the sender's sake.
    const encoding = req.headers['transfer-encoding'];
    if (encoding !== undefined || (req.headers['content-length'] ?? '0') !== '0') endAfter(res);
    const wrong = refusalOf(req);
    if (wrong !== undefined) {
      endAfter(res);
      // At once: the rest of such a request may be unreadable, and Node's answer to that would be another one.
      void send(wrong, req.method === 'HEAD', res, gone, stallMs);
      return;
    }
    respond(app, requestOf(req, gone), log)
      .then((response) => send(response, req.method === 'HEAD', res, gone, stallMs))
      .catch((err: unknown) => {
        careful(log).error({ err }, 'request failed');
        res.destroy();
      });
  };
}

const LONGEST_URL = 8 * 1024;

/** What no app is to see: what servers and proxies on the way may read in different ways, and what nobody asks. */
function refusalOf({ url = '', headers, rawHeaders }: NodeRequest): HttpResponse | undefined {
  if (url.length > LONGEST_URL) return textResponse(414, 'the URL is too long\n');
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1) return textResponse(400, 'there is more than one Host\n');
  const encoding = headers['transfer-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'chunked') return undefined;
  return textResponse(501, 'this transfer encoding is not known here\n');
}

/** Closes the connection after the answer; over HTTP/2, what is left of the request. */
function endAfter(res: NodeResponse): void {
  if ('stream' in res) res.once('finish', () => res.stream.close());
  else res.shouldKeepAlive = false;
}

/** Aborts when the connection closes before the answer is sent. */
function hangUp(req: NodeRequest, res: NodeResponse): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort(new Error('the scraper hung up'));
  if ('stream' in res) {
    const { stream } = res;
    // Node ends what was left of it, so that it seems finished.
    stream.once('close', () => (stream.aborted || stream.rstCode !== 0) && abort());
    return gone.signal;
  }
  res.once('close', () => {
    if (!res.writableFinished) abort();
  });
  // A response in line behind another one hears nothing of its connection.
  req.once('close', () => {
    if (req.socket.destroyed && !res.writableFinished) abort();
  });
  return gone.signal;
}

function requestOf(req: NodeRequest, signal: AbortSignal): HttpRequest {
  // The origin only completes the URL; whatever Host says is not looked at. An absolute-form target keeps its path.
  const target = req.url ?? '/';
  const url = URL.canParse(target, 'http://localhost')
    ? new URL(target, 'http://localhost')
    : new URL('http://localhost/-/');
  return {
    method: req.method ?? 'GET',
    path: target.startsWith('//') ? target : url.pathname,
    query: url.searchParams,
    from: req.socket.remoteAddress,
    header(name) {
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    signal,
  };
}

async function send(
  { status, headers, body }: HttpResponse,
  headOnly: boolean,
  res: NodeResponse,
  gone: AbortSignal,
  stallMs: number,
): Promise<void> {
  res.writeHead(status, headers);
  if (typeof body === 'string') {
    res.end(headOnly ? '' : body);
    return;
  }
  const pages = isStreamed(body) ? body : streamedBody(body);
  try {
    if (headOnly) res.end();
    else await sendBody(pages, res, gone, stallMs);
  } finally {
    pages.done();
  }
}

async function sendBody(pages: StreamedBody, res: NodeResponse, gone: AbortSignal, stallMs: number): Promise<void> {
  const turn = slices();
  let watched = false;
  for (let index = 0; !gone.aborted && !res.destroyed; index++) {
    const { bytes, last, give } = pages.page(index);
    // The socket reads from the page until it calls back.
    if (last) {
      res.end(bytes, give);
      if (!watched && res.writableLength > 0) watch(res, stallMs);
      return;
    }
    // HTTP/2's takes the same.
    if (!(res as ServerResponse).write(bytes, give)) {
      if (!watched) watch(res, stallMs);
      watched = true;
      // An error is a hang-up too, and `close` follows.
      await once(res, 'drain', { signal: gone }).catch(() => {});
    }
    await turn();
  }
}

/** Ends the connection when nothing of the answer moves for so long. */
function watch(res: NodeResponse, stallMs: number): void {
  if ('stream' in res) {
    res.stream.setTimeout(stallMs, () => res.stream.close());
    return;
  }
  const { socket } = res;
  if (socket === null) {
    // In line behind another answer.
    res.once('socket', () => watch(res, stallMs));
    return;
  }
  const before = socket.timeout ?? 0;
  socket.setTimeout(stallMs);
  // Before Node's own listener, which sets the time until the next request.
  res.prependOnceListener('finish', () => socket.setTimeout(before));
}
