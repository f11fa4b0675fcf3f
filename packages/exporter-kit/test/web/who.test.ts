import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { hashSync } from '@node-rs/bcrypt';
import { describe, expect, it } from 'vitest';
import type { ServeOptions } from '../../src/index.ts';
import { counting, heard, serving } from '../serving.ts';
import { askOnce, basic } from './ask.ts';
import { fileOf, HASH, PASSWORD } from './made.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const users = `basic_auth_users: {alice: ${HASH}}\n`;
const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

const protectedBy = (web: NonNullable<ServeOptions['web']>, also: ServeOptions = {}): Promise<string> =>
  serving([counting('c').made], { ...also, web });
const statusOf = async (url: string, headers: Record<string, string> = {}): Promise<number | 'refused'> =>
  (await askOnce(url, { headers })).status;

describe('who may ask', () => {
  it('is told with a realm, and how', async () => {
    const plain = await askOnce(await protectedBy({ basic_auth_users: { alice: HASH } }));
    expect(plain.status).toBe(401);
    expect(plain.text).toBe('unauthorized\n');
    expect(plain.headers['www-authenticate']).toBe('Basic realm="test_exporter", charset="UTF-8"');
    const web = { basic_auth_users: { alice: HASH }, bearer_tokens: { a: sha256('t') }, realm: 'the cellar' };
    const both = await askOnce(await protectedBy(web));
    expect(both.headers['www-authenticate']).toBe(
      'Basic realm="the cellar", charset="UTF-8", Bearer realm="the cellar"',
    );
  });

  it('has one of the tokens, during a rotation of either age', async () => {
    const url = await protectedBy({ bearer_tokens: { old: sha256('old token'), new: sha256('new') } });
    expect(await statusOf(url, bearer('new'))).toBe(200);
    expect(await statusOf(url, { authorization: 'bEARER new' })).toBe(200);
    for (const wrong of [bearer('old'), bearer(sha256('new')), bearer(''), basic('old', 'new'), {}]) {
      expect(await statusOf(url, wrong)).toBe(401);
    }
  });

  it('need not be told on open paths', async () => {
    const usual = await protectedBy(fileOf(users));
    const at = (path: string): string => new URL(path, usual).href;
    expect(await statusOf(at('/-/healthy'))).toBe(200);
    expect(await statusOf(at('/-/ready'))).toBe(200);
    for (const path of [
      '/',
      '/-/ready/',
      '/-/status.json',
      '/-/healthy/',
      '//-/healthy',
      '/-/healthy/../../metrics',
      '/nowhere',
    ]) {
      expect((await askOnce(usual, { path })).status, path).toBe(401);
    }
    const other = await protectedBy({ basic_auth_users: { alice: HASH }, open_paths: ['/-/ready'] });
    expect(await statusOf(new URL('/-/ready', other).href)).toBe(200);
    expect(await statusOf(new URL('/-/healthy', other).href)).toBe(401);
  });

  it('is asked whatever the method', async () => {
    const url = await protectedBy(fileOf(users));
    for (const method of ['HEAD', 'OPTIONS', 'POST', 'DELETE']) {
      expect((await askOnce(url, { method })).status).toBe(401);
    }
    expect((await askOnce(url, { method: 'POST', headers: basic('alice', PASSWORD) })).status).toBe(405);
  });

  it('may have a password of any bytes', async () => {
    const odd = 'a:b ü\u{1f511} "';
    const url = await protectedBy({ basic_auth_users: { ünal: hashSync(odd, 4) } });
    expect(await statusOf(url, basic('ünal', odd))).toBe(200);
    expect(await statusOf(url, basic('ünal', odd.slice(0, -1)))).toBe(401);
    expect(await statusOf(url, basic('ünal', '\0'))).toBe(401);
  });

  it('changes with the file, within a second: the old password is dead, remembered or not', async () => {
    const file = fileOf(users);
    const url = await protectedBy(file);
    const [old, next] = [basic('alice', PASSWORD), basic('alice', 'another')];
    expect(await statusOf(url, old)).toBe(200);
    expect(await statusOf(url, next)).toBe(401);
    await writeFile(file, `basic_auth_users: {alice: ${hashSync('another', 4)}}\n`);
    expect([await statusOf(url, old), await statusOf(url, next)]).toEqual([401, 200]);
    await writeFile(file, 'basic_auth_users: {}\n');
    expect(await statusOf(url)).toBe(200);
  });

  it('stays as it was while the file is broken; it is told once, and in the metrics', async () => {
    const file = fileOf(users);
    const { said, log } = heard();
    const url = await protectedBy(file, { log });
    for (const broken of [
      'basic_auth_users: {alice: hunter2}',
      'basic_auth_users: [',
      'nonsense: 1',
      'tls_server_config: {',
    ]) {
      await writeFile(file, broken);
      for (let i = 0; i < 3; i++) {
        expect([await statusOf(url), await statusOf(url, basic('alice', PASSWORD))]).toEqual([401, 200]);
      }
    }
    const told = said.filter(({ level }) => level === 'error');
    expect(told.map(({ message }) => message)).toEqual(
      Array(4).fill('web configuration is invalid; the last good one stays in effect'),
    );
    expect(told[0]?.facts.err).toContain(`${file}:1: basic_auth_users.alice: is not a bcrypt hash`);
    expect(JSON.stringify(said)).not.toContain('hunter2');
    await writeFile(file, '');
    expect(await statusOf(url)).toBe(200);
  });

  it('is found out off the event loop, once for a burst of the same', async () => {
    // About half a second of work.
    const slow = hashSync(PASSWORD, 13);
    const url = await protectedBy({ basic_auth_users: { alice: slow } });
    const turns: number[] = [];
    let last = performance.now();
    const timer = setInterval(() => {
      turns.push(performance.now() - last);
      last = performance.now();
    }, 1);
    const [started, before] = [performance.now(), process.cpuUsage()];
    const burst = Array.from({ length: 20 }, () => statusOf(url, basic('alice', PASSWORD)));
    expect(new Set(await Promise.all(burst))).toEqual(new Set([200]));
    const tookMs = performance.now() - started;
    clearInterval(timer);
    const worked = process.cpuUsage(before);
    const compared = process.cpuUsage();
    hashSync(PASSWORD, 13);
    const once = process.cpuUsage(compared);
    expect(worked.user + worked.system).toBeLessThan(5 * (once.user + once.system));
    expect(Math.max(...turns)).toBeLessThan(tookMs / 2);
  });

  it('has not to wait for a flood of wrong passwords once his is known', async () => {
    const url = await protectedBy({ basic_auth_users: { alice: hashSync(PASSWORD, 10) } });
    const timed = async (headers: Record<string, string>) => {
      const before = performance.now();
      const status = await statusOf(url, headers);
      return { status, ms: performance.now() - before };
    };
    const good = basic('alice', PASSWORD);
    expect(await statusOf(url, good)).toBe(200);
    let flooding = true;
    const flood = Array.from({ length: 60 }, async (_, i) => {
      const answers = [];
      for (let n = 0; flooding; n++) answers.push(await timed(basic('alice', `wrong ${i} ${n}`)));
      return answers;
    });
    const median = (answers: readonly { ms: number }[]): number =>
      answers.map(({ ms }) => ms).sort((a, b) => a - b)[answers.length >> 1]!;
    const known = [];
    for (let i = 0; i < 20; i++) known.push(await timed(good));
    flooding = false;
    const wrong = (await Promise.all(flood)).flat();
    expect(new Set(known.map(({ status }) => status))).toEqual(new Set([200]));
    const statuses = new Set(wrong.map(({ status }) => status));
    expect(statuses.has(200)).toBe(false);
    expect(statuses.has(401)).toBe(true);
    expect(median(known)).toBeLessThan(median(wrong) / 4);
  });

  it('takes as long to be refused, known or not', async () => {
    const url = await protectedBy({ basic_auth_users: { alice: hashSync(PASSWORD, 10) } });
    const best = new Map([
      ['alice', Infinity],
      ['nobody', Infinity],
    ]);
    // In turns, and the best of each: whatever else the machine does only makes it longer, so on a busy one, once more.
    const ratio = (): number => best.get('nobody')! / best.get('alice')!;
    for (let i = 0; i < 10 || (i < 200 && Math.abs(Math.log(ratio())) > Math.log(1.3)); i++) {
      for (const [user, least] of best) {
        const before = performance.now();
        expect(await statusOf(url, basic(user, `wrong ${i}`))).toBe(401);
        best.set(user, Math.min(least, performance.now() - before));
      }
    }
    expect(ratio()).toBeGreaterThan(0.7);
    expect(ratio()).toBeLessThan(1.4);
  });
});

describe('answers', () => {
  it('have the headers that the file names, whatever they are', async () => {
    const headers = {
      'Strict-Transport-Security': 'max-age=60',
      'X-Frame-Options': 'deny',
      'X-Content-Type-Options': 'nosniff',
      'X-XSS-Protection': '1',
      'Content-Security-Policy': "default-src 'self'",
    } as const;
    const url = await protectedBy({
      http_server_config: { headers },
      basic_auth_users: { alice: HASH },
      rate_limit: { interval: '1h', burst: 4 },
    });
    const seen: unknown[] = [];
    for (const [path, who] of [
      ['/metrics', basic('alice', PASSWORD)],
      ['/', basic('alice', PASSWORD)],
      ['/nowhere', basic('alice', PASSWORD)],
      ['/metrics', {}],
      ['/metrics', {}],
    ] as const) {
      const got = await askOnce(new URL(path, url).href, { headers: who });
      seen.push(got.status);
      for (const [name, value] of Object.entries(headers)) expect(got.headers[name.toLowerCase()]).toBe(value);
    }
    expect(seen).toEqual([200, 200, 404, 401, 429]);
  });

  it('above the rate say when to ask again; a new rate counts from the start', async () => {
    const file = fileOf('rate_limit: {interval: 1m30s, burst: 1}');
    const url = await protectedBy(file);
    expect(await statusOf(url)).toBe(200);
    const refused = await askOnce(url);
    expect([refused.status, refused.text]).toEqual([429, 'too many requests; retry later\n']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(80);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(90);
    await writeFile(file, 'rate_limit: {interval: 1m, burst: 1}');
    expect([await statusOf(url), await statusOf(url)]).toEqual([200, 429]);
    await writeFile(file, '');
    expect([await statusOf(url), await statusOf(url)]).toEqual([200, 200]);
  });
});

it.each([
  [{ tls_server_confg: {} }, /^web: tls_server_confg: is unknown; did you mean tls_server_config\?$/],
  [{ basic_auth_users: { alice: 'hunter2' } }, /^web: basic_auth_users.alice: is not a bcrypt hash/],
  [{ basic_auth_users: { alice: 5 } }, /^web: basic_auth_users.alice: must be a string/],
  [{ bearer_tokens: { a: 'hunter2' } }, /^web: bearer_tokens.a: must be the SHA-256 of the token, 64 hex digits/],
  [{ realm: 'a"b' }, /^web: realm: must be/],
  [{ open_paths: ['healthy'] }, /^web: open_paths\[0\]: must be a path/],
  [{ rate_limit: { interval: 'often', burst: 1 } }, /^web: rate_limit.interval: is not a duration/],
  [{ rate_limit: { interval: '1s', burst: 1.5 } }, /^web: rate_limit.burst: must be an integer/],
  [{ http_server_config: { headers: { 'Content-Security-Policy': 'a\nb: c' } } }, /must be printable ASCII/],
  [{ realm: 'a"b' }, /without " and \\, not "a\\"b"\.$/],
  [{ open_paths: ['healthy'] }, /not "healthy"\.$/],
  [{ open_paths: '/-/ready' }, /^web: open_paths: must be a list, not "\/-\/ready"\.$/],
  [{ rate_limit: { interval: 'often', burst: 1 } }, /not "often"\.$/],
  [{ rate_limit: { interval: '1s', burst: 'many' } }, /^web: rate_limit.burst: must be an integer, not "many"\.$/],
  [{ rate_limit: 5 }, /^web: rate_limit: must be a map, not a number\.$/],
  [{ http_server_config: { http2: 'maybe' } }, /^web: .*http2: must be true or false, not "maybe"\.$/],
  [{ http_server_config: { http2: [] } }, /must be true or false, not a list\.$/],
  [{ http_server_config: { headers: { 'X-Frame-Options': 'allow' } } }, /must be deny or sameorigin, not "allow"\.$/],
  [
    { tls_server_config: { cert: 'x', key: 'y', min_version: 'TLS14' } },
    /min_version: must be one of TLS10, .*, not "TLS14"; did you mean TLS1\d\.$/,
  ],
  [
    { tls_server_config: { cert: 'x', key: 'y', max_version: 'TLS11' } },
    /max_version: TLS11 is insecure and not supported; use TLS12 or TLS13\.$/,
  ],
  [
    { tls_server_config: { cert: 'x', key: 'y', min_version: 'TLS13', max_version: 'TLS12' } },
    /is below min_version: TLS12 and TLS13\.$/,
  ],
  [
    { tls_server_config: { cert: 'x', key: 'y', cipher_suites: ['TLS_X'] } },
    /cipher_suites\[0\]: unsupported suite: "TLS_X"/,
  ],
  [
    { tls_server_config: { cert: 'x', key: 'y', curve_preferences: ['P256'] } },
    /curve_preferences\[0\]: .*, not "P256"\.$/,
  ],
  [{ tls_server_config: { client_auth_type: 'Always' } }, /client_auth_type: must be one of .*, not "Always"\.$/],
  // What may be a secret is told by its kind.
  [{ basic_auth_users: 'alice:hunter2' }, /^web: basic_auth_users: must be a map, not a string\.$/],
  [{ basic_auth_users: { alice: ['hunter2'] } }, /^web: basic_auth_users.alice: must be a string, not a list\.$/],
  [
    { basic_auth_users: { 'a:b': 'hunter2' } },
    /^web: basic_auth_users.a:b: a user name with a colon cannot log in; remove the colon\.$/,
  ],
  [
    { tls_server_config: { cert: 'x', key_file: '-----BEGIN hunter2' } },
    /key_file: is PEM text, not a path; use key for it\.$/,
  ],
])('refuses the object %j', async (web, message) => {
  const error: Error = await serving([], { web: web as never }).then(
    () => new Error('serves'),
    (err) => err,
  );
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('hunter2');
});
