import type { Logger } from '../../collect/context.ts';
import { slices } from '../../time/wait.ts';
import {
  type HttpRequest,
  type HttpResponse,
  isStreamed,
  type StreamedBody,
  streamedBody,
} from '../answer/http-message.ts';
import { type App, respond } from '../app.ts';

/** An app as a handler of web-standard requests. */
export function webStandardHandler(app: App, log: Logger): (request: Request) => Promise<Response> {
  return async (request) => responseOf(await respond(app, requestOf(request), log), request);
}

function requestOf({ method, url, headers, signal }: Request): HttpRequest {
  const { pathname, searchParams, protocol } = new URL(url);
  const header = (name: string): string | undefined => headers.get(name) ?? undefined;
  return {
    method,
    path: pathname,
    query: searchParams,
    scheme: protocol === 'https:' ? 'https' : 'http',
    header,
    signal,
    get isGone() {
      return signal.aborted;
    },
  };
}

function responseOf({ status, headers, body }: HttpResponse, { method, signal }: Request): Response {
  if (method === 'HEAD' || body === '') {
    if (isStreamed(body)) body.done();
    return new Response(null, { status, headers });
  }
  const content = typeof body === 'string' ? body : streamOf(isStreamed(body) ? body : streamedBody(body), signal);
  return new Response(content, { status, headers });
}

/** Pages are encoded as they are read, and copied: readers of a web stream may keep its chunks. */
function streamOf(pages: StreamedBody, signal: AbortSignal): ReadableStream<Uint8Array> {
  const turn = slices();
  let index = 0;
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    signal.removeEventListener('abort', end);
    pages.done();
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await turn();
        signal.throwIfAborted();
        if (over) return;
        try {
          let { bytes, last, release } = pages.page(index++);
          for (; bytes.length === 0 && !last; { bytes, last, release } = pages.page(index++)) {
            release();
            await turn();
            if (over) return;
          }
          controller.enqueue(new Uint8Array(bytes));
          release();
          if (last) {
            end();
            controller.close();
          }
        } catch (error) {
          end();
          throw error;
        }
      },
      cancel: end,
    },
    // Encode nothing ahead of the reader.
    { highWaterMark: 0 },
  );
}
