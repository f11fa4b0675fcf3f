import {
  constants,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { limits } from './node-http.ts';

/** Called for each request of an HTTP/2 connection. */
export interface Http2Watcher {
  requestBegan(): void;
  requestEnded(): void;
}

/** Serves HTTP/2 on connections it is given. */
export interface Http2 {
  serve(connection: Duplex, watcher: Http2Watcher): void;
  /** Sends GOAWAY to all clients; connections close after their requests in progress. */
  close(): void;
}

const MOST_STREAMS = 100;
// How many more requests a client may reset than complete. Source: CVE-2023-44487.
const MOST_RESETS = 100;

/** An HTTP/2 server that does not listen. */
export function http2(handle: (req: Http2ServerRequest, res: Http2ServerResponse) => void): Http2 {
  const server = createServer(
    {
      settings: { enablePush: false, maxConcurrentStreams: MOST_STREAMS, maxHeaderListSize: limits.maxHeaderSize },
      maxSessionInvalidFrames: 100,
      maxSessionRejectedStreams: 100,
    },
    handle,
  );
  const sessions = new Set<ServerHttp2Session>();
  let latest: { readonly connection: Duplex; readonly watcher: Http2Watcher } | undefined;
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    watch(session, latest!.connection, latest!.watcher);
  });
  // A broken session only affects its client.
  server.on('sessionError', () => {});
  return {
    serve(connection, watcher) {
      // The session is created within this call.
      latest = { connection, watcher };
      server.emit('connection', connection);
      latest = undefined;
    },
    close() {
      for (const session of sessions) session.close();
    },
  };
}

function watch(session: ServerHttp2Session, connection: Duplex, { requestBegan, requestEnded }: Http2Watcher): void {
  let open = 0;
  let resets = 0;
  const quiet = (forMs: number): void => {
    timer = setTimeout(() => session.destroy(), forMs);
  };
  let timer: NodeJS.Timeout | undefined;
  quiet(limits.headersTimeout);
  session.once('close', () => clearTimeout(timer));
  session.on('stream', (stream) => {
    requestBegan();
    open++;
    clearTimeout(timer);
    // The request must be complete by then, as in HTTP/1.
    const late = setTimeout(
      () => stream.readableEnded || stream.close(constants.NGHTTP2_CANCEL),
      limits.requestTimeout,
    );
    stream.once('close', () => {
      clearTimeout(late);
      requestEnded();
      resets += stream.rstCode === constants.NGHTTP2_NO_ERROR ? -1 : 1;
      resets = Math.max(0, resets);
      if (resets > MOST_RESETS) connection.destroy();
      if (--open === 0 && !session.destroyed) quiet(limits.keepAliveTimeout);
    });
  });
}
