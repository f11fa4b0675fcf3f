import { execFileSync } from 'node:child_process';
import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { makeSource, type Source } from '../data/source.ts';

/**
 * Has a listener answer requests that came over no network, under valgrind, which counts the instructions of the last.
 * Started with COUNT series, the number of scrapes BEFORE it counts, and that of those counted.
 */
export async function answerUnserved(listenerOf: (source: Source) => RequestListener): Promise<void> {
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

function counting(on: 'on' | 'off'): void {
  execFileSync('callgrind_control', ['-i', on, String(process.pid)], { stdio: 'ignore' });
}
