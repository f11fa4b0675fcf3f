import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { inspect } from 'node:util';
import { type Certificates, makeCertificates, needPeers } from 'test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { silent } from '../collect/context.ts';
import { parseText } from '../parse/text.ts';
import { type Fault, type FaultyGateway, faultyGateway } from '../testing/faulty-gateway.ts';
import { familySnapshot } from './family-snapshot.ts';
import { type PushgatewayOptions, pushgateway } from './pushgateway.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const open: FaultyGateway[] = [];
afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

async function gateway(script: Fault | readonly Fault[], tls?: TlsOptions): Promise<FaultyGateway> {
  const gateway = await faultyGateway(script, tls === undefined ? {} : { tls });
  open.push(gateway);
  return gateway;
}

/** Pushes once; the error, if there is one. */
async function push(url: string, options: PushgatewayOptions = {}): Promise<Error | undefined> {
  const snapshot = familySnapshot(parseText('made 1\n'), 'test');
  const sink = pushgateway(url, { timeoutMs: 1000, ...options });
  return sink
    .deliver({ job: 'j', grouping: {}, mode: 'add', snapshot }, { log: silent, signal: new AbortController().signal })
    .then(
      () => undefined,
      (error: Error) => error,
    );
}

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('credentials', () => {
  it.each<[string, string, PushgatewayOptions, string | undefined]>([
    ['none', '', {}, undefined],
    ['from options', '', { username: 'me', password: 'p:w' }, basic('me:p:w')],
    ['from the URL, decoded', 'me:h%40t%25%C3%A4@', {}, basic('me:h@t%ä')],
    ['from the URL, where % spells nothing', 'me:100%@', {}, basic('me:100%')],
    ['from options before the URL', 'you:old@', { username: 'me', password: 'new' }, basic('me:new')],
    ['without a password', 'me@', {}, basic('me:')],
    ['from the environment', '', { username: 'me', password: { env: 'PUSH_TEST_SECRET' } }, basic('me:from env')],
    ['as a token', '', { bearerToken: 'abc' }, 'Bearer abc'],
    ['as a token from the environment', '', { bearerToken: { env: 'PUSH_TEST_SECRET' } }, 'Bearer from env'],
  ])('%s', async (_what, user, options, authorization) => {
    process.env.PUSH_TEST_SECRET = 'from env';
    const { url, received } = await gateway('ok');
    expect(await push(url.replace('//', `//${user}`), options)).toBeUndefined();
    expect(received[0]?.headers.authorization).toBe(authorization);
  });

  it('come from a file, anew for each delivery', async () => {
    const { url, received } = await gateway('ok');
    const file = join(folder, 'token');
    for (const token of ['first\n', 'second']) {
      await writeFile(file, token);
      expect(await push(url, { bearerToken: { file } })).toBeUndefined();
    }
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  });

  it('that can not be read are named, and nothing is sent', async () => {
    const { url, received } = await gateway('ok');
    const empty = join(folder, 'empty');
    await writeFile(empty, '\n');
    const trials: [PushgatewayOptions, RegExp][] = [
      [{ bearerToken: { file: join(folder, 'none') } }, /: bearerToken: there is no file \S+none\.$/],
      [{ bearerToken: { file: folder } }, /: bearerToken: EISDIR/],
      [{ username: 'me', password: { file: empty } }, /: password: \S+empty is empty\.$/],
      [
        { bearerToken: { env: 'PUSH_TEST_NONE' } },
        /: bearerToken: the environment variable PUSH_TEST_NONE is not set\.$/,
      ],
    ];
    for (const [options, message] of trials) expect(String(await push(url, options))).toMatch(message);
    expect(received).toEqual([]);
  });

  it('are in no error, even when the gateway repeats them', async () => {
    const secrets = [basic('me:hunter2').slice(6), 'hunter2'];
    for (const fault of [
      { status: 401, text: `what is ${secrets.join(' or ')}?` },
      { status: 302, headers: { location: `http://me:hunter2@elsewhere.example/?auth=${secrets[0]}` } },
      { status: 500, text: 'hunter2' },
      'hang',
      'reset',
      'garbage',
    ] satisfies Fault[]) {
      const { url } = await gateway(fault);
      const error = await push(url.replace('//', '//me:hunter2@'), { timeoutMs: 300 });
      expect(error).toBeInstanceOf(Error);
      for (const secret of secrets) expect(inspect(error, { depth: 9 })).not.toContain(secret);
    }
  });

  it('do not follow a redirect', async () => {
    const other = await gateway('ok');
    const { url } = await gateway([{ status: 307, headers: { location: other.url } }]);
    expect(String(await push(url, { bearerToken: 'abc' }))).toContain(`redirects (307) to ${other.url}, which`);
    expect(other.received).toEqual([]);
  });
});

describe('a web server instead of TLS', () => {
  it('is told in one attempt', async () => {
    const { url, received } = await gateway('ok');
    const error = await push(url.replace('http:', 'https:'));
    expect(String(error)).toMatch(/: does not speak TLS; check whether the URL begins with http: or https:$/);
    expect(received).toEqual([]);
  });
});

describe.skipIf(!needPeers('openssl'))('TLS', () => {
  let made: Certificates;
  beforeAll(async () => {
    made = await makeCertificates();
  });
  afterAll(() => made.remove());

  const read = ({ cert, key }: { cert: string; key: string }): TlsOptions => ({
    cert: readFileSync(cert),
    key: readFileSync(key),
  });

  it.each<[string, keyof Certificates, (c: Certificates) => PushgatewayOptions, RegExp | undefined]>([
    ['trusts the authority it is given', 'server', ({ ca }) => ({ tls: { caFile: ca } }), undefined],
    [
      'trusts a certificate it is given',
      'selfSigned',
      ({ selfSigned }) => ({ tls: { caFile: selfSigned.cert } }),
      undefined,
    ],
    [
      'knows the server by another name',
      'elsewhere',
      ({ ca }) => ({ tls: { caFile: ca, serverName: 'elsewhere.example' } }),
      undefined,
    ],
    [
      'trusts nobody else',
      'selfSigned',
      ({ ca }) => ({ tls: { caFile: ca } }),
      /self-signed certificate; if it is trusted, set its authority in tls.caFile$/,
    ],
    ['trusts the system else', 'server', () => ({}), /unable to (get local issuer|verify the first) certificate/],
    ['wants the name', 'elsewhere', ({ ca }) => ({ tls: { caFile: ca } }), /does not match certificate's altnames/],
    ['wants PEM', 'server', ({ ca }) => ({ tls: { caFile: join(ca, '../nothing') } }), /tls.caFile: there is no file/],
    [
      'wants an authority',
      'server',
      ({ ca, server }) => ({ tls: { caFile: ca, certFile: server.key, keyFile: server.key } }),
      /no start line|PEM/,
    ],
  ])('%s', async (_what, who, options, message) => {
    const { url, received } = await gateway('ok', read(made[who] as never));
    const error = await push(url, { timeoutMs: 3000, ...options(made) });
    if (message === undefined) {
      expect(error).toBeUndefined();
      expect(received.length).toBe(1);
      return;
    }
    expect(String(error)).toMatch(message);
    // One attempt.
    expect(String(error)).not.toMatch(/attempts/);
    expect(received).toEqual([]);
  });

  it('shows a certificate of its own to who asks for one', async () => {
    const asking = { ...read(made.server), ca: readFileSync(made.ca), requestCert: true, rejectUnauthorized: true };
    const { url, received } = await gateway('ok', asking);
    const tls = { caFile: made.ca, certFile: made.client.cert, keyFile: made.client.key };
    expect(await push(url, { tls })).toBeUndefined();
    expect(received.length).toBe(1);
    expect(String(await push(url, { tls: { caFile: made.ca } }))).toMatch(
      /certificate required|ECONNRESET|EPIPE|hang up/,
    );
    expect(received.length).toBe(1);
  });
});
