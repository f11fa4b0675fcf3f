import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { gauge, type Probe, probe } from '../../src/index.ts';
import { valueIn } from '../get.ts';
import { listening, probing } from './probing.ts';

const statusCode = gauge({ name: 'probe_http_status_code', help: 'Status of the last answer.' });

/** As probes are to be written: resolves before each connection, and follows redirects itself. */
const careful: Probe = probe({
  name: 'careful',
  metrics: { statusCode },
  async probe(writers, { target, signal, resolve }) {
    let url = new URL(target.includes('://') ? target : `http://${target}`);
    for (;;) {
      const { lookup } = await resolve(url);
      const outgoing = request(url, { lookup, signal, agent: false }).end();
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      answer.resume();
      writers.statusCode.set(answer.statusCode ?? 0);
      if (answer.headers.location === undefined) return;
      url = new URL(answer.headers.location, url);
    }
  },
});

/** As probes are written by those who have read nothing. */
const naive: Probe = probe({
  name: 'naive',
  metrics: { statusCode },
  async probe(writers, { target, signal }) {
    const answer = await fetch(target.includes('://') ? target : `http://${target}`, { signal });
    writers.statusCode.set(answer.status);
  },
});

/** A bare host and port, over TCP. */
const bare: Probe = probe({
  name: 'bare',
  metrics: {},
  async probe(_, { target, signal }) {
    const [, host, port] = /^(?:[a-z]+:\/\/)?\[?(.*?)\]?:(\d+)/.exec(target) ?? [];
    const socket = connect({ host: host ?? target, port: Number(port), signal });
    await once(socket, 'connect');
    socket.destroy();
  },
});

// What they have in common: something on this machine hears of it, or would in a cloud.
const shapes: readonly (readonly [shape: string, target: string])[] = [
  ['loopback', 'http://127.0.0.1:PORT/'],
  ['another loopback', 'http://127.8.9.10:PORT/'],
  ['a name for it', 'http://localhost:PORT/'],
  ['a decimal number', 'http://2130706433:PORT/'],
  ['octal', 'http://0177.0.0.1:PORT/'],
  ['hexadecimal', 'http://0x7f.0.0.1:PORT/'],
  ['short', 'http://127.1:PORT/'],
  ['unspecified', 'http://0.0.0.0:PORT/'],
  ['IPv6 loopback', 'http://[::1]:PORT/'],
  ['IPv6 unspecified', 'http://[::]:PORT/'],
  ['IPv4-mapped', 'http://[::ffff:127.0.0.1]:PORT/'],
  ['NAT64', 'http://[64:ff9b::127.0.0.1]:PORT/'],
  ['6to4', 'http://[2002:7f00:1::]:PORT/'],
  ['metadata', 'http://169.254.169.254/latest/meta-data/'],
  ['behind a user', 'http://example.com@127.0.0.1:PORT/'],
  ['fullwidth digits', 'http://１２７.0.0.1:PORT/'],
  ['without a scheme', '127.0.0.1:PORT'],
];

describe.each([careful, naive, bare])('a $name probe', (one) => {
  it.each(shapes)('does not reach %s', async (_, shape) => {
    const here = await listening((_request, response) => response.end('secret'));
    const also = await listening((_request, response) => response.end('secret'), '::');
    const { ask } = await probing([one]);
    for (const { port } of [here, also]) {
      const { status, text } = await ask({ target: shape.replace('PORT', String(port)) });
      expect(status).toBe(403);
      expect(text).toMatch(/^the target is refused: it is an? (loopback|unspecified|metadata)? ?address.*\n$/);
    }
    expect([here.seen.connections, also.seen.connections]).toEqual([0, 0]);
  });
});

it('reaches what a rule allows, and nothing that this redirects to', async () => {
  const inside = await listening((_request, response) => response.end('secret'));
  const redirecting = await listening((_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${inside.port}/` }).end();
  });
  const target = `http://127.0.0.1:${redirecting.port}/`;
  const { ask } = await probing([careful], { guard: { allow: [`127.0.0.1:${redirecting.port}`] } });
  const { status, text } = await ask({ target });
  expect(status).toBe(200);
  expect(valueIn(text, 'probe_success')).toBe(0);
  expect(valueIn(text, 'probe_http_status_code')).toBe(302);
  expect([redirecting.seen.connections, inside.seen.connections]).toEqual([1, 0]);
  expect((await ask({ target, debug: 'true' })).text).toContain('it is a loopback address, which no rule allows');

  const both = await probing([careful], { guard: { allow: ['127.0.0.0/8'] } });
  expect(valueIn((await both.ask({ target })).text, 'probe_success')).toBe(1);
});

it.each(['http://192.0.2.7:22/', 'gopher://192.0.2.7:80/', 'http://192.0.3.7/', 'file:///etc/passwd'])(
  'does not go where no rule is about: %s',
  async (target) => {
    const { ask } = await probing([careful], { guard: { allow: ['http://192.0.2.0/24:80'] } });
    const { status, text } = await ask({ target });
    // A URL without a host leads nowhere.
    expect([status, valueIn(text, 'probe_success')]).toEqual(target.startsWith('file:') ? [200, 0] : [403, undefined]);
  },
);

it('refuses to start with rules that are none', async () => {
  await expect(probing([careful], { guard: { allow: ['10.0.0.0/33'] } })).rejects.toThrow('has no such prefix');
});
