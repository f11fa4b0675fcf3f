import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { makeSource, type Source } from '../data/source.ts';

/**
 * Has a listener answer requests that came over no network, for counting instructions. Started with COUNT series and the
 * number of SCRAPES.
 */
export async function answerUnserved(listenerOf: (source: Source) => RequestListener): Promise<void> {
  const [count, scrapes] = process.argv.slice(2).map(Number) as [number, number];
  const source = makeSource('mixed', count);
  const listener = listenerOf(source);
  for (let n = 0; n < scrapes; n++) {
    source.turn(n);
    await answered(listener);
  }
  process.exit();
}

function answered(listener: RequestListener): Promise<void> {
  return new Promise((resolve) => {
    const sink = new Duplex({
      highWaterMark: 2 ** 30, // never full: nobody here would say that it has drained
      read() {},
      write: (_chunk, _encoding, done) => done(),
      writev: (_chunks, done) => done(),
    });
    // Of a socket, nothing but its being a stream is needed, and a time limit that never ends.
    const socket = Object.assign(sink, { setTimeout: () => sink }) as unknown as Socket;
    const req = Object.assign(new IncomingMessage(socket), { method: 'GET', url: '/metrics' });
    const res = new ServerResponse(req);
    res.assignSocket(socket);
    res.once('finish', resolve);
    void listener(req, res);
  });
}
