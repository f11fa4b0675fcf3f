import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { commandsIn } from './resp.ts';

/** Servers that answer each command as a real Redis has answered it once. */
export interface RecordedRedis {
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** Listens on `count` ports of 127.0.0.1; what a command answers is asked at `port`, the first time it comes. */
export async function startRecorded(port: number, count: number): Promise<RecordedRedis> {
  const replies = new Map<string, Buffer | Promise<Buffer>>();
  const sockets = new Set<Socket>();

  function replyTo(command: Buffer): Buffer | Promise<Buffer> {
    const key = command.toString('latin1');
    const known = replies.get(key);
    if (known !== undefined) return known;
    const recording = record(port, command).then((reply) => {
      replies.set(key, reply);
      return reply;
    });
    replies.set(key, recording);
    return recording;
  }

  function serve(socket: Socket): void {
    sockets.add(socket);
    let rest: Buffer = Buffer.alloc(0);
    let written: Promise<void> | undefined;
    socket.setNoDelay(true).on('error', () => {}); // the exporter has closed it
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      const { commands, left } = commandsIn(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
      rest = left;
      const answers = commands.map(replyTo);
      if (written === undefined && answers.every(isKnown)) {
        socket.write(Buffer.concat(answers));
        return;
      }
      const mine = Promise.all([written, ...answers]).then(([, ...all]) => {
        socket.write(Buffer.concat(all));
        if (written === mine) written = undefined;
      });
      mine.catch((error: Error) => socket.destroy(error));
      written = mine;
    });
  }

  const servers: Server[] = [];
  async function stop(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => void server.close(resolve))));
  }
  try {
    for (let i = 0; i < count; i++) {
      const server = createServer(serve).listen(0, '127.0.0.1');
      await once(server, 'listening');
      servers.push(server);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { urls: servers.map((server) => `redis://127.0.0.1:${(server.address() as AddressInfo).port}`), stop };
}

const isKnown = (reply: Buffer | Promise<Buffer>): reply is Buffer => reply instanceof Buffer;

const ECHO = Buffer.from('*2\r\n$4\r\nECHO\r\n$12\r\nend-of-reply\r\n');
const END = Buffer.from('$12\r\nend-of-reply\r\n');

/** Sends the command on a connection of its own; its reply ends where that to an ECHO begins. */
async function record(port: number, command: Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.concat([command, ECHO]));
  let reply: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    reply = Buffer.concat([reply, chunk as Buffer]);
    if (reply.subarray(-END.length).equals(END)) return reply.subarray(0, -END.length);
  }
  throw new Error(`Redis closed the connection after ${JSON.stringify(command.toString('latin1'))}`);
}
