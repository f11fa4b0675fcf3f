import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Chosen } from '../net/address.ts';
import { answers, type DnsAnswer, decodeAnswer, encodeQuestion, type Question } from './message.ts';

/** A connection to a name server. */
export interface Line {
  /** Sends a query and returns its answer. @throws Error if there is no answer. */
  ask(question: Question): Promise<DnsAnswer>;
  close(): void;
}

/** Over UDP. */
export async function byDatagrams(
  { address, family }: Chosen,
  port: number,
  signal: AbortSignal,
  localAddress?: string,
): Promise<Line> {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
  try {
    if (localAddress !== undefined) socket.bind({ address: localAddress });
    // A connected socket receives only the server's packets, and an error if its port is closed.
    socket.connect(port, address);
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.close();
    throw error;
  }
  return {
    async ask(question) {
      const { promise, resolve, reject } = withResolvers<Buffer>();
      signal.addEventListener('abort', () => reject(signal.reason));
      socket.on('error', reject);
      socket.on('message', (bytes) => {
        // Ignore answers to other queries and keep waiting.
        if (answers(question.id, bytes)) resolve(bytes);
      });
      socket.send(encodeQuestion(question));
      return decodeAnswer(await promise);
    },
    close: () => socket.close(),
  };
}

/** Over TCP or TLS. */
export function byConnection(socket: Socket, signal: AbortSignal): Line {
  return {
    async ask(question) {
      const { promise, resolve, reject } = withResolvers<Buffer>();
      let held = Buffer.alloc(0);
      signal.addEventListener('abort', () => reject(signal.reason));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed the connection without an answer')));
      socket.on('data', (part: Buffer) => {
        held = Buffer.concat([held, part]);
        // RFC 1035, 4.2.2: the length comes first, in two bytes.
        if (held.length < 2 || held.length < 2 + held.readUInt16BE(0)) return;
        const bytes = held.subarray(2, 2 + held.readUInt16BE(0));
        if (answers(question.id, bytes)) resolve(bytes);
        else reject(new Error('the reply does not answer the query'));
      });
      const message = encodeQuestion(question);
      socket.write(Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message]));
      return decodeAnswer(await promise);
    },
    close: () => void socket.destroy(),
  };
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
