import type { IncomingMessage, ServerResponse } from 'node:http';

// One write makes the system of a client that is gone say so, the next one hears of it.
const PROBES_MS = [250, 500] as const;

/**
 * Finds out whether a client that has closed its side of the connection is gone, or only done with asking, as `nc -N` is.
 * Both look the same until something is written, so an answer that takes its time is preceded by `102 Processing`, which
 * clients of HTTP/1.1 pass over. Of HTTP/1.0, which knows no such answer, the scrape goes on until its deadline.
 */
export function watchHalfClosed(req: IncomingMessage, res: ServerResponse): void {
  const { socket } = req;
  const timers: NodeJS.Timeout[] = [];
  const ended = (): void => {
    if (req.httpVersion === '1.0') return;
    for (const ms of PROBES_MS) {
      timers.push(setTimeout(() => res.headersSent || res.destroyed || res.writeProcessing(), ms));
    }
  };
  if (socket.readableEnded) ended();
  else socket.once('end', ended);
  res.once('close', () => {
    socket.off('end', ended);
    for (const timer of timers) clearTimeout(timer);
  });
}
