import { createServer, type Socket } from 'node:net';
import { scrape } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { locks, postgres, statUserTables } from '../src/index.ts';

/** Listens, and treats each connection like this. */
async function stranger(act: (socket: Socket) => void): Promise<string> {
  const listening = createServer((socket) => act(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await new Promise((done) => listening.once('listening', done));
  onTestFinished(() => void listening.close());
  return `127.0.0.1:${(listening.address() as { port: number }).port}`;
}

/** A message of the protocol; `length` is what it says of itself. */
function message(type: string, body: Buffer | readonly number[] = [], length = body.length + 4): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

const ready = message('Z', Buffer.from('I'));
const welcome = [message('R', [0, 0, 0, 0]), message('K', [0, 0, 0, 1, 0, 0, 0, 2]), ready];
const column = Buffer.concat([Buffer.from([0, 1]), Buffer.from('version\0'), Buffer.alloc(18)]);
const begin = [message('1'), message('2'), message('T', column)];
const row = (bytes: number) => {
  const body = Buffer.alloc(6 + bytes, 'x');
  body.writeUInt16BE(1);
  body.writeUInt32BE(bytes, 2);
  return message('D', body);
};

/** Says `first`, then `more` as fast as it is taken. */
function pour(socket: Socket, first: readonly Buffer[], more: Buffer): void {
  const many = Buffer.concat(Array(Math.ceil(65_536 / more.length)).fill(more));
  const go = (): void => {
    while (socket.writable && socket.write(many)) {}
  };
  socket.on('drain', go).write(Buffer.concat(first));
  go();
}

const answering =
  (...replies: readonly Buffer[]) =>
  (socket: Socket) =>
    void socket.once('data', () => socket.write(Buffer.concat(replies)));

/** Lets one in, and answers the first query like this. */
const querying = (act: (socket: Socket) => void) => (socket: Socket) =>
  void socket.once('data', () => {
    socket.write(Buffer.concat(welcome));
    socket.once('data', () => act(socket.resume()));
  });

const strangers: readonly [string, (socket: Socket) => void, RegExp][] = [
  ['a web server', answering(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), /deadline/],
  ['an unknown way to log in', answering(message('R', [0, 0, 0, 77])), /does not speak the PostgreSQL protocol/],
  ['a row before anyone asked', answering(...welcome, row(3)), /dataRow|connection error/],
  [
    'words without end before it lets one in',
    (socket) => pour(socket.resume(), [], message('N', Buffer.alloc(1000))),
    /more than 32 MiB/,
  ],
  [
    'a message of 4 GB',
    querying((socket) => pour(socket, [message('D', [], 0xffffffff)], row(100))),
    /more than 32 MiB/,
  ],
  ['rows without end', querying((socket) => pour(socket, begin, row(1000))), /more than 32 MiB/],
  ['rows of nothing', querying((socket) => pour(socket, begin, row(0))), /more than 1,000,000 rows/],
  [
    'notices without end',
    querying((socket) => pour(socket, begin, message('N', Buffer.alloc(1000)))),
    /more than 32 MiB/,
  ],
  [
    'a row of -1 columns',
    querying((socket) => void socket.write(Buffer.concat([...begin, message('D', [255, 255])]))),
    /does not speak the PostgreSQL protocol: Invalid array length/,
  ],
  [
    'a column without an end',
    querying((socket) => void socket.write(Buffer.concat([...begin, message('T', [0, 1, 120])]))),
    /does not speak the PostgreSQL protocol|deadline/,
  ],
];

it.each(strangers)('%s in place of PostgreSQL is down, and says why', async (_, act, why) => {
  const options = {
    target: { url: `postgres://${await stranger(act)}`, sslmode: 'disable' },
    timeoutMs: why.source === 'deadline' ? 1000 : 50_000,
  };
  expect((await scrape(postgres, options)).value('pg_up')).toBe(0);
  await expect(scrape(locks, options)).rejects.toThrow(why);
});

it('replies that are small enough one by one, of databases without end, end at 128 MiB together', async () => {
  const names = ['version', 'replica', 'datname'];
  const described = Buffer.concat([
    Buffer.from([0, names.length]),
    ...names.flatMap((name) => [Buffer.from(`${name}\0`), Buffer.alloc(18)]),
  ]);
  const text = (value: string) => [Buffer.from([0, 0, 0, value.length]), Buffer.from(value)];
  const listed = Array.from({ length: 30 }, (_, i) =>
    message('D', Buffer.concat([Buffer.from([0, 3]), ...text('180000'), ...text('f'), ...text(`d${i}`)])),
  );
  const end = [message('C', Buffer.from('SELECT\0')), ready];
  const list = Buffer.concat([message('1'), message('2'), message('T', described), ...listed, ...end]);
  const large = Buffer.concat([...begin, ...Array<Buffer>(300).fill(row(100_000)), ...end]);
  let asked = 0;
  const addr = await stranger((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.concat(welcome));
      socket.on('data', (query) => {
        if (!query.includes('SELECT')) return; // it says goodbye
        const isList = query.includes('server_version_num');
        if (!isList) asked++;
        socket.write(isList ? list : large);
      });
    });
  });
  const target = { url: `postgres://${addr}`, sslmode: 'disable', maxConnections: 1 };
  const scraped = await scrape(statUserTables, { target, timeoutMs: 50_000 });
  const reached = scraped.series('pg_stat_user_tables_database_success').map(({ value }) => value);
  expect(reached).toHaveLength(31);
  const fit = Math.floor(128 / (large.length / 2 ** 20));
  expect(reached.filter((value) => value === 1)).toHaveLength(fit);
  // The one that is too large is cut, and no other is asked.
  expect(asked).toBe(fit + 1);
});
