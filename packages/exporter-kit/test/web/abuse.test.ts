import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { runProgram, startProgram, until } from 'test-servers';
import { afterEach, describe, expect, it } from 'vitest';
import { get, valueIn } from '../get.ts';
import { counting, heard, many, serving, waiting } from '../serving.ts';
import { askOnce, raw } from './ask.ts';

const statusesIn = (said: string): string[] => [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1]!);
const header = (name: string, value: string): string => `GET /metrics HTTP/1.1\r\nHost: x\r\n${name}: ${value}\r\n\r\n`;
const SMUGGLED = 'GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a request that is', () => {
  it.each([
    ['usual', header('Connection', 'close'), ['200']],
    ['for an absolute target', 'GET http://x/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', ['200']],
    ['for two hosts', 'GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', ['400']],
    ['for the same host twice', 'GET /metrics HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n', ['400']],
    ['for no host', 'GET /metrics HTTP/1.1\r\n\r\n', ['400']],
    [
      'of two lengths',
      `GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
      ['400'],
    ],
    [
      'of a length, and chunked',
      `POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
      ['400'],
    ],
    ['of an unknown transfer encoding', header('Transfer-Encoding', 'nonsense') + SMUGGLED, ['501']],
    ['zipped for transfer', `${header('Transfer-Encoding', 'gzip, chunked')}0\r\n\r\n${SMUGGLED}`, ['501']],
    ['chunked, but not at last', header('Transfer-Encoding', 'chunked, gzip') + SMUGGLED, ['501']],
    ['chunked in disguise', header('Transfer-Encoding', '\x0bchunked') + SMUGGLED, ['400', '501']],
    ['chunked, in numbers that are none', `${header('Transfer-Encoding', 'chunked')}zz\r\n${SMUGGLED}`, ['200', '400']],
    ['with a body', `${header('Content-Length', String(SMUGGLED.length))}${SMUGGLED}`, ['200']],
    ['with a body in chunks', `${header('Transfer-Encoding', 'chunked')}0\r\n\r\n${SMUGGLED}`, ['200']],
    ['of 70 kB of headers', header('X', 'x'.repeat(70_000)), ['431']],
    ['of 100 kB of a URL', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, ['431', '414']],
    ['of 10 kB of a URL', `GET /${'x'.repeat(10_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, ['414']],
    ['of 3000 headers', `GET /metrics HTTP/1.1\r\n${'a:\r\n'.repeat(3000)}Host: x\r\nHost: x\r\n\r\n`, ['400']],
    ['of HTTP/1.0', 'GET /metrics HTTP/1.0\r\n\r\n', ['200']],
    ['of HTTP/0.9', 'GET /metrics\r\n\r\n', ['200', '400', '505']],
    ['of HTTP/3.0', 'GET /metrics HTTP/3.0\r\nHost: x\r\n\r\n', ['400', '505']],
    ['of HTTP/2, unasked', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ['400', '505']],
    [
      'to become HTTP/2',
      header('Connection', 'Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk'),
      ['200'],
    ],
    ['of a method that nobody knows', 'BREW /metrics HTTP/1.1\r\nHost: x\r\n\r\n', ['400']],
    ['TRACE', 'TRACE /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', ['405']],
    ['PROPFIND', 'PROPFIND /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', ['405']],
    ['CONNECT', 'CONNECT example:80 HTTP/1.1\r\nHost: x\r\n\r\n', []],
    ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', ['404']],
    ['to go on', header('Expect', '100-continue\r\nConnection: close'), ['100', '200']],
    ['to do what nobody expects', header('Expect', 'miracles\r\nConnection: close'), ['417']],
    ['with lines that end at once', 'GET /metrics HTTP/1.1\nHost: x\nConnection: close\n\n', ['200', '400']],
    ['with a zero in it', 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n', ['400']],
    ['a handshake of TLS', Buffer.from('16030100c6010000c20303', 'hex'), ['400']],
    ['no request at all', 'hello?\r\n\r\n', ['400']],
  ] as const)('%s', async (_, request, allowed) => {
    const url = await serving([counting('c').made]);
    const said = await raw(url, request);
    const statuses = statusesIn(said);
    for (const status of statuses) expect(allowed).toContain(status);
    expect(statuses.length > 0).toBe(allowed.length > 0);
    // One request, one answer; what was hidden in it is not asked.
    expect(statuses.filter((status) => status !== '100').length).toBeLessThanOrEqual(1);
    expect(said).not.toContain('healthy');
    expect((await get(url)).status).toBe(200);
  });

  it('mutated in 400 ways is answered, or not, and leaves nothing behind', async () => {
    const url = await serving([counting('c').made]);
    await get(url);
    const linesOf = async (): Promise<number> => (await get(url)).text.split('\n').length;
    const before = await linesOf();
    const usual =
      'GET /metrics?collect[]=c HTTP/1.1\r\nHost: x\r\nAccept: text/plain;q=0.5\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n';
    const random = seeded(42);
    const seen = new Map<string, number>();
    const ask = async (): Promise<void> => {
      // What is cut short ends with the one that follows.
      const [status = 'none'] = statusesIn(await raw(url, Buffer.from(mutated(usual, random) + usual, 'latin1')));
      seen.set(status, (seen.get(status) ?? 0) + 1);
    };
    for (let i = 0; i < 400; i += 40) await Promise.all(Array.from({ length: 40 }, ask));
    expect(seen.get('200')).toBeGreaterThan(10);
    expect(seen.get('400')).toBeGreaterThan(10);
    for (const status of seen.keys()) expect(status).toMatch(/^(none|[234]\d\d|501|505)$/);
    expect((await linesOf()) - before).toBeLessThanOrEqual(25);
  });

  it.each([
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/metrics/../../x',
    '/metrics%00',
    '/<script>alert(1)</script>',
    '/__proto__',
    '/constructor',
    '/metrics;x',
    '//evil.example/',
    '/metrics?collect[]=__proto__',
    '/metrics?name[]=<b>',
  ])('for %s gives nothing back of it', async (path) => {
    const url = await serving([counting('c').made]);
    const { status, text, headers } = await askOnce(url, { path });
    expect([200, 400, 404]).toContain(status);
    expect(text).not.toMatch(/script|passwd|__proto__|<b>|evil| {4}at /);
    expect(String(headers['content-type'])).not.toContain('html');
    expect(headers.location).toBeUndefined();
  });
});

const EDITS = [
  '\0',
  '\n',
  '\r\n',
  ' ',
  ':',
  '%',
  '\x80',
  '\xff',
  '../',
  'chunked',
  'HTTP/9.9',
  '"',
  '\r\nHost: y',
  '\r\nContent-Length: 7',
];

function mutated(text: string, random: () => number): string {
  let made = text;
  for (let edits = 1 + Math.floor(random() * 3); edits > 0; edits--) {
    const at = Math.floor(random() * made.length);
    const kind = random();
    const piece = EDITS[Math.floor(random() * EDITS.length)]!;
    if (kind < 0.4) made = made.slice(0, at) + piece + made.slice(at);
    else if (kind < 0.6) made = made.slice(0, at) + made.slice(at + 1 + Math.floor(random() * 5));
    else if (kind < 0.8)
      made =
        made.slice(0, at) +
        String.fromCharCode(made.charCodeAt(at) ^ (1 << Math.floor(random() * 8))) +
        made.slice(at + 1);
    else made = made.slice(0, at) + made.slice(0, Math.floor(random() * 60)) + made.slice(at);
  }
  return made;
}

/** The same numbers each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
async function dial(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.resume();
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

it('outlives those who are slow: they are shut before Node would do it, and others hardly notice', {
  timeout: 120_000,
}, async () => {
  const url = await serving([many(1000)]);
  const started = performance.now();
  const dripping = async (beginning: string, drop: string): Promise<number> => {
    const socket = await dial(url);
    socket.write(beginning);
    const timer = setInterval(() => socket.write(drop), 250);
    await once(socket, 'close');
    clearInterval(timer);
    return performance.now() - started;
  };
  const slow = [
    ...Array.from({ length: 50 }, () => dripping('', '')),
    ...Array.from({ length: 50 }, () => dripping('GET /metrics HTTP/1.1\r\nHost: x\r\n', 'X: y\r\n')),
    ...Array.from({ length: 50 }, () => dripping('G', 'E')),
    ...Array.from({ length: 50 }, () =>
      dripping('POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n', 'x'),
    ),
  ];
  let over = false;
  const all = Promise.all(slow).finally(() => {
    over = true;
  });
  const times: number[] = [];
  while (!over) {
    const before = performance.now();
    expect((await get(url)).status).toBe(200);
    times.push(performance.now() - before);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // Node's own limits are a minute for the head and five for the whole.
  expect(Math.max(...(await all))).toBeLessThan(55_000);
  expect(times.length).toBeGreaterThan(20);
  // They would wait for the slow ones, that is for seconds.
  expect(times.sort((a, b) => a - b)[Math.floor(times.length * 0.9)]).toBeLessThan(2000);
});

it('answers 500 who ask at once by one round, as they are let in, under the usual limits', async () => {
  const slow = waiting('slow');
  const url = await serving([slow.made, many(500)]);
  const open = await Promise.all(Array.from({ length: 500 }, () => dial(url)));
  const statuses = open.map(async (socket) => {
    let got = '';
    socket.on('data', (part) => {
      got += part;
    });
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await once(socket, 'close');
    return got.slice(9, 12);
  });
  const inFlight = async (): Promise<true | undefined> => {
    const { text } = await get(`${url}?name[]=promhttp_metric_handler_requests_in_flight`);
    return valueIn(text, 'promhttp_metric_handler_requests_in_flight') === 501 ? true : undefined;
  };
  await until('all 500', inFlight, 50_000);
  slow.go();
  expect(new Set(await Promise.all(statuses))).toEqual(new Set(['200']));
  expect(slow.runs.count).toBe(1);
});

const script = fileURLToPath(new URL('../programs/exporter.mjs', import.meta.url));
const listening = (args: readonly string[]): ReturnType<typeof startProgram> =>
  startProgram(args, { until: /msg=listening address=(\S+)/ });
const flags = ['--web.listen-address=127.0.0.1:0'];

describe('a process', () => {
  it('outlives 96 file descriptors, and serves again', async () => {
    const program = await listening([script, ...flags]);
    const url = `${program.match[1]}metrics`;
    expect((await get(url)).status).toBe(200);
    const limit = ['--pid', String(program.pid), '--nofile=96:96'];
    expect((await runProgram(limit, { command: 'prlimit' })).code).toBe(0);
    const open = [];
    for (let i = 0; i < 150; i++) open.push(dial(url));
    await Promise.allSettled(open);
    // As if it had nothing to do: an error for each connection that waits must not keep it busy.
    const busyMs = await cpuMs(program.pid, 1000);
    expect(busyMs).toBeLessThan(700);
    for (const socket of sockets.splice(0)) socket.destroy();
    const served = async (): Promise<true | undefined> => ((await askOnce(url)).status === 200 ? true : undefined);
    await until('an answer', served, 50_000);
    expect((await program.stop()).code).toBe(0);
  });

  it('outlives those who read what it prints', async () => {
    const child = spawn(process.execPath, [script, ...flags, '--collector.failing', '--log.level=debug'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      let said = '';
      for await (const part of child.stderr) {
        said += String(part);
        if (said.includes('msg=listening')) break;
      }
      // By now nobody reads it any more.
      expect(child.stderr.destroyed).toBe(true);
      child.stdout.destroy();
      const url = `${/address=(\S+)/.exec(said)![1]}metrics`;
      for (let i = 0; i < 5; i++) expect((await get(url)).status).toBe(200);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('drops whom it cannot keep, with a line in the log', async () => {
    const program = await listening([script, ...flags, '--web.max-connections=5']);
    const url = `${program.match[1]}metrics`;
    await Promise.all(Array.from({ length: 30 }, () => dial(url)));
    expect((await get(url)).status).toBe(200);
    const { stderr } = await program.stop();
    expect(stderr.match(/level=warn msg="too many connections; [^"]+" most=5/g)?.length).toBe(1);
  });
});

/** How long it computes, of so many milliseconds. */
async function cpuMs(pid: number, ms: number): Promise<number> {
  const ticks = async (): Promise<number> => {
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = await ticks();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ((await ticks()) - before) * 10;
}

it('tells its log of nothing that a sender has done wrong, but at level debug', async () => {
  const { said, log } = heard();
  const url = await serving([counting('c').made], { log });
  for (const request of [
    'hello?\r\n\r\n',
    header('Transfer-Encoding', 'x'),
    'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  ]) {
    await raw(url, request);
  }
  expect(said.filter(({ level }) => level !== 'debug')).toEqual([]);
});
