import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../collect/context.ts';
import { type Answer, type Asked, isPages, type Pages, plain } from './answer.ts';
import type { App } from './app.ts';

// The event loop gets its turn at least this often while a big answer is encoded.
const SLICE_MS = 2;

/** Makes an app a request listener for node:http and node:https. */
export function nodeHandler(app: App, log: Logger): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const gone = new AbortController();
    res.once('close', () => {
      if (!res.writableFinished) gone.abort(new Error('the scraper hung up'));
    });
    // A body is of no use here; to read it to its end would be work for the sender's sake.
    if (req.headers['transfer-encoding'] !== undefined || (req.headers['content-length'] ?? '0') !== '0') {
      res.shouldKeepAlive = false;
    }
    answer(app, askedOf(req, gone.signal), log)
      .then((made) => send(made, req.method === 'HEAD', res))
      .catch((err: unknown) => {
        log.error({ err }, 'request failed');
        res.destroy();
      });
  };
}

async function answer(app: App, asked: Asked, log: Logger): Promise<Answer> {
  try {
    return await app(asked);
  } catch (err) {
    if (asked.signal.aborted) log.debug({ path: asked.path }, 'the scraper hung up');
    else log.error({ err, path: asked.path }, 'request failed');
    return plain(500, 'internal error; the log says more\n');
  }
}

function askedOf(req: IncomingMessage, signal: AbortSignal): Asked {
  // The origin only completes the URL; whatever Host says is not looked at. An absolute-form target keeps its path.
  const target = req.url ?? '/';
  const url = URL.canParse(target, 'http://localhost')
    ? new URL(target, 'http://localhost')
    : new URL('http://localhost/-/');
  return {
    method: req.method ?? 'GET',
    path: target.startsWith('//') ? target : url.pathname,
    query: url.searchParams,
    header(name) {
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    signal,
  };
}

async function send({ status, headers, body }: Answer, headOnly: boolean, res: ServerResponse): Promise<void> {
  res.writeHead(status, headers);
  if (isPages(body)) {
    try {
      if (!headOnly) await sendPages(body, res);
    } finally {
      body.done();
    }
  } else if (!headOnly) {
    for (const part of typeof body === 'string' ? [body] : body) res.write(part);
  }
  if (!res.writableEnded) res.end();
}

async function sendPages(pages: Pages, res: ServerResponse): Promise<void> {
  let sliceEnds = performance.now() + SLICE_MS;
  for (let index = 0; !res.destroyed; index++) {
    const { bytes, last, give } = pages.page(index);
    // The socket reads from the page until it calls back.
    if (last) {
      res.end(bytes, give);
      return;
    }
    const more = res.write(bytes, give);
    if (!more) await drained(res);
    // On a fast socket `drain` comes in the same turn, so time is what decides.
    if (performance.now() > sliceEnds) {
      await setImmediate();
      sliceEnds = performance.now() + SLICE_MS;
    }
  }
}

/** Resolves when more may be written, or when nobody reads any more. */
async function drained(res: ServerResponse): Promise<void> {
  if (res.destroyed) return;
  const either = new AbortController();
  const { signal } = either;
  try {
    await Promise.race([once(res, 'drain', { signal }), once(res, 'close', { signal })]);
  } finally {
    either.abort();
  }
}
