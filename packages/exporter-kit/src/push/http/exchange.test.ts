import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { connectionTo } from './connection.ts';
import { endpointOf } from './endpoint.ts';
import { type Answer, exchange } from './exchange.ts';

/** What a push hears from a server that answers with these bytes, and then does something. */
async function heard(bytes: string, then: (socket: Socket) => void = () => {}, limitMs = 10_000): Promise<Answer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', () => socket.write(bytes, 'latin1', () => then(socket)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = await connectionTo(endpointOf('test', url, '', {}));
  const message = { method: 'PUT', headers: {}, body: new Uint8Array(1) } as const;
  return exchange(connection, message, limitMs, new AbortController().signal);
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

/** Writes for ever. */
function dripping(drop: string): (socket: Socket) => void {
  return (socket) => {
    const timer = setInterval(() => socket.write(drop), 10);
    socket.once('close', () => clearInterval(timer));
  };
}

it.each<[string, string, ((socket: Socket) => void)?]>([
  ['drips its body', CHUNKED, dripping('1\r\nx\r\n')],
  ['never sends its body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
  [
    'resets behind the head',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe',
    (socket) => void socket.resetAndDestroy(),
  ],
  ['sends a broken chunk', `${CHUNKED}no size\r\n`],
  ['hangs up in the body', `${CHUNKED}5\r\nhe`, (socket) => socket.end()],
  ['sends more than it says', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nhello'],
  ['ends its lines with LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['has a control character in a header', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: a\x01\r\n\r\n'],
  ['has a header of 64 kB', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ${'a'.repeat(65_536)}\r\n\r\n`],
])('a server that answers 200 and %s has taken it', async (_what, bytes, then) => {
  expect(await heard(bytes, then)).toMatchObject({ status: 200 });
});

it('quotes of an endless refusal what came in time', async () => {
  const answer = await heard('HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n', dripping('4\r\nbad \r\n'));
  expect(answer).toMatchObject({ status: 400, text: expect.stringMatching(/^bad bad/) });
});

it('decides by the status even when its time is up behind it', async () => {
  expect(await heard(CHUNKED, dripping('1\r\nx\r\n'), 300)).toMatchObject({ status: 200 });
});
