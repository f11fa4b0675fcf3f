import { createServer, type Socket } from 'node:net';
import { scrape } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { info, redis } from '../src/index.ts';

/** Listens, and treats each connection like this. */
async function stranger(act: (socket: Socket) => void): Promise<string> {
  const listening = createServer((socket) => act(socket.resume().on('error', () => {}))).listen(0, '127.0.0.1');
  await new Promise((done) => listening.once('listening', done));
  onTestFinished(() => void listening.close());
  return `127.0.0.1:${(listening.address() as { port: number }).port}`;
}

const answering = (reply: string | Buffer) => (socket: Socket) => void socket.on('data', () => socket.write(reply));

const strangers: readonly [string, (socket: Socket) => void, RegExp][] = [
  ['a web server', answering('HTTP/1.1 400 Bad Request\r\n\r\n'), /does not speak the Redis protocol/],
  ['a mail server', (socket) => void socket.write('220 mail.example ESMTP\r\n'), /does not speak the Redis protocol/],
  ['bytes', answering(Buffer.from([0, 1, 2, 255, 13, 10])), /does not speak the Redis protocol/],
  ['numbers', answering(':1\r\n'), /INFO: expected a text, got 1/],
  ['something that is no INFO', answering('+OK\r\n'), /INFO: the reply has no fields/],
  ['more replies than commands', answering('+OK\r\n+OK\r\n+OK\r\n'), /does not speak the Redis protocol/],
  ['endless lists', answering('*1\r\n'.repeat(100_000)), /does not speak the Redis protocol/],
  ['a reply that never ends', answering('$99999999999\r\nabc'), /did not answer within the scrape's deadline/],
  ['one that hangs up', (socket) => void socket.end(), /closed|ECONNRESET|EPIPE/],
  ['one that hangs up at once', (socket) => void socket.destroy(), /closed|ECONNRESET|EPIPE/],
];

it('a web server is told from a wrong password', async () => {
  const addr = await stranger(answering('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const options = { target: { addr, password: 'x' }, timeoutMs: 50_000 };
  await expect(scrape(info(), options)).rejects.toThrow(/does not speak the Redis protocol/);
});

it.each(strangers)('%s in place of Redis is down, and says why', async (_, act, why) => {
  const timeoutMs = why.source.includes('deadline') ? 2000 : 50_000;
  const options = { target: { addr: await stranger(act) }, timeoutMs };
  expect((await scrape(redis, options)).value('redis_up')).toBe(0);
  await expect(scrape(info(), options)).rejects.toThrow(why);
});
