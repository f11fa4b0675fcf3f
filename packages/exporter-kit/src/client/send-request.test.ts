import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendRequest } from './send-request.ts';

/** A connection to a server that answers each request with these bytes, as Latin-1, and then does something. */
async function talkingTo(bytes: string, then: (socket: Socket) => void = (socket) => socket.end()): Promise<Socket> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(bytes, 'latin1', () => then(socket)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  return socket;
}

/** Status, body and the headers asked for of an answer, or why there is none. */
async function got(bytes: string, method = 'GET'): Promise<string> {
  const socket = await talkingTo(bytes);
  try {
    const { status, body } = await sendRequest(socket, { method, target: '/', headers: { host: 'x' } });
    return `${status} ${await text(body)}`;
  } catch (error) {
    return (error as Error).message;
  }
}

const OK = 'HTTP/1.1 200 OK\r\n';
const FIVE = `${OK}Content-Length: 5\r\n`;
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

describe('an answer', () => {
  it.each([
    ['lines ended by LF', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'],
    ['both line ends', `${OK}Content-Length: 5\n\r\nhello`],
    ['CR CR LF', 'HTTP/1.1 200 OK\r\r\nContent-Length: 5\r\n\r\nhello'],
    ['a control character in a value', `${FIVE}Set-Cookie: a\x01b\r\n\r\nhello`],
    ['a NUL in a value', `${FIVE}X: a\0b\r\n\r\nhello`],
    ['a bare CR in a value', `${FIVE}X: a\rb\r\n\r\nhello`],
    ['a control character in a name', `${FIVE}X\x01y: b\r\n\r\nhello`],
    ['a blank in a name', `${FIVE}X y: b\r\n\r\nhello`],
    ['no name', `${FIVE}: b\r\n\r\nhello`],
    ['a folded line', `${FIVE}X: a\r\n  b\r\n\r\nhello`],
    ['a folded length', `${OK}Content-Length:\r\n\t5\r\n\r\nhello`],
    ['a header of 64 kB', `${FIVE}X: ${'a'.repeat(65_536)}\r\n\r\nhello`],
    ['headers of 900 kB', `${FIVE}${`X: ${'a'.repeat(8995)}\r\n`.repeat(100)}\r\nhello`],
    ['bytes of Latin-1', 'HTTP/1.1 200 \xc9t\xe9\r\nContent-Length: 5\r\nX: \xe9\r\n\r\nhello'],
    ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello'],
    ['two blanks before the status', 'HTTP/1.1  200 OK\r\nContent-Length: 5\r\n\r\nhello'],
    ['an empty reason phrase', 'HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello'],
    ['the same length twice', `${FIVE}Content-Length: 5\r\n\r\nhello`],
    ['the same length in one list', `${OK}Content-Length: 5, 5\r\n\r\nhello`],
    ['an empty length', `${OK}Content-Length:\r\n\r\nhello`],
    ['something behind its end', `${FIVE}\r\nhello, and more`],
    ['neither length nor chunks', `${OK}\r\nhello`],
    ['HTTP/1.0 and keep-alive', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello'],
    ['an interim answer before it', `HTTP/1.1 100 Continue\r\n\r\n${FIVE}\r\nhello`],
    ['seven interim answers', `${'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(7)}${FIVE}\r\nhello`],
    ['an offer to upgrade', `${FIVE}Upgrade: h2c\r\nConnection: Upgrade\r\n\r\nhello`],
    ['length and chunks', `${FIVE}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
    ['chunks by another spelling', `${OK}Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
    ['a coding that is none', `${FIVE}Transfer-Encoding: identity\r\n\r\nhello`],
    ['blanks after a chunk size', `${CHUNKED}5  \r\nhello\r\n0 \t\r\n\r\n`],
    ['chunk extensions', `${CHUNKED}5;a=b;c="d" ; e\r\nhello\r\n0\r\n\r\n`],
    ['chunk lines ended by LF', `${CHUNKED}5\nhello\n0\nX: y\n\n`],
    ['trailers', `${CHUNKED}2\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n`],
    ['many zeros', `${CHUNKED}0000000000000005\r\nhello\r\n0000\r\n\r\n`],
  ])('with %s is read', async (_what, bytes) => {
    expect(await got(bytes)).toBe('200 hello');
  });

  it.each([
    ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello', '204 '],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', '304 '],
    ['101', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello', '101 '],
    ['101 unasked', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', '101 '],
    ['999', 'HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n', '999 '],
    ['HEAD', `${FIVE}\r\n`, '200 ', 'HEAD'],
  ])('of %s has no body', async (_what, bytes, expected, method = 'GET') => {
    expect(await got(bytes, method)).toBe(expected);
  });

  it.each([
    ['nothing', '', 'the connection was closed without a response'],
    ['half a head', `${OK}Content-Le`, 'the connection was closed before the response was complete'],
    ['half a body', `${FIVE}\r\nhe`, 'the connection was closed before the response was complete'],
    ['no last chunk', `${CHUNKED}5\r\nhello\r\n`, 'the connection was closed before the response was complete'],
    [
      'no end of trailers',
      `${CHUNKED}5\r\nhello\r\n0\r\n`,
      'the connection was closed before the response was complete',
    ],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', 'the response is not HTTP'],
    ['the preface of HTTP/2', 'HTTP/2 200 OK\r\n\r\n', 'the response has no status line of HTTP/1'],
    ['a status of two digits', 'HTTP/1.1 99 OK\r\n\r\n', 'the response has no status line of HTTP/1'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'the response has no status line of HTTP/1'],
    ['a line without a colon', `${FIVE}nonsense\r\n\r\nhello`, 'the response has a header line without a colon'],
    ['a fold of nothing', `${OK} x: y\r\n\r\nhello`, 'the response has a header line without a colon'],
    ['two lengths', `${FIVE}Content-Length: 6\r\n\r\nhello`, 'the response has no valid Content-Length'],
    ['a length below 0', `${OK}Content-Length: -1\r\n\r\nhello`, 'the response has no valid Content-Length'],
    ['an unknown coding', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`, /a transfer encoding other than chunked/],
    ['a chunk without a size', `${CHUNKED}x\r\nhello`, 'the response has a chunk without a size'],
    ['a chunk that is too long', `${CHUNKED}5\r\nhello!\r\n`, 'the response has a chunk longer than its stated size'],
    ['headers without end', `${OK}${'X: y\r\n'.repeat(300_000)}`, 'the headers of the response are too long'],
  ])('that is %s is refused', async (_what, bytes, message) => {
    expect(await got(bytes)).toMatch(message);
  });

  it('keeps the values of its headers', async () => {
    const socket = await talkingTo(`${OK}X: a\r\n\tb \r\nx:\tc\r\nY: \xc3\xa0\r\n\r\n`);
    const { headers } = await sendRequest(socket, { method: 'GET', target: '/', headers: {} });
    expect([headers.get('x'), headers.get('y')]).toEqual([['a b', 'c'], ['\xc3\xa0']]);
  });

  it('is had before its body, whatever happens to that', async () => {
    const socket = await talkingTo(`${FIVE}\r\nhe`, (server) => void server.resetAndDestroy());
    const { status, body } = await sendRequest(socket, { method: 'GET', target: '/', headers: {} });
    expect(status).toBe(200);
    await expect(text(body)).rejects.toThrow();
  });
});

describe('a connection', () => {
  it.each([
    ['', `${FIVE}\r\nhello`, true],
    ['after chunks', `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`, true],
    ['but not with something behind the answer', `${FIVE}\r\nhello!`, false],
    ['but not where the server closes it', `${FIVE}Connection: Close\r\n\r\nhello`, false],
    ['but not of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello', false],
  ])('is used again %s', async (_when, bytes, again) => {
    const socket = await talkingTo(bytes, () => {});
    const answer = await sendRequest(socket, { method: 'GET', target: '/', headers: {} });
    await text(answer.body);
    expect(await answer.reusable()).toBe(again);
  });
});

it.each([
  [{ 'x y': 'a' }, /Header name/],
  [{ x: 'a\r\ny: b' }, /Invalid character/],
])('does not send %j', async (headers, message) => {
  const asking = sendRequest(await talkingTo(''), { method: 'GET', target: '/', headers });
  await expect(asking).rejects.toThrow(message);
});
