import { createServer, type Socket } from 'node:net';
import { exporter, serve } from 'exporter-kit';
import { scrape } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { info, instance, keyGroups, redis, slowlog } from '../src/index.ts';

/** Listens, and treats each connection like this. */
async function stranger(act: (socket: Socket) => void): Promise<string> {
  const listening = createServer((socket) => act(socket.resume().on('error', () => {}))).listen(0, '127.0.0.1');
  await new Promise((done) => listening.once('listening', done));
  onTestFinished(() => void listening.close());
  return `127.0.0.1:${(listening.address() as { port: number }).port}`;
}

const answering = (reply: string | Buffer) => (socket: Socket) => void socket.on('data', () => socket.write(reply));

/** Says `first`, then `more` as fast as it is taken. */
const endless =
  (first: string, ...more: string[]) =>
  (socket: Socket) => {
    const pour = (): void => {
      while (socket.writable && socket.write(more.join(''))) {}
    };
    socket.once('data', () => socket.write(first, pour)).on('drain', pour);
  };

const strangers: readonly [string, (socket: Socket) => void, RegExp][] = [
  ['a web server', answering('HTTP/1.1 400 Bad Request\r\n\r\n'), /does not speak the Redis protocol/],
  ['a mail server', (socket) => void socket.write('220 mail.example ESMTP\r\n'), /does not speak the Redis protocol/],
  ['bytes', answering(Buffer.from([0, 1, 2, 255, 13, 10])), /does not speak the Redis protocol/],
  ['numbers', answering(':1\r\n'), /INFO: expected a text, got 1/],
  ['something that is no INFO', answering('+OK\r\n'), /INFO: the reply has no fields/],
  ['more replies than commands', answering('+OK\r\n+OK\r\n+OK\r\n'), /does not speak the Redis protocol/],
  ['lists in lists without end', answering('*1\r\n'.repeat(100_000)), /more than 32 lists in lists/],
  ['a text that never ends', answering('$1000000\r\nabc'), /did not answer within the scrape's deadline/],
  ['a text as large as memory', answering('$2000000000\r\nabc'), /more than 33,554,432 bytes/],
  ['a length of many digits', answering(`$${'9'.repeat(1000)}\r\n`), /a length is out of range/],
  ['a negative length', answering('*-7\r\n'), /a length is out of range/],
  ['a list as large as memory', answering('*30000000\r\n'), /more than 1,000,000 elements/],
  ['lists as large as memory', answering('*400000\r\n'.repeat(10_000)), /more than 1,000,000 elements/],
  ['a list without end', endless('*1000000\r\n', '$1000\r\n', `${'x'.repeat(1000)}\r\n`), /more than 33,554,432 bytes/],
  ['a line without end', endless('+', 'x'.repeat(1000)), /more than 65,536 bytes in a line/],
  ['a number without end', endless(':', '1'.repeat(1000)), /more than 65,536 bytes in a line/],
  ['an error without end', endless('-ERR ', 'x'.repeat(1000)), /more than 65,536 bytes in a line/],
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

it('too large a reply costs those who wait at the time, and the next scrape has another connection', async () => {
  let connections = 0;
  const addr = await stranger((socket) => {
    connections++;
    const isFirst = connections === 1;
    const answers = {
      SETNAME: '+OK\r\n',
      everything: '$20\r\nredis_version:8.0.6\n\r\n',
      LEN: isFirst ? '*2000000000\r\n' : ':3\r\n',
      GET: '*0\r\n',
    };
    socket.on('data', (request) => {
      for (const [word, answer] of Object.entries(answers)) if (String(request).includes(word)) socket.write(answer);
    });
  });
  const { url, close } = await serve(exporter({ name: 'redis_exporter', collectors: [instance(), slowlog()] }), {
    sources: { redis: { addr } },
  });
  onTestFinished(() => close(1000));
  const up = async () =>
    (await (await fetch(new URL('/metrics', url))).text()).match(/^redis_up .*|^.*success.*slowlog.*/gm);
  expect(await up()).toEqual(['redis_scrape_collector_success{collector="slowlog"} 0', 'redis_up 1']);
  expect(await up()).toContain('redis_up 1');
  expect(connections).toBe(2);
});

it('replies that are small enough one by one, of groups without end, end at 128 MiB together', async () => {
  const fields = 'redis_version:8.0.6\n# Keyspace\ndb0:keys=1,expires=0\n';
  const infoReply = `$${fields.length}\r\n${fields}\r\n`;
  const entry = 'x'.repeat(30 << 20);
  let steps = 0;
  const addr = await stranger((socket) => {
    socket.on('data', (request) => {
      const words = String(request);
      if (words.includes('SETNAME')) socket.write('+OK\r\n');
      if (words.includes('everything')) socket.write(infoReply);
      if (words.includes('databases')) socket.write('*2\r\n$9\r\ndatabases\r\n$1\r\n1\r\n');
      if (!words.includes('EVAL')) return;
      steps++;
      socket.write(`*2\r\n$1\r\n7\r\n*1\r\n*3\r\n$${entry.length}\r\n${entry}\r\n:1\r\n:1\r\n`);
    });
  });
  const options = { target: { addr }, config: { pattern: ['.'] }, timeoutMs: 50_000 };
  for (let i = 1; i <= 2; i++) {
    await expect(scrape(keyGroups(), options)).rejects.toThrow('more than 134,217,728 bytes together');
    expect(steps).toBe(5 * i);
  }
});
