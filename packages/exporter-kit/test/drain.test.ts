import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { exporter, serve } from '../src/index.ts';
import { counting, waiting } from './serving.ts';

/** A connection as it is when the server closes, and how long that may take: less than its own timeout would. */
interface Row {
  readonly what: string;
  readonly sent: string;
  /** The beginning of what comes before the close. */
  readonly answer?: string;
  readonly boundMs: number;
}

const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const LIMIT_MS = 500;
const rows: readonly Row[] = [
  { what: 'silent', sent: '', boundMs: 9000 },
  { what: 'kept alive', sent: request('/-/healthy'), answer: 'HTTP/1.1 200', boundMs: 4500 },
  { what: 'amid its headers', sent: 'GET /metrics HTTP/1.1\r\nHost', boundMs: 9000 },
  {
    what: 'one that waits for a collector that never ends',
    sent: request('/metrics?collect[]=stuck'),
    boundMs: 50_000,
  },
];

it.each(rows)(
  'a connection that is $what holds up the end no longer than $boundMs ms',
  async ({ sent, answer, boundMs }) => {
    const stuck = waiting('stuck');
    const server = await serve(exporter({ name: 'test_exporter', collectors: [counting('c').made, stuck.made] }));
    const socket = await dial(server.url);
    socket.write(sent);
    if (answer !== undefined) expect(String((await once(socket, 'data'))[0])).toContain(answer);
    if (sent.includes('stuck')) await stuck.started;
    // However it is: an error is one way.
    const gone = new Promise((resolve) => socket.once('close', resolve));
    const from = performance.now();
    await server.close(LIMIT_MS);
    expect(performance.now() - from).toBeLessThan(boundMs);
    socket.resume();
    await gone;
    stuck.go();
  },
);

async function dial(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
