import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { credentials } from '../files.ts';
import { again, type Field, type Load, pause } from './load.ts';

const REQUEST = `GET /metrics?collect[]=wide HTTP/1.1\r\nHost: x\r\nAuthorization: ${credentials.usual.authorization}\r\nConnection: close\r\n\r\n`;
const SLICE = 512 * 1024;
// The exporter closes connections that read nothing for 15 seconds, and checks now and then.
const STALL_MS = 40_000;

/** Difficult clients: they disconnect midway, read slowly to the end, or do not read at all. */
export const readers: Load = async (field) => {
  await Promise.all([
    again(field, 'hang-up', 400, async (round) => {
      const socket = await asking(field);
      // Before the response, at its beginning, in the middle.
      const parts = round % 3;
      for (let i = 0; i < parts * 5; i++) await chunk(socket);
      socket.destroy();
      field.tally.count('hung up midway');
    }),
    again(field, 'slow reader', 1000, async () => {
      const socket = await asking(field);
      let tail: Buffer = Buffer.alloc(0);
      for (;;) {
        const part = await chunk(socket, SLICE);
        if (part === undefined) break;
        tail = Buffer.concat([tail, part]).subarray(-10);
        await pause(100, field.signal);
        if (field.signal.aborted) return void socket.destroy();
      }
      if (tail.toString().endsWith('0\r\n\r\n')) field.tally.count('read slowly to the end');
      else field.tally.unexpected('slow reader', `cut after ${tail.toString('latin1')}`);
    }),
    ...[0, 1, 2].map(() =>
      again(field, 'stalled reader', 1000, async () => {
        const socket = await asking(field);
        await pause(STALL_MS, field.signal);
        if (field.signal.aborted) return void socket.destroy();
        let tail: Buffer = Buffer.alloc(0);
        for (let part = await chunk(socket); part !== undefined; part = await chunk(socket)) tail = part.subarray(-10);
        if (tail.toString().endsWith('0\r\n\r\n')) field.tally.unexpected('stalled reader', 'got the whole answer');
        else field.tally.count('stopped reading: cut');
      }),
    ),
  ]);
};

async function asking({ url }: Field): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  // Some of them wait to be disconnected.
  socket.on('error', () => {});
  socket.write(REQUEST);
  return socket;
}

/** The next bytes, at most `count`; nothing at the end. */
async function chunk(socket: Socket, size?: number): Promise<Buffer | undefined> {
  for (;;) {
    const part: Buffer | null = socket.read(size) ?? socket.read();
    if (part !== null) return part;
    if (socket.readableEnded || socket.destroyed) return undefined;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['readable', 'end', 'close']) socket.off(event, done);
        resolve();
      };
      for (const event of ['readable', 'end', 'close']) socket.on(event, done);
    });
  }
}
