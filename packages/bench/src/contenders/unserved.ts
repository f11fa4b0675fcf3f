import { execFileSync } from 'node:child_process';
import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { makeSource, type Source } from '../data/source.ts';

/**
 * Answers requests without a network, under valgrind, which counts the instructions of the last ones.
 * Arguments: COUNT series, the number of scrapes BEFORE counting begins, and the number of scrapes to count.
 */
export async function answerUnserved(listenerOf: (source: Source) => RequestListener): Promise<void> {
  // Under valgrind a scrape takes thirty times as long, and would pause as only large ones do.
  const begin = performance.now();
  performance.now = () => begin;
  const [count, before, scrapes] = process.argv.slice(2).map(Number) as [number, number, number];
  const source = makeSource('mixed', count);
  const listener = listenerOf(source);
  for (let n = 0; n < before + scrapes; n++) {
    if (n === before) counting('on');
    source.turn(n);
    await answered(listener);
  }
  counting('off');
  process.exit();
}

function answered(listener: RequestListener): Promise<void> {
  return new Promise((resolve) => {
    const sink = new Duplex({
      highWaterMark: 2 ** 30, // never full: nothing here emits `drain`
      read() {},
      write: (_chunk, _encoding, done) => done(),
      writev: (_chunks, done) => done(),
    });
    // Stands in for a socket: a stream, with a timeout that never ends.
    const socket = Object.assign(sink, { setTimeout: () => sink }) as unknown as Socket;
    const req = Object.assign(new IncomingMessage(socket), { method: 'GET', url: '/metrics' });
    const res = new ServerResponse(req);
    res.assignSocket(socket);
    res.once('finish', resolve);
    void listener(req, res);
  });
}

function counting(on: 'on' | 'off'): void {
  execFileSync('callgrind_control', ['-i', on, String(process.pid)], { stdio: 'ignore' });
}
