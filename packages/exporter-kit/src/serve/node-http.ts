import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../collect/context.ts';
import { givePage, type Page } from '../encode/page.ts';
import { type Answer, type Asked, plain } from './answer.ts';
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
    log.error({ err, path: asked.path }, 'request failed');
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

async function send(made: Answer, headOnly: boolean, res: ServerResponse): Promise<void> {
  const { status, headers, body } = made;
  res.writeHead(status, headers);
  if (typeof body === 'string' || body instanceof Uint8Array) {
    res.end(headOnly ? undefined : body);
    return;
  }
  try {
    if (!headOnly) await sendPages(body, res);
  } finally {
    discard(body);
  }
  res.end();
}

async function sendPages(pages: Iterator<Page>, res: ServerResponse): Promise<void> {
  let sliceEnds = performance.now() + SLICE_MS;
  for (let next = pages.next(); !next.done; next = pages.next()) {
    const page = next.value;
    if (res.destroyed) {
      givePage(page);
      return;
    }
    // The socket reads from the page until it calls back.
    const more = res.write(page.bytes.subarray(0, page.used), () => givePage(page));
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

/** Gives back pages that won't be sent, and lets their maker end. */
function discard(pages: Iterator<Page>): void {
  if (pages.return !== undefined) pages.return();
  else for (let next = pages.next(); !next.done; next = pages.next()) givePage(next.value);
}
